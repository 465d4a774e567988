export { compileRegex, MAX_MATCHED_CHARS, Regex, type RegexMatch, type RegexOptions } from "./regex.ts";
