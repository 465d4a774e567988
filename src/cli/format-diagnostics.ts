import { readFileSync } from "node:fs";
import { drawDiagnostic } from "../ecs/draw.ts";
import type { Diagnostic } from "../kernel/diagnostic.ts";

/** What is wrong with a format's files, each with its line and a caret; empty when nothing is. */
export function diagnosticsText(diagnostics: readonly Diagnostic[]): string {
  const texts = new Map<string, string>();
  return diagnostics
    .map((diagnostic) => {
      const { file } = diagnostic.span;
      const text = texts.get(file) ?? readFileSync(file, "utf8");
      texts.set(file, text);
      return drawDiagnostic(diagnostic, text);
    })
    .join("");
}
