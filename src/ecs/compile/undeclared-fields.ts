/** Fields that a format sets and that no event keeps. */
import type { Diagnostic } from "../../kernel/diagnostic.ts";
import type { FormatSource } from "../contract/format-source.ts";
import { closest } from "./closest.ts";

/** The fields that an event may have, as far as warnings need them. */
export type KnownFields = {
  isKnown(path: string): boolean;
  /** The dotted paths of all declared fields. */
  paths(): readonly string[];
};

/** @returns A warning for each field that a `set` names and nothing declares, with the declared one that was likely meant. */
export function undeclaredFields(source: FormatSource, fields: KnownFields): Diagnostic[] {
  const warnings: Diagnostic[] = [];
  let paths: readonly string[] | undefined;
  for (const { actions } of source.stages) {
    for (const action of actions) {
      for (const { key, keySpan } of action.kind === "set" ? action.fields : []) {
        if (fields.isKnown(key)) {
          continue;
        }
        paths ??= fields.paths();
        const near = closest(key, candidatesFor(key, paths));
        warnings.push({
          severity: "warning",
          code: "undeclared-field",
          message: `dropped: ${key} is a field of neither ECS nor fields.yml`,
          hint:
            near === undefined ? "declare it in _meta/fields.yml, with its type" : `did you mean ${near}?`,
          span: keySpan,
        });
      }
    }
  }
  return warnings;
}

/** Fields of the same group, and those of the same last name: a person mistypes one name of a path. */
function candidatesFor(path: string, paths: readonly string[]): string[] {
  const group = path.slice(0, path.indexOf(".") + 1);
  const last = path.slice(path.lastIndexOf("."));
  return paths.filter((known) => (group !== "" && known.startsWith(group)) || known.endsWith(last));
}
