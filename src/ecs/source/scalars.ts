/** What an unquoted YAML scalar means. Formats are written for YAML 1.1, where `yes` is true and `010` is eight. */
import type { Value } from "../contract/value.ts";
import { makeFloat, makeInteger } from "../values/numbers.ts";

const BOOLEANS: ReadonlyMap<string, boolean> = new Map(
  ["yes", "true", "on"]
    .flatMap((word) => spellings(word).map((text): [string, boolean] => [text, true]))
    .concat(
      ["no", "false", "off"].flatMap((word) =>
        spellings(word).map((text): [string, boolean] => [text, false]),
      ),
    ),
);

function spellings(word: string): string[] {
  return [word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()];
}

const NULLS = new Set(["", "~", "null", "Null", "NULL"]);
const DECIMAL = /^[-+]?(?:0|[1-9][\d_]*)$/;
const OCTAL = /^[-+]?0[0-7_]+$/;
const HEXADECIMAL = /^[-+]?0x[\da-fA-F_]+$/;
const BINARY = /^[-+]?0b[01_]+$/;
const FLOAT = /^[-+]?(?:\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?|\.[\d_]+(?:[eE][-+]\d+)?)$/;
const SEXAGESIMAL = /^[-+]?[1-9][\d_]*(?::[0-5]?\d)+$/;
const INFINITE = /^[-+]?\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;

/** @param text A plain scalar. Dates stay text, since templates print them as written. */
export function resolveScalar(text: string): Value {
  if (NULLS.has(text)) {
    return null;
  }
  const boolean = BOOLEANS.get(text);
  if (boolean !== undefined) {
    return boolean;
  }
  const first = text.charAt(0);
  // Most texts are words; numbers start with one of these.
  if (!"+-.0123456789".includes(first)) {
    return text;
  }
  const sign = first === "-" ? -1 : 1;
  const digits = text.replace(/^[-+]/, "").replaceAll("_", "");
  if (DECIMAL.test(text)) {
    return signed(BigInt(digits), sign);
  }
  if (OCTAL.test(text)) {
    return signed(BigInt(`0o${digits}`), sign);
  }
  if (HEXADECIMAL.test(text) || BINARY.test(text)) {
    return signed(BigInt(digits), sign);
  }
  if (FLOAT.test(text) && /\d/.test(text)) {
    return makeFloat(sign * Number(digits));
  }
  if (SEXAGESIMAL.test(text)) {
    return signed(fromBase60(digits), sign);
  }
  if (INFINITE.test(text)) {
    return sign * Number.POSITIVE_INFINITY;
  }
  return NOT_A_NUMBER.test(text) ? Number.NaN : text;
}

function signed(value: bigint, sign: number): Value {
  return makeInteger(sign < 0 ? -value : value);
}

function fromBase60(digits: string): bigint {
  return digits.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n);
}
