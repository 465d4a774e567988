/** Functions that are called by name alone. */
import { Fault, type MethodDefinition, type Value } from "../contract.ts";
import type { Regex, RegexMatch } from "../regex/index.ts";
import { checkListLength } from "../values/limits.ts";
import { isInteger } from "../values/numbers.ts";
import { argument, globalFunction } from "./define.ts";
import { cachedRegex, matchDict } from "./regex.ts";

const range = globalFunction({
  name: "range",
  summary: "The whole numbers from a start (0) up to, but not with, an end, in steps (1).",
  examples: [
    { title: "up to an end", expression: "range(3) | list", result: [0, 1, 2] },
    { title: "backwards", expression: "range(3, 0, -1) | list", result: [3, 2, 1] },
  ],
  run: (args, tools) => {
    const numbers = args.positional.map((value) => (isInteger(value) ? Number(value) : Number.NaN));
    const [start = 0, stop = 0, step = 1] = numbers.length === 1 ? [0, ...numbers] : numbers;
    if (numbers.length === 0 || [start, stop, step].some(Number.isNaN) || step === 0) {
      return new Fault("range needs whole numbers, and a step other than 0");
    }
    const length = Math.max(0, Math.ceil((stop - start) / step));
    checkListLength(length);
    tools.spend(length);
    return Array.from({ length }, (_, i): Value => start + i * step);
  },
});

const NO_TEXT = new Fault("only a text can be matched");

function matcher(find: (regex: Regex, text: string) => RegexMatch | null) {
  return (args: Parameters<MethodDefinition["run"]>[1]) => {
    const text = argument(args, 1, "string");
    if (typeof text !== "string") return NO_TEXT;
    const regex = cachedRegex(argument(args, 0, "pattern"));
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

export const GLOBALS: readonly MethodDefinition[] = [range, match, search];
