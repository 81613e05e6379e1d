// An answer of a sitting, saved as it is given. The form's button does the same without script.
import { Draft } from "./drafts.js";
import { restore } from "./fields.js";
import { sender } from "./sitting-drafts.js";

const FORM = "application/x-www-form-urlencoded;charset=UTF-8";

/** Saves what changes in `form`, if there is one. */
export function openAnswer(form) {
  if (!form) return;
  const words = form.dataset;
  const state = form.querySelector("[data-state]");
  const show = (name) => {
    if (name !== "saved") state.textContent = words[name];
    state.dataset.state = name;
  };
  const onSaved = (text) => (state.textContent = text);
  const send = sender(words.draft, words.revision, FORM, onSaved);
  const draft = new Draft(words.draft, words.keptAs, show, send);
  const values = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")).toString();

  const kept = draft.kept(values());
  if (kept !== null) {
    restore(form, [...new URLSearchParams(kept)]);
    draft.changed(values());
    show("restored");
  }

  form.addEventListener("input", () => draft.changed(values()));
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-move]")) setTimeout(() => draft.changed(values()));
  });
  form.addEventListener("keyup", (event) => event.altKey && draft.changed(values()));
  form.addEventListener("pointerup", () => form.querySelector("[data-sortable]") && setTimeout(() => draft.changed(values())));
  addEventListener("whetstone:time-over", () => draft.flush({ leaving: true }));
  document.querySelector(".switch")?.addEventListener("submit", () => draft.flush({ leaving: true }));
}
