/** Filters that make numbers. */
import type { FilterDefinition } from "../contract/function.ts";
import { Fault, Float, type Value } from "../contract/value.ts";
import { negate, positive } from "../values/arithmetic.ts";
import {
  fixedText,
  isInteger,
  makeFloat,
  makeInteger,
  numericValue,
  parseFloatText,
  parseInteger,
} from "../values/numbers.ts";
import { argument, defineFilter, hasArgument } from "./define.ts";

const UNDEFINED = new Fault("an undefined value is not a number");

const int = defineFilter({
  name: "int",
  summary: "The value as an integer; a value that is not one becomes the default, 0.",
  examples: [
    { title: "digits", expression: "'042' | int", result: 42 },
    { title: "a fraction is cut off", expression: "'7.9' | int", result: 7 },
    { title: "another base", expression: "'0x1F' | int(0, 16)", result: 31 },
    { title: "no number", expression: "'many' | int(-1)", result: -1 },
    { title: "a name that is not defined", expression: "nothing | int", fault: true },
  ],
  run: (value, args) => {
    if (value === undefined) {
      return UNDEFINED;
    }
    const fallback = hasArgument(args, 0, "default") ? argument(args, 0, "default") : 0;
    const base = argument(args, 1, "base") ?? 10;
    return toInteger(value, isInteger(base) ? Number(base) : 10) ?? fallback;
  },
});

function toInteger(value: Value, base: number): Value {
  if (typeof value === "string") {
    const integer = base === 10 ? parseInteger(value) : parseBase(value, base);
    return integer ?? truncated(parseFloatText(value));
  }
  if (isInteger(value)) {
    return value;
  }
  return truncated(value);
}

function truncated(value: Value): Value {
  const number = numericValue(value);
  if (number === undefined || !Number.isFinite(number)) {
    return undefined;
  }
  return makeInteger(BigInt(Math.trunc(number)));
}

const PREFIXES: Readonly<Record<string, number>> = { "0x": 16, "0o": 8, "0b": 2 };
const MAX_BASE_DIGITS = 128;

function parseBase(text: string, base: number): Value {
  const [, sign = "", prefix = "", digits = ""] = /^\s*([+-]?)(0[xob])?([\da-z_]+)\s*$/i.exec(text) ?? [];
  const prefixBase = PREFIXES[prefix.toLowerCase()];
  const usedBase = base === 0 ? (prefixBase ?? 10) : base;
  if (digits === "" || digits.length > MAX_BASE_DIGITS || usedBase < 2 || usedBase > 36) {
    return undefined;
  }
  // With another base the prefix is digits: `0b1` is a number in base 16.
  const all = prefixBase === usedBase ? digits : prefix + digits;
  let sum = 0n;
  for (const digit of all.replaceAll("_", "").toLowerCase()) {
    const value = Number.parseInt(digit, 36);
    if (Number.isNaN(value) || value >= usedBase) {
      return undefined;
    }
    sum = sum * BigInt(usedBase) + BigInt(value);
  }
  return makeInteger(sign === "-" ? -sum : sum);
}

const float = defineFilter({
  name: "float",
  summary: "The value as a float; a value that is not one becomes the default, 0.0.",
  examples: [
    { title: "digits", expression: "'1.5' | float", result: 1.5 },
    { title: "stays a float when printed", expression: "'2' | float | string", result: "2.0" },
    { title: "no number", expression: "'many' | float(1.5)", result: 1.5 },
    { title: "a name that is not defined", expression: "nothing | float", fault: true },
  ],
  run: (value, args) => {
    if (value === undefined) {
      return UNDEFINED;
    }
    const number = typeof value === "string" ? parseFloatText(value) : numericValue(value);
    if (number === undefined) {
      return hasArgument(args, 0, "default") ? argument(args, 0, "default") : new Float(0);
    }
    return typeof number === "number" ? makeFloat(number) : number;
  },
});

const NO_NUMBER = new Fault("only a number has a size");

const abs = defineFilter({
  name: "abs",
  summary: "The number without its sign.",
  examples: [
    { title: "a negative one", expression: "-3 | abs", result: 3 },
    { title: "a text", expression: "'-3' | abs", fault: true },
  ],
  run: (value) => {
    const number = numericValue(value);
    if (number === undefined) {
      return NO_NUMBER;
    }
    return number < 0 || Object.is(number, -0) ? negate(value) : positive(value);
  },
});

const round = defineFilter({
  name: "round",
  summary:
    "The number rounded to so many digits after the point, halves to the even one; `ceil` and `floor` are other methods.",
  examples: [
    { title: "a float stays one", expression: "2.5 | round | string", result: "2.0" },
    { title: "two digits", expression: "3.14159 | round(2)", result: 3.14 },
    { title: "up", expression: "2.1 | round(method='ceil') | int", result: 3 },
    { title: "hundreds", expression: "1250 | round(-2)", result: 1200 },
    { title: "a text", expression: "'2.5' | round", fault: true },
  ],
  run: (value, args) => {
    const precision = argument(args, 0, "precision") ?? 0;
    const method = argument(args, 1, "method") ?? "common";
    if (!isInteger(precision) || Math.abs(Number(precision)) > MAX_ROUNDED_DIGITS) {
      return NO_PRECISION;
    }
    const number = numericValue(value);
    if (number === undefined) {
      return NO_NUMBER;
    }
    const digits = Number(precision);
    if (method === "common") {
      if (typeof value !== "boolean" && !isInteger(value)) {
        return makeFloat(roundFloat(number, digits));
      }
      return makeInteger(roundInteger(BigInt(isInteger(value) ? value : number), digits));
    }
    if (method !== "ceil" && method !== "floor") {
      return new Fault("a number is rounded by common, ceil or floor");
    }
    const scaled = number * 10 ** digits;
    return makeFloat((method === "ceil" ? Math.ceil(scaled) : Math.floor(scaled)) / 10 ** digits);
  },
});

const MAX_ROUNDED_DIGITS = 100;
const NO_PRECISION = new Fault("the digits to round to are a number, and not many");

function roundFloat(value: number, digits: number): number {
  if (!Number.isFinite(value)) {
    return value;
  }
  if (digits < 0) {
    return Number(roundInteger(BigInt(Math.trunc(value)), digits));
  }
  return Number(fixedText(value, digits));
}

/** Halves to the even one; only digits before the point change an integer. */
function roundInteger(value: bigint, digits: number): bigint {
  if (digits >= 0) {
    return value;
  }
  const unit = 10n ** BigInt(-digits);
  const rest = ((value % unit) + unit) % unit;
  const floor = value - rest;
  const isUp = rest * 2n > unit || (rest * 2n === unit && (floor / unit) % 2n !== 0n);
  return isUp ? floor + unit : floor;
}

export const NUMBER_FILTERS: readonly FilterDefinition[] = [int, float, abs, round];
