// A form's fields as values, and back.

/** What stands in the form's visible fields. */
export function typed(form) {
  return [...new FormData(form)].filter(([name]) => !["card_id", "seed", "shown_ms", "scored"].includes(name));
}

/** Puts typed values back; the counterpart of `typed`. */
export function restore(form, values) {
  const order = values.filter(([name]) => name === "order").map(([, value]) => value);
  for (const [name, value] of values) {
    for (const field of form.elements) {
      if (field.name !== name || name === "order") continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked ||= field.value === value;
      else field.value = value;
    }
  }
  const list = form.querySelector("[data-sortable]");
  for (const key of list ? order : []) {
    const item = list.querySelector(`[data-item="${CSS.escape(key)}"]`);
    if (item) list.append(item);
  }
}
