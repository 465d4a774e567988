/** Grok expressions written out as one text, for engines that know no references. */
import { StageFailure } from "../../../src/ecs/contract/stage.ts";
import { BASE_PATTERNS } from "../../../src/ecs/stages/grok-patterns.ts";

const MAX_DEPTH = 50;
const REFERENCE = /%\{(\w+)(?::([^{}:>]*))?(?::(\w+))?\}/g;

/** @returns A pattern in which a group's name is `alias` or `alias:type`. */
export function expandGrok(expression: string, custom: ReadonlyMap<string, string>): string | StageFailure {
  let failure: StageFailure | null = null;
  const expand = (text: string, depth: number): string => {
    if (failure !== null) {
      return "";
    }
    if (depth > MAX_DEPTH) {
      failure = new StageFailure("the grok patterns name each other without end");
      return "";
    }
    return text.replace(REFERENCE, (_, name: string, alias: string | undefined, type: string | undefined) => {
      const own = custom.get(name);
      const definition = own ?? (Object.hasOwn(BASE_PATTERNS, name) ? BASE_PATTERNS[name] : undefined);
      if (definition === undefined) {
        failure ??= new StageFailure(`there is no grok pattern named ${name}`);
        return "";
      }
      const body = expand(definition, depth + 1);
      const label = alias === undefined || alias === "" ? name : alias;
      return type === undefined ? `(?P<${label}>${body})` : `(?P<${label}:${type}>${body})`;
    });
  };
  const expanded = expand(expression, 0);
  return failure ?? expanded;
}
