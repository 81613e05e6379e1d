// Builds static/src into static/dist: hashed names, manifest.json, the licences of what is shipped.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const icons = join(here, "icons");
const dist = join(here, "dist");
const modules = join(here, "..", "node_modules");

const fontLicences = ["@fontsource/stix-two-math"];

/** Bundles scripts and styles; returns `{entry name: hashed name}` and the packages that went in. */
async function bundle() {
  const { metafile } = await build({
    entryPoints: [join(source, "js/app.js"), join(source, "js/code.js"), join(source, "js/interview.js"), join(source, "js/interview-code.js"), join(source, "js/bank-editor.js"), join(source, "js/bank-yaml.js"), join(source, "css/app.css")],
    outdir: dist,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    loader: { ".woff2": "file" },
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  const names = {};
  const packages = new Set(fontLicences);
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (output.entryPoint) names[basename(output.entryPoint)] = basename(path);
    for (const input of Object.keys(output.inputs)) {
      const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
      if (found) packages.add(found[1]);
    }
  }
  return { names, packages };
}

/** Copies static/icons under hashed names. */
async function copyIcons() {
  const names = {};
  for (const name of await readdir(icons)) {
    const bytes = await readFile(join(icons, name));
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();
    const ending = extname(name);
    names[name] = `${basename(name, ending)}-${hash}${ending}`;
    await writeFile(join(dist, names[name]), bytes);
  }
  return names;
}

/** One text with the licence of every package whose code or font is shipped. */
async function licences(packages) {
  const texts = [];
  for (const name of [...packages].sort()) {
    const folder = join(modules, name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} ships no licence text`);
    texts.push(`${name} ${version} (${license})\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`);
  }
  return texts.join(`\n${"-".repeat(78)}\n\n`);
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const { names, packages } = await bundle();
const manifest = { ...names, ...(await copyIcons()), "licences.txt": "licences.txt" };
await writeFile(join(dist, "licences.txt"), await licences(packages));
await writeFile(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
