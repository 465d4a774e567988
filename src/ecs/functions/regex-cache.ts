/** Regular expressions of templates, always linear. */
import type { FunctionTools } from "../contract/function.ts";
import { StageFailure } from "../contract/stage.ts";
import { type Dict, Fault, type Key, type Value } from "../contract/value.ts";
import { compileRegex, type Regex, type RegexMatch } from "../regex/index.ts";

/** Patterns may come from events, so only the latest are kept. */
const MAX_CACHED = 200;
/** Each format has its own, by its tools, and it goes with the format. */
const caches = new WeakMap<FunctionTools, Map<string, Regex | Fault>>();
/** The same patterns may be as large as an event allows, and each is compiled while the event waits. */
const BOUNDS = { keepUnnamed: true, maxChars: 4_096, maxSize: 1_000 };

/** @returns A fault for a pattern that is not a regular expression. */
export function cachedRegex(pattern: Value, tools: FunctionTools): Regex | Fault {
  if (typeof pattern !== "string") {
    return new Fault("a pattern must be a text");
  }
  let cache = caches.get(tools);
  if (cache === undefined) {
    cache = new Map();
    caches.set(tools, cache);
  }
  const known = cache.get(pattern);
  if (known !== undefined) {
    return known;
  }
  const compiled = compileRegex(pattern, BOUNDS);
  const regex = compiled instanceof StageFailure ? new Fault(compiled.reason) : compiled;
  const [oldest] = cache.keys();
  if (cache.size >= MAX_CACHED && oldest !== undefined) {
    cache.delete(oldest);
  }
  cache.set(pattern, regex);
  return regex;
}

/** A match as the dict of its groups by number; 0 is the whole of it, and a group that took no part is None. */
export function matchDict(text: string, match: RegexMatch | null): Dict | null {
  if (match === null) {
    return null;
  }
  const dict: Dict = new Map<Key, Value>([[0, text.slice(match.start, match.end)]]);
  match.groups.forEach((group, i) => {
    dict.set(i + 1, group);
  });
  return dict;
}
