/** Filters that match regular expressions. */
import type { FilterDefinition } from "../contract/function.ts";
import { Fault } from "../contract/value.ts";
import type { Regex } from "../regex/index.ts";
import { argument, defineFilter } from "./define.ts";
import { cachedRegex } from "./regex-cache.ts";

const NO_TEXT = new Fault("only a text can be matched");

/** A question to the pattern's regular expression about a text; of no value the answer is no. */
function asking(ask: (regex: Regex, text: string) => boolean): FilterDefinition["run"] {
  return (value, args, tools) => {
    if (value === undefined || value === null) {
      return false;
    }
    if (typeof value !== "string") {
      return NO_TEXT;
    }
    const regex = cachedRegex(argument(args, 0, "pattern"), tools);
    return regex instanceof Fault ? regex : ask(regex, value);
  };
}

const reMatch = defineFilter({
  name: "re_match",
  summary: "Whether the pattern matches the text from its start on.",
  examples: [
    { title: "the whole text", expression: "'a12' | re_match('[a-z][0-9]+')", result: true },
    { title: "its beginning", expression: "'a12 b' | re_match('[a-z][0-9]+')", result: true },
    { title: "a later part", expression: "'a12' | re_match('[0-9]+')", result: false },
    { title: "a name that is not defined", expression: "nothing | re_match('x')", result: false },
    { title: "None", expression: "none | re_match('x')", result: false },
    { title: "no text", expression: "5 | re_match('5')", fault: true },
    { title: "no pattern", expression: "'a' | re_match('(')", fault: true },
  ],
  run: asking((regex, text) => regex.isStartMatch(text)),
});

const reSearch = defineFilter({
  name: "re_search",
  summary: "Whether the pattern matches some part of the text.",
  examples: [
    { title: "a part of it", expression: "'a12' | re_search('[0-9]+')", result: true },
    { title: "a name that is not defined", expression: "nothing | re_search('x')", result: false },
    { title: "None", expression: "none | re_search('None')", result: false },
    { title: "no text", expression: "5 | re_search('x')", fault: true },
  ],
  run: asking((regex, text) => regex.isFound(text)),
});

export const REGEX_FILTERS: readonly FilterDefinition[] = [reMatch, reSearch];
