// Completion of a question's YAML from the JSON Schema of a topic file: field names, the values of closed sets,
// and in lists the values that the schema gives as examples (facts by their topic).

/** A completion source over the whole `schema`; the text's own `kind` chooses the question's. */
export function completer(schema) {
  return (context) => {
    if (context.view?.composing) return null;
    const before = context.state.doc.lineAt(context.pos);
    const written = before.text.slice(0, context.pos - before.from);
    const lines = context.state.doc.toString().split("\n");
    const number = before.number - 1;
    const value = /^(\s*(?:- )*)([\w-]+):\s+([\w-]*)$/.exec(written);
    if (value) {
      const fields = fieldsAt(schema, lines, number, value[1].length);
      const values = valuesOf(schema, fields[value[2]]);
      return values.length ? { from: context.pos - value[3].length, options: values.map(asValue), validFor: /^[\w-]*$/ } : null;
    }
    const listed = /^(\s*(?:- )*)([\w-]+):\s+\[(?:[^[\]{}]*,\s*)?([\w/-]*)$/.exec(written);
    if (listed) {
      const fields = fieldsAt(schema, lines, number, listed[1].length);
      return offered(context, valuesOf(schema, itemsOf(schema, fields[listed[2]] ?? {})), listed[3]);
    }
    const item = /^(\s*- )([\w/-]*)$/.exec(written);
    if (item) {
      const values = valuesOf(schema, nodeAt(schema, lines, number, item[1].length));
      if (values.length) return offered(context, values, item[2]);
    }
    const name = /^(\s*(?:- )*)([\w-]*)$/.exec(written);
    if (!name || (!name[2] && !context.explicit)) return null;
    const fields = fieldsAt(schema, lines, number, name[1].length);
    const options = Object.entries(fields).map(([label, it]) => asField(schema, label, it));
    return options.length ? { from: context.pos - name[2].length, options, validFor: /^[\w-]*$/ } : null;
  };
}

function offered(context, values, begun) {
  if (!values.length || (!begun && !context.explicit)) return null;
  return { from: context.pos - begun.length, options: values.map(asValue), validFor: /^[\w/-]*$/ };
}

const asValue = (label) => ({ label, type: "enum" });

function asField(schema, label, field) {
  const inner = resolved(schema, field);
  const nests = inner.properties || inner.additionalProperties || inner.items;
  const info = field.description ?? inner.description;
  return { label, type: "property", apply: `${label}:${nests ? "" : " "}`, ...(info && { info }) };
}

/** The fields that may stand in line `number` (from 0), `column` characters in: those of what it is nested in. */
export function fieldsAt(schema, lines, number, column) {
  return propertiesOf(schema, nodeAt(schema, lines, number, column));
}

function nodeAt(schema, lines, number, column) {
  let node = questionOf(schema, lines);
  for (const key of pathTo(lines, number, column)) node = within(schema, node, key);
  return node;
}

/** Names of the mappings round a place, outermost first. */
function pathTo(lines, number, column) {
  const path = [];
  let limit = column;
  for (let at = number - 1; at >= 0 && limit > 0; at -= 1) {
    const found = /^(\s*(?:- )*)([\w-]+):/.exec(lines[at]);
    // A list may stand as far in as the name of what it is.
    const opens = found && (found[1].length < limit || (found[1].length === limit - 2 && /^\s*- /.test(lines[at + 1] ?? "")));
    if (!opens) continue;
    path.unshift(found[2]);
    limit = found[1].includes("-") ? found[1].indexOf("-") : found[1].length;
    limit = Math.min(limit, found[1].length);
    if (found[1].includes("-")) limit += 1; // the list's own name may stand in the same column as its dashes
  }
  return path;
}

function questionOf(schema, lines) {
  const kind = lines.map((line) => /^kind:\s*["']?([\w-]+)/.exec(line)?.[1]).find(Boolean);
  const { discriminator } = schema.properties.questions.items;
  const named = discriminator.mapping[kind];
  if (named) return resolved(schema, { $ref: named });
  return { properties: { id: {}, kind: { enum: Object.keys(discriminator.mapping) } } };
}

/** What stands under `key` of `node`; of a list, what its items are. */
function within(schema, node, key) {
  const branches = branchesOf(schema, node);
  for (const branch of branches) {
    const inner = branch.properties?.[key] ?? (typeof branch.additionalProperties === "object" ? branch.additionalProperties : null);
    if (inner) return itemsOf(schema, inner);
  }
  return {};
}

function itemsOf(schema, field) {
  return { anyOf: branchesOf(schema, field).flatMap((it) => (it.items ? branchesOf(schema, it.items) : [it])) };
}

function propertiesOf(schema, node) {
  return Object.assign({}, ...branchesOf(schema, node).map((branch) => branch.properties ?? {}));
}

function valuesOf(schema, field) {
  if (!field) return [];
  return branchesOf(schema, field).flatMap((it) => {
    if (it.enum) return it.enum.map(String);
    if (it.const !== undefined) return [String(it.const)];
    return it.type === "boolean" ? ["true", "false"] : (it.examples ?? []);
  });
}

function branchesOf(schema, node) {
  const found = resolved(schema, node);
  return (found.anyOf ?? found.oneOf)?.flatMap((it) => branchesOf(schema, it)) ?? [found];
}

function resolved(schema, node) {
  return node.$ref ? { ...schema.$defs[node.$ref.split("/").at(-1)], ...(node.description && { description: node.description }) } : node;
}
