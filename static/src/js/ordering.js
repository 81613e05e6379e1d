// Ordering: by buttons, by Alt and the arrows, by dragging. The fields' order in the page is the answer.
import { announce, word } from "./words.js";

function arm(list) {
  list.dataset.ready = "";
  // In a swapped fragment the parser took the selects for scriptless browsers for real fields.
  list.closest("form").querySelector("noscript")?.remove();
  for (const field of list.querySelectorAll("input[name=order]")) field.disabled = false;
  mindEnds(list);
}

/** The first can't go up, the last can't go down. */
function mindEnds(list) {
  const items = [...list.children];
  items.forEach((item, at) => {
    item.querySelector("[data-move='-1']").setAttribute("aria-disabled", String(at === 0));
    item.querySelector("[data-move='1']").setAttribute("aria-disabled", String(at === items.length - 1));
  });
}

function place(item) {
  return [...item.parentElement.children].indexOf(item);
}

function tell(item) {
  const total = item.parentElement.children.length;
  announce(word("moved", { place: place(item) + 1, total }));
}

function move(item, step) {
  const list = item.parentElement;
  const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  const focused = document.activeElement;
  if (step < 0) other.before(item);
  else other.after(item);
  mindEnds(list);
  if (item.contains(focused)) focused.focus();
  item.scrollIntoView({ block: "nearest" });
  tell(item);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (button) move(button.closest("[data-item]"), Number(button.dataset.move));
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const item = event.target instanceof Element && event.target.closest("[data-item]");
  if (!step || !item || event.isComposing) return;
  event.preventDefault();
  if (event.altKey) {
    move(item, step);
    return;
  }
  const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
  const same = event.target.dataset.move ?? "1";
  other?.querySelector(`[data-move="${same}"]`)?.focus();
});

let dragged = null;

document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest("[data-sortable] [data-item]");
  const grip = event.target.closest(".sortable-grip");
  if (!item || event.button !== 0 || event.target.closest("button, a")) return;
  if (event.pointerType !== "mouse" && !grip) return;
  dragged = item;
  item.dataset.dragged = "";
  item.setPointerCapture(event.pointerId);
  event.preventDefault();
});

document.addEventListener("pointermove", (event) => {
  if (!dragged) return;
  const above = [...dragged.parentElement.children].filter((it) => it !== dragged && middle(it) < event.clientY);
  const before = above.length ? above.at(-1) : null;
  if (before === dragged.previousElementSibling) return;
  if (before) before.after(dragged);
  else dragged.parentElement.prepend(dragged);
});

function middle(item) {
  const { top, height } = item.getBoundingClientRect();
  return top + height / 2;
}

for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => {
    if (!dragged) return;
    delete dragged.dataset.dragged;
    mindEnds(dragged.parentElement);
    tell(dragged);
    dragged = null;
  });
}

function armAll() {
  for (const list of document.querySelectorAll("[data-sortable]:not([data-ready])")) arm(list);
}

document.addEventListener("htmx:load", armAll);
armAll();
