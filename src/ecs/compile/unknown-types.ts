/** Types of fields that mean nothing. */
import type { Diagnostic } from "../../kernel/diagnostic.ts";
import type { FieldDeclaration } from "../contract/format-source.ts";
import { closest } from "./closest.ts";

/** @returns A warning for each field whose type is unknown, with the one that was likely meant. */
export function unknownTypes(fields: readonly FieldDeclaration[], known: readonly string[]): Diagnostic[] {
  return fields
    .filter(({ type }) => !known.includes(type))
    .map(({ path, type, typeSpan }) => {
      const near = closest(type, known);
      return {
        severity: "warning",
        code: "unknown-type",
        message: `the field "${path}" has the unknown type "${type}"; its values are kept as they come`,
        hint:
          near === undefined ? "write a type such as keyword, long, ip or object" : `did you mean ${near}?`,
        span: typeSpan,
      };
    });
}
