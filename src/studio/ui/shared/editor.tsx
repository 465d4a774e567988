import { autocompletion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { yaml } from "@codemirror/lang-yaml";
import { type Diagnostic, linter, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { basicSetup } from "codemirror";
import { type ReactNode, useEffect, useRef } from "react";
import type { SourceDiagnostic } from "../../contract/shared.ts";

export type Completion = { readonly label: string; readonly detail: string; readonly info: string };

/** YAML with diagnostics at their places and completion. Tab leaves the editor, as everywhere; Escape closes what is offered. */
export function YamlEditor({
  label,
  text,
  diagnostics,
  completions = [],
  onChange,
}: {
  readonly label: string;
  /** Taken when it is another than the editor's own. */
  readonly text: string;
  readonly diagnostics: readonly SourceDiagnostic[];
  readonly completions?: readonly Completion[];
  readonly onChange: (text: string) => void;
}): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const changed = useRef(onChange);
  changed.current = onChange;
  const offered = useRef(completions);
  offered.current = completions;
  const first = useRef(text);
  useEffect(() => {
    if (place.current === null) {
      return;
    }
    const labelled = new Compartment();
    editor.current = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          basicSetup,
          yaml(),
          lintGutter(),
          linter(null),
          labelled.of(EditorView.contentAttributes.of({ "aria-label": label })),
          autocompletion({ override: [(context) => complete(context, offered.current)] }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) {
              changed.current(update.state.doc.toString());
            }
          }),
        ],
      }),
    });
    // What scrolls must be reachable by keyboard.
    editor.current.scrollDOM.tabIndex = 0;
    return () => {
      editor.current?.destroy();
      editor.current = null;
    };
  }, [label]);
  useEffect(() => {
    const { current: view } = editor;
    if (view === null || view.state.doc.toString() === text) {
      return;
    }
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  }, [text]);
  useEffect(() => {
    const { current: view } = editor;
    if (view === null) {
      return;
    }
    view.dispatch(
      setDiagnostics(
        view.state,
        diagnostics.map((said) => placed(said, view.state)),
      ),
    );
  }, [diagnostics]);
  return <div ref={place} className="editor" />;
}

function placed(said: SourceDiagnostic, state: EditorState): Diagnostic {
  const line = state.doc.line(Math.min(said.line, state.doc.lines));
  const from = Math.min(line.to, line.from + said.column - 1);
  return {
    from,
    to: Math.min(state.doc.length, from + Math.max(1, said.length)),
    severity: said.severity,
    message: said.hint === "" ? said.message : `${said.message}. ${said.hint}`,
  };
}

function complete(context: CompletionContext, offered: readonly Completion[]): CompletionResult | null {
  const word = context.matchBefore(/[\w.-]+/);
  if (word === null && !context.explicit) {
    return null;
  }
  return { from: word?.from ?? context.pos, options: [...offered], validFor: /^[\w.-]*$/ };
}
