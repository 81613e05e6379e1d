// The YAML editor of questions: CodeMirror with the schema's completion and the server's faults at their lines.
import { acceptCompletion, autocompletion } from "@codemirror/autocomplete";
import { indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { basicSetup } from "codemirror";
import { colours, overtype, theme } from "./editor-look.js";
import { completer } from "./bank-schema.js";

const marks = EditorView.theme({
  ".cm-diagnostic": { padding: "0.25rem 0.5rem", whiteSpace: "pre-wrap", maxWidth: "36rem" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--wrong)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--wrong) 1px" },
});

/** Opens an editor in `place` (its content is replaced). `onChange(text)` follows every edit; `schema` completes. */
export function openYaml(place, text, { label, onChange, save, schema }) {
  const host = document.createElement("div");
  host.className = "editor-host";
  place.append(host);
  const root = host.attachShadow({ mode: "open" });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(
          keymap.of([
            { key: "Mod-s", run: () => (save(), true) },
            { key: "Tab", run: acceptCompletion },
          ]),
        ),
        overtype,
        basicSetup,
        keymap.of([indentWithTab]),
        indentUnit.of("  "),
        EditorState.tabSize.of(2),
        yaml(),
        autocompletion({ override: [completer(schema)] }),
        lintGutter(),
        theme,
        marks,
        syntaxHighlighting(colours),
        EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", autocapitalize: "off", spellcheck: "false" }),
        // What is being composed is no text yet; it is told of when it is done.
        EditorView.updateListener.of(({ docChanged, state, view }) => docChanged && !view.composing && onChange(state.doc.toString())),
        EditorView.domEventHandlers({ compositionend: (_, view) => void setTimeout(() => onChange(view.state.doc.toString())) }),
      ],
    }),
  });

  function lineAt(number) {
    return view.state.doc.line(Math.min(Math.max(number, 1), view.state.doc.lines));
  }

  return {
    focus: () => view.focus(),
    /** Marks each fault `{line, column, message}` from its column to the end of its line. */
    mark(faults) {
      const found = faults.map(({ line, column, message }) => {
        const { from, to } = lineAt(line);
        const start = Math.min(from + Math.max(column - 1, 0), to);
        return { from: start === to ? from : start, to, severity: "error", message };
      });
      found.sort((a, b) => a.from - b.from);
      view.dispatch(setDiagnostics(view.state, found));
    },
    goTo(number) {
      const { from } = lineAt(number);
      view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
      view.focus();
    },
  };
}
