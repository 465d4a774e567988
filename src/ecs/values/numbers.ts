/** Numbers as Python has them: integers of any size, and floats that stay floats. */
import { Float, type Value } from "../contract/value.ts";

/** An int: a whole `number` or a `bigint`. */
export type Integer = number | bigint;

export function isInteger(value: Value): value is Integer {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

/** An int or a float, but no bool. */
export function isNumber(value: Value): value is number | bigint | Float {
  return typeof value === "number" || typeof value === "bigint" || value instanceof Float;
}

/** The float `value`, in the form that keeps it a float. */
export function makeFloat(value: number): number | Float {
  return Number.isInteger(value) ? new Float(value) : value;
}

/** The int `value` in its one form: a number while it is a safe integer. */
export function makeInteger(value: Integer): Integer {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? value : BigInt(value);
  }
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

/** A number's magnitude as a JavaScript number; bools count as 0 and 1; undefined for anything else. */
export function numericValue(value: Value): number | undefined {
  if (typeof value === "number") {
    return value;
  }
  if (typeof value === "boolean") {
    return value ? 1 : 0;
  }
  if (typeof value === "bigint") {
    return Number(value);
  }
  return value instanceof Float ? value.value : undefined;
}

/** Every number of so many digits is a safe one. */
const PLAIN_DIGITS = /^\d{1,15}$/;
const INTEGER_TEXT = /^\s*[+-]?\d+(?:_\d+)*\s*$/;
/** The digits before the dot and those after it are told apart, so that a long row of digits is read once. */
const FLOAT_TEXT =
  /^\s*[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?\s*$/;
const SPECIAL_FLOAT = /^\s*([+-]?)(inf|infinity|nan)\s*$/i;
/** Python refuses longer digit strings too. */
const MAX_DIGITS = 4300;

/** `int(text)`; undefined when the text is not a decimal integer. */
export function parseInteger(text: string): Integer | undefined {
  if (PLAIN_DIGITS.test(text)) {
    return Number(text);
  }
  if (text.length > MAX_DIGITS || !INTEGER_TEXT.test(text)) {
    return undefined;
  }
  const digits = text.trim().replaceAll("_", "");
  const small = Number(digits);
  if (Number.isSafeInteger(small)) {
    return small === 0 ? 0 : small;
  }
  return digits.startsWith("+") ? BigInt(digits.slice(1)) : BigInt(digits);
}

/** `float(text)`; undefined when the text is not a float. */
export function parseFloatText(text: string): number | Float | undefined {
  if (FLOAT_TEXT.test(text)) {
    return makeFloat(Number(text.trim().replaceAll("_", "")));
  }
  const special = SPECIAL_FLOAT.exec(text);
  if (special === null) {
    return undefined;
  }
  if (special[2]?.toLowerCase() === "nan") {
    return Number.NaN;
  }
  return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** A number with so many digits after the point, 0 to 100; a half that the double exactly is goes to the even digit. */
export function fixedText(value: number, digits: number): string {
  const nearest = value.toFixed(digits);
  // Only a sum of halves of halves can be a half exactly.
  if (!Number.isSafeInteger(value * 2 ** (digits + 1))) {
    return nearest;
  }
  const scaled = value * 10 ** digits;
  const floor = Math.floor(scaled);
  if (scaled - floor !== 0.5) {
    return nearest;
  }
  return ((floor % 2 === 0 ? floor : floor + 1) / 10 ** digits).toFixed(digits);
}

/** A float printed as Python prints it: `1.0`, `1e-05`, `1e+16`. */
export function printFloat(value: number): string {
  if (Number.isNaN(value)) {
    return "nan";
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? "inf" : "-inf";
  }
  if (Object.is(value, -0)) {
    return "-0.0";
  }
  const [mantissa = "0", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const digits = String(Math.abs(exponent)).padStart(2, "0");
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
  }
  const text =
    exponent < 0 ? value.toFixed(mantissa.replace(/^-?\d\.?/, "").length - exponent) : String(value);
  return text.includes(".") ? text : `${text}.0`;
}
