/** Truth, equality, order and membership, as Python has them. */
import { type Dict, Fault, Float, type Key, Lazy, Tuple, type Value } from "../contract/value.ts";
import { Visits } from "./limits.ts";
import { isNumber, numericValue } from "./numbers.ts";

/** `bool(value)`. */
export function isTruthy(value: Value): boolean {
  if (typeof value === "string") {
    return value.length > 0;
  }
  if (typeof value === "object") {
    if (value === null) {
      return false;
    }
    if (Array.isArray(value)) {
      return value.length > 0 || (value instanceof Lazy && !value.hasLength);
    }
    return value instanceof Float ? value.value !== 0 : value.size > 0;
  }
  // NaN is true in Python.
  return typeof value === "number" ? value !== 0 : Boolean(value);
}

/** `a == b`: 1, 1.0 and True are equal, an undefined name equals another one but never None. */
export function equals(a: Value, b: Value): boolean {
  if (a === b) {
    return true;
  }
  if (typeof a === "string" || a === null || a === undefined) {
    return false;
  }
  if (typeof b === "string" || b === null || b === undefined) {
    return false;
  }
  return equalsNested(a, b, new Visits(), 0);
}

function equalsNested(a: Value, b: Value, visits: Visits, depth: number): boolean {
  if (a === b) {
    return true;
  }
  visits.count(depth);
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length || kindOf(a) !== kindOf(b)) {
      return false;
    }
    return a.every((item, i) => equalsNested(item, b[i], visits, depth + 1));
  }
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) {
      return false;
    }
    for (const [key, item] of a) {
      if (!b.has(key) || !equalsNested(item, b.get(key), visits, depth + 1)) {
        return false;
      }
    }
    return true;
  }
  const x = numericValue(a);
  if (x === undefined) {
    return false;
  }
  const y = numericValue(b);
  if (y === undefined) {
    return false;
  }
  if (typeof a !== "bigint" && typeof b !== "bigint") {
    return x === y;
  }
  // Two different big integers may be the same double, and one of them the double that a float is.
  return Number.isFinite(x) && Number.isFinite(y) && exact(a) === exact(b);
}

/** A finite number as an integer; undefined if it has a fraction. */
function exact(value: Value): bigint | undefined {
  if (typeof value === "bigint") {
    return value;
  }
  const number = numericValue(value);
  return number === undefined || !Number.isInteger(number) ? undefined : BigInt(number);
}

/** A tuple never equals a list, nor has it an order with one. */
function kindOf(list: Value): "list" | "tuple" | "lazy" {
  return list instanceof Tuple ? "tuple" : list instanceof Lazy ? "lazy" : "list";
}

const UNORDERED = new Fault("values of these types have no order");

/** Negative, zero or positive as `a` is below, like or above `b`; a fault for types that have no order. */
export function compare(a: Value, b: Value): number | Fault {
  if (typeof a === "string" && typeof b === "string") {
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if ((isNumber(a) || typeof a === "boolean") && (isNumber(b) || typeof b === "boolean")) {
    if (typeof a === "bigint" && typeof b === "bigint") {
      return a < b ? -1 : a > b ? 1 : 0;
    }
    return (numericValue(a) ?? 0) - (numericValue(b) ?? 0);
  }
  if (Array.isArray(a) && Array.isArray(b) && !(a instanceof Lazy) && kindOf(a) === kindOf(b)) {
    const visits = new Visits();
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      visits.count(0);
      if (!equals(a[i], b[i])) {
        return compareItems(a[i], b[i]);
      }
    }
    return a.length - b.length;
  }
  return UNORDERED;
}

function compareItems(a: Value, b: Value): number | Fault {
  // Lists of lists are ordered by their first level only; nothing needs more.
  return Array.isArray(a) ? UNORDERED : compare(a, b);
}

const NO_CONTAINER = new Fault("`in` needs a text, list or dict on its right side");

/** `item in container`; nothing is in an undefined name. */
export function contains(container: Value, item: Value): boolean | Fault {
  if (typeof container === "string") {
    return typeof item === "string" ? container.includes(item) : new Fault("only a text can be in a text");
  }
  if (container === undefined) {
    return false;
  }
  if (Array.isArray(container)) {
    // A text equals nothing but the same text.
    return (
      container.includes(item) || (typeof item !== "string" && container.some((other) => equals(other, item)))
    );
  }
  return container instanceof Map ? hasKey(container, item) : NO_CONTAINER;
}

const NO_KEY = new Fault("a list or dict is not a key of a dict");

function hasKey(dict: Dict, item: Value): boolean | Fault {
  if (Array.isArray(item) || item instanceof Map) {
    return item instanceof Tuple ? false : NO_KEY;
  }
  const key = toKey(item);
  return key !== undefined && dict.has(key);
}

/** The value as a dict's key; undefined when it cannot be one. Whole floats are the same key as their int. */
export function toKey(value: Value): Key | undefined {
  if (value instanceof Float) {
    return value.value;
  }
  return value === undefined || (typeof value === "object" && value !== null) ? undefined : value;
}
