/** A diagnostic as text, with the line it is about and a caret below the place. */
import type { Diagnostic } from "../kernel/diagnostic.ts";

const TAB_WIDTH = 4;

/** @param text The file that the diagnostic's span points into. */
export function drawDiagnostic(diagnostic: Diagnostic, text: string): string {
  const { file, line, column, length } = diagnostic.span;
  const source = (text.split("\n")[line - 1] ?? "").replace(/\r$/, "");
  const before = source.slice(0, column - 1);
  const marked = source.slice(column - 1, column - 1 + length);
  const gutter = String(line);
  const blank = " ".repeat(gutter.length);
  const lines = [
    `${diagnostic.severity}[${diagnostic.code}]: ${diagnostic.message}`,
    `${blank}--> ${file}:${line}:${column}`,
    `${gutter} | ${expandTabs(source)}`,
    `${blank} | ${" ".repeat(expandTabs(before).length)}${"^".repeat(Math.max(1, expandTabs(marked).length))}`,
    `${blank} = hint: ${diagnostic.hint}`,
  ];
  return `${lines.join("\n")}\n`;
}

function expandTabs(text: string): string {
  return text.replaceAll("\t", " ".repeat(TAB_WIDTH));
}
