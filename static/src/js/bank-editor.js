// The question editor: the text is kept, checked and previewed as one types.
import { Draft } from "./drafts.js";
import { openTabs } from "./tabs.js";
import { fill } from "./words.js";

const REST_MS = 400;
const form = document.getElementById("bank-editor-form");
const words = form.dataset;
const plain = form.elements.namedItem("yaml");
const state = form.querySelector("[data-state]");
const findings = document.getElementById("bank-findings");
const frame = document.querySelector(".bank-preview");
const pick = form.elements.namedItem("pick");
const stale = document.querySelector("[data-stale]");
const tabs = openTabs(document.querySelector("[data-bank-editor]"), "text");
let editor = null;
let resting;
let asked = 0;
let savedAt = "";

// As a form, the fields are what is typed into, and the text with them is put together by the server.
const fields = form.querySelector(".qform");
const draft = new Draft(words.draft, `whetstone:bank:${words.draft}`, show, keep);

function show(name) {
  state.textContent = fill(words[name] ?? "", { time: savedAt });
  state.dataset.state = name;
}

/** Everything that the form says, as one request. */
async function send(method, address, options = {}) {
  return fetch(address, { method, body: new FormData(form), ...options });
}

async function keep(_text, leaving) {
  try {
    const response = await send("PUT", words.draft, { keepalive: leaving });
    if (response.status === 413 || response.status === 422 || response.status === 403) return null;
    if (!response.ok || response.redirected) return false;
    savedAt = (await response.json()).saved_at;
    return true;
  } catch {
    return false;
  }
}

function changed() {
  draft.changed(plain.value);
  clearTimeout(resting);
  resting = setTimeout(look, REST_MS);
}

/** Checks the text and previews it; of several answers under way only the last one asked for counts. */
async function look() {
  const turn = ++asked;
  try {
    const [checked, shown] = await Promise.all([send("POST", words.check), send("POST", words.preview)]);
    const [faults, preview] = await Promise.all([checked.text(), shown.text()]);
    if (turn !== asked) return;
    if (checked.ok) {
      findings.innerHTML = faults;
      mark();
    }
    const fresh = new DOMParser().parseFromString(preview, "text/html");
    stale.hidden = fresh.querySelector("[data-preview=shown]") !== null;
    if (stale.hidden) {
      offer(fresh.querySelector("[data-picks]"));
      paint(fresh);
    }
  } catch {
    if (turn === asked) stale.hidden = false;
  }
}

function mark() {
  const faults = [...findings.querySelectorAll("[data-line]")].map((it) => ({
    line: Number(it.dataset.line),
    column: Number(it.dataset.column),
    message: it.dataset.message,
  }));
  editor?.mark(faults);
}

/** Puts a new preview in the frame's place without moving what is looked at. The frame runs no script. */
function paint(fresh) {
  const old = frame.contentDocument;
  if (!old?.body) return;
  old.documentElement.lang = fresh.documentElement.lang;
  old.documentElement.dataset.theme = fresh.documentElement.dataset.theme;
  old.body.replaceWith(old.adoptNode(fresh.body));
}

/** Offers the wrong answers that the text has now; the chosen one stays chosen while there is one of its name. */
function offer(fresh) {
  const picked = pick.value;
  pick.replaceChildren(document.adoptNode(fresh.content));
  if ([...pick.options].some((it) => it.value === picked)) pick.value = picked;
  pick.disabled = pick.options.length === 0;
}

form.addEventListener("input", (event) => {
  if (event.target === plain || fields?.contains(event.target)) changed();
});

document.addEventListener("change", (event) => {
  if (event.target === pick) form.elements.namedItem("side").value = "wrong";
  if (event.target.matches("[data-look]")) look();
});

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (step) {
    const field = form.elements.namedItem(step.dataset.step);
    field.value = String(Number(field.value || 0) + 1);
    look();
  }
  const place = event.target.closest("[data-go-to]");
  if (place && editor) {
    tabs.open("text");
    editor.goTo(Number(place.dataset.goTo));
  }
});

// What is shown in the frame by its own button would go on showing it after the text changed.
form.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("formtarget")) {
    event.preventDefault();
    tabs.open("preview");
    look();
  } else if (!event.defaultPrevented) draft.drop();
});

async function start() {
  for (const button of document.querySelectorAll("[data-step][hidden]")) button.hidden = false;
  if (fields) return;
  const kept = draft.kept(plain.value);
  if (kept !== null) {
    plain.value = kept;
    changed();
  }
  const [{ openYaml }, schema] = await Promise.all([import(words.yamlEditor), fetch(words.schema).then((it) => it.json())]);
  editor = openYaml(form.querySelector("[data-editor]"), plain.value, {
    label: words.label,
    schema,
    save: () => draft.flush(),
    onChange: (text) => {
      plain.value = text;
      changed();
    },
  });
  plain.hidden = true;
  document.querySelector("label[for=yaml]").addEventListener("click", () => editor.focus());
  mark();
}

start();
