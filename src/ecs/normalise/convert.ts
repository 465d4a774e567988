import { Float, type Value } from "../contract.ts";
import { rfc3339 } from "./datetime.ts";
import { canonicalIp } from "./ip.ts";
import { toSortedJson } from "./json.ts";

/** Makes a value fit a type; undefined when it cannot. Lists come item by item. */
export type Converter = (value: Value) => Value;

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const INTEGER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const TRUE = new Set(["true", "t", "yes", "y", "on", "1"]);
const FALSE = new Set(["false", "f", "no", "n", "off", "0"]);

const asText: Converter = (value) => (typeof value === "string" ? value : toSortedJson(value));

const asNumber: Converter = (value) => {
  if (typeof value === "string") {
    const text = value.trim();
    if (INTEGER.test(text)) {
      return int64(BigInt(text.startsWith("+") ? text.slice(1) : text));
    }
    return DECIMAL.test(text) ? float(Number(text)) : undefined;
  }
  if (typeof value === "bigint") {
    return int64(value);
  }
  return typeof value === "number" || value instanceof Float || typeof value === "boolean"
    ? value
    : undefined;
};

const asFloat: Converter = (value) => {
  if (typeof value === "string") {
    const text = value.trim();
    return DECIMAL.test(text) ? float(Number(text)) : undefined;
  }
  if (typeof value === "number" || typeof value === "bigint") {
    return float(Number(value));
  }
  return value instanceof Float ? value : undefined;
};

const asBoolean: Converter = (value) => {
  if (typeof value === "boolean") {
    return value;
  }
  const text = typeof value === "string" ? value.trim().toLowerCase() : String(numberOf(value));
  return TRUE.has(text) ? true : FALSE.has(text) ? false : undefined;
};

const asIp: Converter = (value) => (typeof value === "string" ? canonicalIp(value) : undefined);

const asDate: Converter = (value) => (typeof value === "string" ? rfc3339(value) : undefined);

const CONVERTERS: ReadonlyMap<string, Converter> = new Map([
  ["keyword", asText],
  ["text", asText],
  ["wildcard", asText],
  ["match_only_text", asText],
  ["constant_keyword", asText],
  ["long", asNumber],
  ["number", asNumber],
  ["float", asFloat],
  ["double", asFloat],
  ["scaled_float", asFloat],
  ["boolean", asBoolean],
  ["bool", asBoolean],
  ["ip", asIp],
  ["datetime", asDate],
  ["date_nanos", asDate],
]);

/** The conversion of a type; undefined for the types whose values stay as they are. */
export function converterOf(type: string): Converter | undefined {
  return CONVERTERS.get(type);
}

function numberOf(value: Value): number | undefined {
  return value instanceof Float ? value.value : typeof value === "number" ? value : undefined;
}

function float(value: number): Value {
  return Number.isInteger(value) ? new Float(value) : Number.isFinite(value) ? value : undefined;
}

function int64(value: bigint): number | bigint {
  const clamped = value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : value;
  const small = Number(clamped);
  return Number.isSafeInteger(small) ? small : clamped;
}
