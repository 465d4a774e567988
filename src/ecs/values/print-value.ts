/** `str()` and `repr()` of values, as Python prints them. */
import { Float, type Key, Tuple, type Value } from "../contract/value.ts";
import { checkTextLength, Visits } from "./limits.ts";
import { printFloat } from "./numbers.ts";

/** `str(value)`; an undefined name prints nothing. */
export function printValue(value: Value): string {
  if (typeof value === "string") {
    return value;
  }
  if (value === undefined) {
    return "";
  }
  return represent(value);
}

/**
 * `repr(value)`.
 * @throws LimitExceeded for values too deep or too large to print.
 */
export function represent(value: Value): string {
  const scalar = representScalar(value);
  if (scalar !== undefined) {
    return scalar;
  }
  return representNested(value, new Visits(), 0);
}

function representScalar(value: Value): string | undefined {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "boolean":
      return value ? "True" : "False";
    case "number":
      return Number.isInteger(value) ? String(value) : printFloat(value);
    case "bigint":
      return String(value);
    case "undefined":
      return "Undefined";
    default:
      if (value === null) {
        return "None";
      }
      return value instanceof Float ? printFloat(value.value) : undefined;
  }
}

function representNested(value: Value, visits: Visits, depth: number): string {
  visits.count(depth);
  const scalar = representScalar(value);
  if (scalar !== undefined) {
    return scalar;
  }
  const parts: string[] = [];
  let length = 2;
  const add = (part: string): void => {
    length += part.length + 2;
    checkTextLength(length);
    parts.push(part);
  };
  if (Array.isArray(value)) {
    for (const item of value) {
      add(representNested(item, visits, depth + 1));
    }
    if (value instanceof Tuple) {
      return parts.length === 1 ? `(${parts.join()},)` : `(${parts.join(", ")})`;
    }
    return `[${parts.join(", ")}]`;
  }
  if (value instanceof Map) {
    for (const [key, item] of value) {
      add(`${representKey(key)}: ${representNested(item, visits, depth + 1)}`);
    }
  }
  return `{${parts.join(", ")}}`;
}

function representKey(key: Key): string {
  return representScalar(key) ?? "";
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that Python escapes
const ESCAPED = /[\\'\u0000-\u001f\u007f-\u00a0\u00ad]/g;
const SHORT_ESCAPES = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(ESCAPED, (character) => {
    if (character === "'") {
      return mark === "'" ? "\\'" : "'";
    }
    const short = SHORT_ESCAPES.get(character);
    return short ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return mark + escaped + mark;
}
