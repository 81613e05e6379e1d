// Single keys press what carries them in `data-key`. Off in editable fields, while composing, and by the learner's setting.
import { announce, word } from "./words.js";

const EDITABLE = "input:not([type=radio], [type=checkbox], [type=button], [type=submit]), textarea, select, [contenteditable=true]";
const PRESSABLE = "a[href], button, summary, [role=button], [role=tab], input[type=radio], input[type=checkbox]";

export function isTyping(event) {
  const target = event.composedPath()[0];
  return event.isComposing || event.keyCode === 229 || (target instanceof Element && target.matches(EDITABLE));
}

const shown = (element) => element.checkVisibility() && !element.disabled;

function carrying(key) {
  const found = document.querySelectorAll(`[data-key~="${CSS.escape(key)}"]`);
  return [...found].find(shown);
}

function press(target) {
  const was = target.checked;
  target.click();
  if (target.matches("[type=radio], [type=checkbox]") && target.checked !== was) {
    const key = target.labels[0]?.querySelector(".option-key")?.textContent ?? target.value;
    announce(word(target.checked ? "picked" : "unpicked", { key }));
  }
}

/** In matching questions a letter answers the row in focus, else the first open one. */
function pressChip(key) {
  const rows = [...document.querySelectorAll("[data-row]")].filter(shown);
  const row = document.activeElement?.closest("[data-row]") ?? rows.find((it) => !it.querySelector(":checked"));
  const chip = row && [...row.querySelectorAll("input")].find((it) => it.value.toLowerCase() === key);
  if (!chip) return false;
  const inRow = row.contains(document.activeElement);
  press(chip);
  const next = rows[rows.indexOf(row) + 1];
  if (inRow && next) (next.querySelector(":checked") ?? next.querySelector("input")).focus();
  return true;
}

/** Numbers may be typed at once; Enter goes to the first empty field. */
function enterField(key) {
  const fields = [...document.querySelectorAll("[data-typed]")].filter(shown);
  const field = fields.find((it) => !it.value) ?? fields[0];
  if (!field) return false;
  const digit = /^[-+.\d]$/.test(key);
  if (key === "Enter" ? field.value : !(digit && field.id === "value")) return false;
  field.focus();
  if (digit) document.execCommand("insertText", false, key);
  return true;
}

function onKey(event) {
  if (event.defaultPrevented || event.repeat || isTyping(event) || document.querySelector("dialog[open]")) return;
  if (document.body.dataset.shortcuts === "off" || event.altKey) return;
  const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) {
    const undo = key === "z" && !event.shiftKey && carrying("u");
    if (undo) {
      event.preventDefault();
      undo.click();
    }
    return;
  }
  const onControl = document.activeElement?.matches(PRESSABLE);
  if ((key === "Enter" || key === "Space") && onControl) return;
  if (key === "?") {
    const help = document.getElementById("shortcuts");
    if (help) help.showModal();
    return;
  }
  if (pressChip(key) || enterField(key)) {
    event.preventDefault();
    return;
  }
  const target = carrying(key);
  if (!target) return;
  event.preventDefault();
  press(target);
}

/** Enter in a blank goes on to the next empty one before it sends; Ctrl+Enter sends a long answer. */
function onFieldKey(event) {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
  const field = event.target;
  if (!(field instanceof Element) || !field.matches("[data-typed]")) return;
  if (field.matches("textarea")) {
    if (event.ctrlKey || event.metaKey) field.form.requestSubmit(field.form.querySelector("[data-submit]"));
    return;
  }
  const next = [...field.form.querySelectorAll("[data-typed]")].find((it) => it !== field && !it.value);
  if (next && field.value) {
    event.preventDefault();
    next.focus();
  }
}

document.addEventListener("keydown", onFieldKey);
document.addEventListener("keydown", onKey);
