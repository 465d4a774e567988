/** Functions that are called by name alone. */
import type { Arguments, FunctionTools, MethodDefinition } from "../contract/function.ts";
import { Fault } from "../contract/value.ts";
import type { Regex, RegexMatch } from "../regex/index.ts";
import { argument, globalFunction } from "./define.ts";
import { cachedRegex, matchDict } from "./regex-cache.ts";

const NO_TEXT = new Fault("only a text can be matched");

function matcher(find: (regex: Regex, text: string) => RegexMatch | null) {
  return (args: Arguments, tools: FunctionTools) => {
    const text = argument(args, 1, "string");
    if (typeof text !== "string") {
      return NO_TEXT;
    }
    const regex = cachedRegex(argument(args, 0, "pattern"), tools);
    return regex instanceof Fault ? regex : matchDict(text, find(regex, text));
  };
}

const match = globalFunction({
  name: "re.match",
  summary: "The match of a pattern at the text's start, None if there is none.",
  examples: [
    { title: "at the start", expression: "re.match('([a-z])', 'ab').groups()", result: ["a"] },
    { title: "elsewhere", expression: "re.match('b', 'ab')", result: null },
  ],
  run: matcher((regex, text) => regex.startMatch(text)),
});

const search = globalFunction({
  name: "re.search",
  summary: "The first match of a pattern anywhere in the text, None if there is none.",
  examples: [{ title: "in the middle", expression: "re.search('b(.)', 'abc').groups()", result: ["c"] }],
  run: matcher((regex, text) => regex.search(text)),
});

/**
 * Jinja's own `range` is not among them: on the platform a template that calls it gives nothing, as all public events
 * show whose format does so.
 */
export const GLOBALS: readonly MethodDefinition[] = [match, search];
