import { type Dict, Float, type Value } from "../contract/value.ts";
import { printFloat } from "./numbers.ts";

/** A plain JavaScript value, as JSON has it. */
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

/**
 * The value as plain JavaScript: what `JSON.parse` makes of {@link toJson}. Integers beyond 2^53 are rounded, and a key
 * named `__proto__` is data.
 */
export function toPlain(value: Value): Plain {
  if (value === undefined || value === null || typeof value === "string" || typeof value === "boolean") {
    return value ?? null;
  }
  if (typeof value === "number") {
    return Number.isFinite(value) ? value : null;
  }
  if (typeof value === "bigint") {
    return Number(value);
  }
  if (value instanceof Float) {
    return value.value;
  }
  if (Array.isArray(value)) {
    return value.map(toPlain);
  }
  const object: { [key: string]: Plain } = {};
  for (const [key, item] of value) {
    if (key === "__proto__") {
      Object.defineProperty(object, key, {
        value: toPlain(item),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    } else {
      object[String(key)] = toPlain(item);
    }
  }
  return object;
}

/** The value as compact JSON text, keys in their order; 1.0 stays `1.0` and an integer keeps all its digits. */
export function toJson(value: Value): string {
  return write(value, false);
}

/** As {@link toJson} with sorted keys: what a text field keeps of a value that is not text. */
export function toSortedJson(value: Value): string {
  return write(value, true);
}

function write(value: Value, isSorted: boolean): string {
  if (typeof value === "string") {
    return quote(value);
  }
  if (value === undefined || value === null) {
    return "null";
  }
  if (typeof value === "number") {
    return Number.isInteger(value) ? String(value) : floatText(value);
  }
  if (typeof value === "bigint" || typeof value === "boolean") {
    return String(value);
  }
  if (value instanceof Float) {
    return floatText(value.value);
  }
  if (Array.isArray(value)) {
    return `[${value.map((item) => write(item, isSorted)).join(",")}]`;
  }
  return writeDict(value, isSorted);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that JSON escapes
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

/** Keys and most short values need no escape, and then a call of JSON.stringify is most of the cost. */
function quote(text: string): string {
  return text.length > MAX_QUICK_QUOTE || ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

const MAX_QUICK_QUOTE = 128;

function writeDict(dict: Dict, isSorted: boolean): string {
  let text = "{";
  let separator = "";
  const entries = isSorted
    ? [...dict].sort(([left], [right]) => (String(left) < String(right) ? -1 : 1))
    : dict;
  for (const [key, item] of entries) {
    text += `${separator}${quote(String(key))}:${write(item, isSorted)}`;
    separator = ",";
  }
  return `${text}}`;
}

function floatText(value: number): string {
  return Number.isFinite(value) ? printFloat(value) : "null";
}
