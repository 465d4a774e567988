export { compileRegex, MAX_MATCHED_CHARS, Regex, type RegexMatch } from "./regex.ts";
