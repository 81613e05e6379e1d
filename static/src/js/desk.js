// The desk: editor, draft and results held together.
import { Draft } from "./drafts.js";
import { openEditor } from "./editor.js";
import { sound } from "./alarm.js";
import { Results } from "./results.js";
import { openTabs } from "./tabs.js";
import { fill } from "./words.js";

/** Sets the page up round its form. `send` saves drafts otherwise than usual (see `Draft`), which are returned. */
export function openDesk(form, { send: sendDraft } = {}) {
  const words = form.dataset;
  const state = form.querySelector("[data-state]");
  const refusal = form.querySelector("[data-refusal]");
  const tabs = openTabs(document.querySelector("[data-code-page]"));
  const show = (name) => {
    state.textContent = words[name];
    state.dataset.state = name;
  };
  const draft = new Draft(words.draft, words.keyOfDraft, show, sendDraft);
  const results = new Results(document.getElementById("results-slot"), {
    side: words.side,
    onLost: () => sound(words.lost),
    onNews: () => tabs.open("results"),
  });

  const plain = form.elements.namedItem("code");
  const editor = openEditor(form.querySelector("[data-editor]"), plain.value, {
    label: words.label,
    run: () => send("run"),
    submit: () => send("submit"),
    onChange: (text) => {
      draft.changed(text);
      results.compare(text);
    },
  });
  const kept = draft.kept(plain.value);
  if (kept !== null) {
    editor.replace(kept); // on top of what the server has: undo brings that back
    show("restored");
  }
  results.start(editor.text());

  function refuse(text) {
    refusal.textContent = text;
    refusal.hidden = !text;
  }

  async function send(mode) {
    const code = editor.text();
    const size = new TextEncoder().encode(code).length;
    if (form.querySelector(`[value=${mode}]`)?.disabled !== false) return;
    if (size > Number(words.maxBytes)) {
      refuse(fill(words.tooLong, { size: Math.ceil(size / 1024) }));
      return;
    }
    refuse("");
    const session = form.elements.namedItem("session_id")?.value;
    const custom = mode === "run" ? form.elements.namedItem("custom").value : "";
    const fields = { code, mode, custom, ...(session && { session_id: session }) };
    const sent = await results.submit(form.action, fields);
    if (!sent) refuse(words.unreachable);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.submitter?.value === "submit" ? "submit" : "run");
  });

  // Switching the language reloads the page: the draft goes first.
  document.querySelector(".switch")?.addEventListener("submit", () => {
    results.stay();
    draft.flush({ leaving: true });
  });

  const asking = document.getElementById("restore");
  asking.addEventListener("close", () => {
    if (asking.returnValue === "restore") editor.replace(document.getElementById("starter").content.textContent);
    asking.returnValue = "";
    editor.focus();
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send(event.shiftKey ? "submit" : "run");
  });
  return draft;
}
