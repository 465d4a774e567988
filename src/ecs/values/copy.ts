/** Copies of values, and values from plain JavaScript. */
import { type Dict, Float, type Key, Tuple, type Value } from "../contract/value.ts";
import { Visits } from "./limits.ts";

/**
 * A copy that shares no list or dict with the value.
 * @throws LimitExceeded for values too deep or too large, such as a list that holds itself.
 */
export function deepCopy(value: Value): Value {
  return typeof value === "object" && value !== null ? copyNested(value, new Visits(), 0) : value;
}

function copyNested(value: Value, visits: Visits, depth: number): Value {
  if (typeof value === "string") {
    visits.text(value.length);
  }
  if (typeof value !== "object" || value === null || value instanceof Float) {
    return value;
  }
  visits.count(depth);
  if (Array.isArray(value)) {
    const items = value instanceof Tuple ? new Tuple() : new Array<Value>(value.length);
    for (let i = 0; i < value.length; i++) {
      items[i] = copyNested(value[i], visits, depth + 1);
    }
    return items;
  }
  const copy: Dict = new Map<Key, Value>();
  for (const [key, item] of value) {
    copy.set(key, copyNested(item, visits, depth + 1));
  }
  return copy;
}

/**
 * The value that plain JavaScript stands for. Numbers with a fraction are floats, whole ones ints;
 * values of this library, inside plain ones too, stay as they are.
 * @throws LimitExceeded for values too deep or too large, or that hold themselves.
 */
export function fromPlain(plain: unknown): Value {
  return fromNested(plain, new Visits(), 0);
}

function fromNested(plain: unknown, visits: Visits, depth: number): Value {
  switch (typeof plain) {
    case "string":
    case "boolean":
    case "bigint":
      return plain;
    case "number":
      return Number.isInteger(plain) && !Number.isSafeInteger(plain) ? new Float(plain) : plain;
    case "object":
      break;
    default:
      return undefined;
  }
  if (plain === null || plain instanceof Float) {
    return plain;
  }
  visits.count(depth);
  if (Array.isArray(plain)) {
    return plain.map((item) => fromNested(item, visits, depth + 1));
  }
  const entries = plain instanceof Map ? plain.entries() : Object.entries(plain);
  const dict: Dict = new Map<Key, Value>();
  for (const [key, item] of entries) {
    dict.set(key, fromNested(item, visits, depth + 1));
  }
  return dict;
}
