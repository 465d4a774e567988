import { StageFailure } from "../contract/stage.ts";
import { BASE_PATTERNS } from "./grok-patterns.ts";

/** References inside references; a pattern that names itself would never end. */
const MAX_DEPTH = 50;
/** Characters of a pattern once its references are written out. */
const MAX_EXPANDED_CHARS = 262_144;
const REFERENCE = /%\{(\w+)(?::([^{}:>]*))?(?::(\w+))?\}/g;

/**
 * Writes out the `%{NAME}` and `%{NAME:alias:type}` of a grok expression as named groups. A reference without an
 * alias is named after its pattern, also inside another pattern.
 * @param custom Patterns of the format; they go before the base patterns of the same name.
 * @param omitted Base patterns that cannot occur in the text at hand.
 * @returns A pattern in which a group's name is `alias` or `alias:type`.
 */
export function expandGrok(
  expression: string,
  custom: ReadonlyMap<string, string>,
  omitted: ReadonlySet<string>,
): string | StageFailure {
  let budget = MAX_EXPANDED_CHARS;
  let failure: StageFailure | null = null;
  const expand = (text: string, depth: number): string => {
    budget -= text.length;
    if (failure !== null) {
      return "";
    }
    if (depth > MAX_DEPTH || budget < 0) {
      failure = new StageFailure("the grok patterns name each other without end, or are too large together");
      return "";
    }
    return text.replace(REFERENCE, (_, name: string, alias: string | undefined, type: string | undefined) => {
      const own = custom.get(name);
      const definition = own ?? (Object.hasOwn(BASE_PATTERNS, name) ? BASE_PATTERNS[name] : undefined);
      if (definition === undefined) {
        failure ??= new StageFailure(`there is no grok pattern named ${name}`);
        return "";
      }
      const isOmitted = own === undefined && omitted.has(name);
      const body = isOmitted ? NOTHING + namesIn(definition) : expand(definition, depth + 1);
      const label = alias === undefined || alias === "" ? name : alias;
      return type === undefined ? `(?P<${label}>${body})` : `(?P<${label}:${type}>${body})`;
    });
  };
  const expanded = expand(expression, 0);
  return failure ?? expanded;
}

/** The names of a pattern that is left out; they are keys of the result anyway. */
function namesIn(definition: string): string {
  return [...definition.matchAll(REFERENCE)].map(([, name = ""]) => `(?P<${name}>)`).join("");
}

/** Matches no text. */
const NOTHING = "[^\\x00-\\x{10FFFF}]";
