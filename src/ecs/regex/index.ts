/**
 * Regular expressions that are linear in their text, whatever the pattern. `compileRegex(pattern, options)` gives a `Regex`:
 * `isFound` and `isStartMatch` answer yes or no; `search`, `startMatch` and `fullMatch` also tell the groups. Nothing else
 * of this room is meant for others.
 */
export type { PatternReference } from "./pattern-tree.ts";
export { compileRegex, MAX_MATCHED_CHARS, Regex, type RegexMatch } from "./regex.ts";
