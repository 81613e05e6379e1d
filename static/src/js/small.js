// Small things: dialogs, copying, trying a theme, search as one types, the count of chosen topics.
import { announce } from "./words.js";

document.addEventListener("click", async (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();

  const copier = event.target.closest("[data-copy]");
  if (copier) {
    await navigator.clipboard.writeText(copier.parentElement.querySelector("pre").textContent);
    const copied = document.querySelector("[data-copied]")?.dataset.copied ?? "";
    copier.textContent = copied;
    announce(copied);
  }
});

// Copying needs a secure address (https or this machine); elsewhere the button stays away.
function showCopiers() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}

document.addEventListener("htmx:load", showCopiers);
document.addEventListener("whetstone:results", showCopiers);
showCopiers();

// What is too wide scrolls by itself, so the keyboard must reach it.
function openToKeyboard() {
  const wides = ".prose :is(pre, table, .math-display, math[display=block], :is(p, ul, ol, dd):has(math))";
  for (const wide of document.querySelectorAll(wides)) {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
    else wide.removeAttribute("tabindex");
  }
}

document.addEventListener("htmx:load", openToKeyboard);
document.addEventListener("toggle", openToKeyboard, true);
addEventListener("resize", openToKeyboard);
openToKeyboard();

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-theme-choice]")) document.documentElement.dataset.theme = event.target.value;
  if (event.target.closest("[data-choosing]")) countChosen();
  const filters = event.target.closest("[data-settling]");
  if (!filters) return;
  if (event.target.name === "area") filters.elements.topic.value = "";
  settle(filters, 0);
});

let settling;

/** Sends a filter form once typing has come to rest, never in the middle of composing Chinese. */
function settle(form, delayMs) {
  clearTimeout(settling);
  settling = setTimeout(() => form.dispatchEvent(new Event("settled")), delayMs);
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-settling]");
  if (form && event.target.type === "search" && !event.isComposing) settle(form, 250);
});

document.addEventListener("compositionend", (event) => {
  const form = event.target.closest("[data-settling]");
  if (form) settle(form, 250);
});

function countChosen() {
  const chosen = document.querySelectorAll("[data-choosing] input:checked").length;
  const place = document.querySelector("[data-chosen]");
  if (!place) return;
  place.hidden = !chosen;
  place.textContent = `(${chosen})`;
}

countChosen();
