// The code editor: CodeMirror for Python.
import { acceptCompletion } from "@codemirror/autocomplete";
import { indentWithTab, isolateHistory } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { basicSetup } from "codemirror";
import { colours, overtype, theme } from "./editor-look.js";

/**
 * Opens an editor in `place` (its content is replaced).
 * `onChange(text)` follows every edit; `run` and `submit` are the keyboard's.
 */
export function openEditor(place, text, { label, onChange, run, submit }) {
  const host = document.createElement("div");
  host.className = "editor-host";
  place.replaceChildren(host);
  const root = host.attachShadow({ mode: "open" });
  const command = (act) => () => {
    act();
    return true;
  };
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(
          keymap.of([
            { key: "Mod-Enter", run: command(run) },
            { key: "Mod-Shift-Enter", run: command(submit) },
            { key: "Tab", run: acceptCompletion },
          ]),
        ),
        overtype,
        basicSetup,
        keymap.of([indentWithTab]),
        indentUnit.of("    "),
        EditorState.tabSize.of(4),
        python(),
        theme,
        syntaxHighlighting(colours),
        EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", autocapitalize: "off", spellcheck: "false" }),
        EditorView.updateListener.of((update) => update.docChanged && onChange(update.state.doc.toString())),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    focus: () => view.focus(),
    replace: (next) => view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: next },
        annotations: isolateHistory.of("full"), // undone by itself, however quickly it followed the last key
      }),
  };
}
