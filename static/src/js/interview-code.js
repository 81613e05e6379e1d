// A coding question of a sitting: the editor, whose drafts are its answer.
import { openDesk } from "./desk.js";
import { sender } from "./sitting-drafts.js";

const form = document.getElementById("editor-form");
const { revision } = form.closest("[data-revision]").dataset;
const send = sender(form.dataset.draft, revision, "text/plain; charset=utf-8", () => {});
const draft = openDesk(form, { send });
addEventListener("whetstone:time-over", () => draft.flush({ leaving: true }));
