// Words that scripts say: the page carries them in the learner's language.

/** The phrase `name` with `{key}` places filled. */
export function word(name, values = {}) {
  const phrase = document.getElementById("words")?.dataset[name] ?? "";
  return fill(phrase, values);
}

export function fill(phrase, values) {
  return phrase.replace(/\{(\w+)\}/g, (place, key) => (key in values ? String(values[key]) : place));
}

/** Says `text` to screen readers, politely. */
export function announce(text) {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
}
