import type { PatternReference } from "../regex/index.ts";
import { BASE_PATTERNS } from "./grok-patterns.ts";

const REFERENCE = /%\{(\w+)(?::([^{}:>]*))?(?::(\w+))?\}/y;
const REFERENCES = new RegExp(REFERENCE, "g");

/**
 * Resolves the `%{NAME}` and `%{NAME:alias:type}` of grok expressions. A reference without an alias is named after its
 * pattern, also inside another pattern; with a type its name is `alias:type`.
 * @param custom Patterns of the format; they go before the base patterns of the same name.
 * @param omitted Base patterns that cannot occur in the text at hand.
 */
export function grokReferences(
  custom: ReadonlyMap<string, string>,
  omitted: ReadonlySet<string>,
): (pattern: string, at: number) => PatternReference | null {
  return (pattern, at) => {
    REFERENCE.lastIndex = at;
    const found = REFERENCE.exec(pattern);
    if (found === null) {
      return null;
    }
    const [{ length }, name = "", alias = "", type] = found;
    const own = custom.get(name);
    const definition = own ?? (Object.hasOwn(BASE_PATTERNS, name) ? BASE_PATTERNS[name] : undefined);
    if (definition === undefined) {
      return { problem: `there is no grok pattern named ${name}` };
    }
    const isOmitted = own === undefined && omitted.has(name);
    const label = alias === "" ? name : alias;
    return {
      length,
      name: type === undefined ? label : `${label}:${type}`,
      pattern: isOmitted ? NOTHING + namesIn(definition) : definition,
    };
  };
}

/** The names of a pattern that is left out; they are keys of the result anyway. */
function namesIn(definition: string): string {
  return [...definition.matchAll(REFERENCES)].map(([, name = ""]) => `(?P<${name}>)`).join("");
}

/** Matches no text. */
const NOTHING = "[^\\x00-\\x{10FFFF}]";
