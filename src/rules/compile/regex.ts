/** The modifier `re`: a regular expression that takes linear time whatever the event. */
import { compileRegex, Regex } from "../../ecs/regex/index.ts";
import type { Span } from "../contract.ts";
import type { Test } from "../syntax.ts";
import { fold } from "../values/fold.ts";
import { RuleProblem } from "./problem.ts";

/** What has no linear form, by how it begins. */
const REFUSED: readonly { readonly pattern: RegExp; readonly name: string }[] = [
  { pattern: /^\(\?<?[=!]/, name: "a look-around" },
  { pattern: /^\(\?>/, name: "an atomic group" },
  { pattern: /^\(\?\(/, name: "a conditional group" },
  { pattern: /^\\[1-9]/, name: "a back-reference" },
  { pattern: /^\\[kg][<{']/, name: "a back-reference" },
  { pattern: /^\(\?P=/, name: "a back-reference" },
];

/**
 * @param flags Of i, m, s.
 * @throws RuleProblem for what is not a pattern, or cannot be matched in linear time.
 */
export function regexTest(source: string, flags: string, isWhole: boolean, span: Span): Test {
  const refused = refusedPart(source);
  if (refused !== undefined) {
    const message = `the pattern holds ${refused}, which cannot be matched in linear time`;
    throw new RuleProblem("regex-not-linear", message, "say it with another selection and `not`", span);
  }
  const pattern = flags === "" ? source : `(?${flags})${source}`;
  const regex = compileRegex(isWhole ? `(?:${pattern})` : pattern, { keepUnnamed: false });
  const problem = regex instanceof Regex ? regex.problem() : regex.reason;
  if (!(regex instanceof Regex) || problem !== null) {
    throw new RuleProblem(
      "regex",
      `the pattern cannot be used: ${problem}`,
      "write it in RE2's syntax",
      span,
    );
  }
  return { kind: "regex", regex, isWhole, literal: fold(longestLiteral(source)), source: pattern };
}

function refusedPart(source: string): string | undefined {
  let isInClass = false;
  for (let at = 0; at < source.length; at++) {
    const character = source.charAt(at);
    if (!isInClass && (character === "(" || character === "\\")) {
      const rest = source.slice(at, at + 5);
      const found = REFUSED.find(({ pattern }) => pattern.test(rest));
      if (found !== undefined) {
        return found.name;
      }
    }
    if (character === "\\") {
      at++;
    } else if (character === "[") {
      isInClass = true;
    } else if (character === "]") {
      isInClass = false;
    }
  }
  return undefined;
}

/**
 * The longest text that every match holds: characters outside of groups and classes that nothing repeats.
 * Empty when the pattern has alternatives, or none is seen.
 */
function longestLiteral(source: string): string {
  let longest = "";
  let literal = "";
  let depth = 0;
  const close = (): void => {
    longest = literal.length > longest.length ? literal : longest;
    literal = "";
  };
  // Extended patterns would ignore blanks; none are accepted, so a look at single characters suffices.
  for (let at = 0; at < source.length; at++) {
    const character = source.charAt(at);
    const isEscape = character === "\\";
    const taken = isEscape ? source.charAt(at + 1) : character;
    if (isEscape) {
      at++;
    }
    if (!isEscape && character === "[") {
      close();
      at = endOfClass(source, at);
      continue;
    }
    if (!isEscape && "()".includes(character)) {
      close();
      depth += character === "(" ? 1 : -1;
      continue;
    }
    if (!isEscape && character === "|" && depth === 0) {
      return "";
    }
    if (depth > 0) {
      continue;
    }
    if (isEscape && /[a-z0-9]/i.test(taken)) {
      close();
      // \Q and \x41 say more than one character; what follows them is not looked at.
      if (!/[sSdDwWbBAzZnrtfv]/.test(taken)) {
        return longest;
      }
      continue;
    }
    if (!isEscape && ".^$*+?{}".includes(character)) {
      if ("*?{".includes(character)) {
        // The character before may be absent.
        literal = withoutLast(literal);
      }
      close();
      if (character === "{") {
        const end = source.indexOf("}", at);
        at = end < 0 ? at : end;
      }
      continue;
    }
    literal += taken;
  }
  close();
  return longest;
}

function withoutLast(text: string): string {
  return [...text].slice(0, -1).join("");
}

function endOfClass(source: string, start: number): number {
  let at = start + 1;
  if (source.charAt(at) === "^") {
    at++;
  }
  if (source.charAt(at) === "]") {
    at++;
  }
  for (; at < source.length; at++) {
    const character = source.charAt(at);
    if (character === "\\") {
      at++;
    } else if (character === "[" && source.charAt(at + 1) === ":") {
      const end = source.indexOf(":]", at);
      at = end < 0 ? at : end + 1;
    } else if (character === "]") {
      return at;
    }
  }
  return source.length;
}
