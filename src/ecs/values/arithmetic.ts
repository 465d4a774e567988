/** Python's arithmetic on values. */
import { Fault, Float, Lazy, type Result, Tuple, type Value } from "../contract/value.ts";
import { formatPercent } from "./format.ts";
import { checkListLength, checkTextLength, LimitExceeded, MAX_INTEGER_BITS } from "./limits.ts";
import { type Integer, isInteger, makeFloat, makeInteger, numericValue } from "./numbers.ts";
import { printValue } from "./print-value.ts";

const WRONG_TYPES = new Fault("values of these types cannot be calculated with");
const ZERO_DIVISION = new Fault("division by zero");

type Operation = (a: Value, b: Value) => Result;

/** Bools count as ints. */
function asInteger(value: Value): Integer | undefined {
  if (typeof value === "boolean") {
    return value ? 1 : 0;
  }
  return isInteger(value) ? value : undefined;
}

function fromBig(value: bigint): Integer {
  const limit = 1n << BigInt(MAX_INTEGER_BITS);
  if (value > limit || value < -limit) {
    throw new LimitExceeded(`an integer would have more than ${MAX_INTEGER_BITS} bits`);
  }
  return makeInteger(value);
}

/** One numeric operation: exact for ints, a float as soon as one side is a float. */
function numeric(
  a: Value,
  b: Value,
  small: (x: number, y: number) => number,
  big: (x: bigint, y: bigint) => bigint,
): Result {
  const x = asInteger(a);
  const y = asInteger(b);
  if (x !== undefined && y !== undefined) {
    if (typeof x === "number" && typeof y === "number") {
      const quick = small(x, y);
      if (Number.isSafeInteger(quick)) {
        return quick === 0 ? 0 : quick;
      }
    }
    return fromBig(big(BigInt(x), BigInt(y)));
  }
  const left = numericValue(a);
  const right = numericValue(b);
  if (left === undefined || right === undefined) {
    return WRONG_TYPES;
  }
  return makeFloat(small(left, right));
}

/** `a + b`: numbers, texts, lists. */
export const add: Operation = (a, b) => {
  if (typeof a === "string" && typeof b === "string") {
    checkTextLength(a.length + b.length);
    return a + b;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a instanceof Tuple !== b instanceof Tuple || a instanceof Lazy || b instanceof Lazy) {
      return WRONG_TYPES;
    }
    checkListLength(a.length + b.length);
    return a instanceof Tuple ? Tuple.holding([...a, ...b]) : [...a, ...b];
  }
  return numeric(
    a,
    b,
    (x, y) => x + y,
    (x, y) => x + y,
  );
};

/** `a - b`. */
export const subtract: Operation = (a, b) =>
  numeric(
    a,
    b,
    (x, y) => x - y,
    (x, y) => x - y,
  );

/** `a * b`: numbers, or a text or list repeated. */
export const multiply: Operation = (a, b) => {
  if (typeof a === "string" || Array.isArray(a)) {
    return repeat(a, b);
  }
  if (typeof b === "string" || Array.isArray(b)) {
    return repeat(b, a);
  }
  return numeric(
    a,
    b,
    (x, y) => x * y,
    (x, y) => x * y,
  );
};

function repeat(value: string | Value[], times: Value): Result {
  const count = asInteger(times);
  if (count === undefined || value instanceof Lazy) {
    return WRONG_TYPES;
  }
  const n = Math.max(0, Number(count));
  if (typeof value === "string") {
    checkTextLength(value.length * n);
    return value.repeat(value === "" ? 0 : n);
  }
  checkListLength(value.length * n);
  const items = value.length === 0 ? [] : Array.from({ length: n }, () => value).flat();
  return value instanceof Tuple ? Tuple.holding(items) : items;
}

/** `a / b`: always a float. */
export const divide: Operation = (a, b) => {
  const x = numericValue(a);
  const y = numericValue(b);
  if (x === undefined || y === undefined) {
    return WRONG_TYPES;
  }
  return y === 0 ? ZERO_DIVISION : makeFloat(x / y);
};

/** `a // b`: rounded down. */
export const floorDivide: Operation = (a, b) => {
  if (numericValue(b) === 0) {
    return ZERO_DIVISION;
  }
  return numeric(
    a,
    b,
    (x, y) => Math.floor(x / y),
    (x, y) => (x % y !== 0n && x < 0n !== y < 0n ? x / y - 1n : x / y),
  );
};

/** `a % b`: the remainder has the divisor's sign; a text on the left is a printf pattern. */
export const modulo: Operation = (a, b) => {
  if (typeof a === "string") {
    return formatPercent(a, b instanceof Tuple ? b : [b]);
  }
  if (numericValue(b) === 0) {
    return ZERO_DIVISION;
  }
  return numeric(
    a,
    b,
    (x, y) => {
      // The remainder of JavaScript is exact; it only has the other sign.
      const rest = x % y;
      if (rest === 0) {
        return y < 0 ? -0 : 0;
      }
      return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
    },
    (x, y) => ((x % y) + y) % y,
  );
};

/** `a ** b`. */
export const power: Operation = (a, b) => {
  const x = asInteger(a);
  const y = asInteger(b);
  if (x !== undefined && y !== undefined && y >= 0) {
    const bits = BigInt(x).toString(2).length * Number(y);
    if (bits > MAX_INTEGER_BITS * 2) {
      throw new LimitExceeded(`an integer would have more than ${MAX_INTEGER_BITS} bits`);
    }
    return fromBig(BigInt(x) ** BigInt(y));
  }
  const base = numericValue(a);
  const exponent = numericValue(b);
  if (base === undefined || exponent === undefined) {
    return WRONG_TYPES;
  }
  if (base === 0 && exponent < 0) {
    return ZERO_DIVISION;
  }
  const result = base ** exponent;
  return Number.isNaN(result) ? WRONG_TYPES : makeFloat(result);
};

/** `a ~ b`: both printed and joined. */
export const concatenate: Operation = (a, b) => {
  const left = printValue(a);
  const right = printValue(b);
  checkTextLength(left.length + right.length);
  return left + right;
};

/** `-a`. */
export function negate(value: Value): Result {
  if (value instanceof Float) {
    return new Float(-value.value);
  }
  return typeof value === "number" && !Number.isInteger(value) ? -value : subtract(0, value);
}

/** `+a`. */
export function positive(value: Value): Result {
  return typeof value === "boolean" ? Number(value) : numericValue(value) === undefined ? WRONG_TYPES : value;
}
