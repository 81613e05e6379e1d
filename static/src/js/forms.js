// Forms: no double sending, answer time, and what was typed survives a refused answer or a switch of language.

import { restore, typed } from "./fields.js";

const KEPT = "whetstone:typed";
let shownAt = performance.now();
let hiddenMs = 0;
let hiddenSince = null;

document.addEventListener("visibilitychange", () => {
  if (document.hidden) hiddenSince = performance.now();
  else if (hiddenSince !== null) {
    hiddenMs += performance.now() - hiddenSince;
    hiddenSince = null;
  }
});

/** A new card is on the page: its time starts now. */
export function startTiming() {
  shownAt = performance.now();
  hiddenMs = 0;
}

function shownMs() {
  return Math.max(0, Math.round(performance.now() - shownAt - hiddenMs));
}

// Runs before htmx or the browser collects the fields.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const field = form.elements.namedItem("shown_ms");
    if (field) field.value = String(shownMs());
    const byScript = form.hasAttribute("hx-post") || event.submitter?.hasAttribute("hx-post") || form.id === "editor-form";
    if (byScript || form.method !== "post") return;
    if ("busy" in form.dataset) event.preventDefault();
    else form.dataset.busy = "";
  },
  true,
);

// The browser may bring a page back as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-busy]")) delete form.dataset.busy;
});

/** The card now on the page, told apart from others and from its other drawings. */
export function cardName(card) {
  return card ? `${card.dataset.card}/${card.dataset.seed}/${card.dataset.answered}` : "";
}

const answerForm = () => document.querySelector("form[data-answer]");

document.addEventListener("submit", (event) => {
  const form = answerForm();
  if (!event.target.matches(".switch") || !form) return;
  const kept = { card: cardName(form.closest("[data-card]")), values: typed(form) };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
});

const kept = sessionStorage.getItem(KEPT);
if (kept) {
  sessionStorage.removeItem(KEPT);
  const { card, values } = JSON.parse(kept);
  const form = answerForm();
  if (form && cardName(form.closest("[data-card]")) === card) restore(form, values);
}
