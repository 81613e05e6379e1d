// After a swap: focus goes to the new heading, time starts with a new card, a refused answer keeps what was typed.
import { restore, typed } from "./fields.js";
import { cardName, startTiming } from "./forms.js";

let before = null;

document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.target.querySelector?.("form[data-answer]");
  before = { card: cardName(document.querySelector("[data-card]")), values: form ? typed(form) : [] };
});

document.addEventListener("htmx:afterSettle", (event) => {
  const place = event.detail.target;
  if (!place.matches("#stage, #try, #code-side")) return;
  const card = document.querySelector("[data-card]");
  const same = before && cardName(card) === before.card;
  const form = card?.querySelector("form[data-answer]");
  if (same && form) restore(form, before.values);
  if (card && !same && card.dataset.answered === "no") startTiming();
  const invalid = place.querySelector("[aria-invalid=true]");
  const within = place.isConnected ? place : document;
  const target = invalid ?? within.querySelector("[data-focus]");
  if (!target) return;
  target.focus({ preventScroll: true });
  if (target.id === "verdict") target.scrollIntoView({ block: "nearest", behavior: motion() });
  else if (place.id !== "code-side") window.scrollTo({ top: 0 });
});

function motion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
}

const first = document.querySelector("#stage [data-focus]");
if (first && !location.hash) first.focus({ preventScroll: true });
