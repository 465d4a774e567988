import { Float, type Value } from "../contract/value.ts";
import { canonicalIp } from "../values/ip.ts";
import { toSortedJson } from "../values/json-text.ts";
import { type Integer, makeFloat, numericValue, parseFloatText, parseInteger } from "../values/numbers.ts";
import { rfc3339 } from "./datetime.ts";

/** Makes a value fit a type; undefined when it cannot. Lists come item by item. */
export type Converter = (value: Value) => Value;

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const TRUE = new Set(["true", "t", "yes", "y", "on", "1"]);

export const asText: Converter = (value) => (typeof value === "string" ? value : toSortedJson(value));

const asNumber: Converter = (value) => {
  if (typeof value === "string") {
    const integer = parseInteger(value);
    return integer === undefined ? finite(parseFloatText(value)) : int64(integer);
  }
  if (typeof value === "bigint") {
    return int64(value);
  }
  return typeof value === "number" || value instanceof Float || typeof value === "boolean"
    ? value
    : undefined;
};

const asFloat: Converter = (value) => {
  const number = typeof value === "string" ? parseFloatText(value) : numericValue(value);
  return typeof number === "number" ? finite(makeFloat(number)) : number;
};

/** What says yes is true and any other scalar is false, however strange. */
const asBoolean: Converter = (value) => {
  if (typeof value === "string") {
    return TRUE.has(value.trim().toLowerCase());
  }
  const number = numericValue(value);
  return typeof value === "boolean" ? value : number === undefined ? undefined : number !== 0;
};

const asIp: Converter = (value) => (typeof value === "string" ? canonicalIp(value.trim()) : undefined);

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

/** Types whose values stay as they are, or are told apart elsewhere: those of Elasticsearch, and the platform's own. */
const OTHER_TYPES = [
  ...[
    "integer",
    "int",
    "short",
    "byte",
    "unsigned_long",
    "half_float",
    "string",
    "keywords",
    "list",
    "array",
  ],
  ...["object", "nested", "flattened", "dict", "date", "geo_point"],
];

/** All types that a format may give a field. */
export const FIELD_TYPES: readonly string[] = [...CONVERTERS.keys(), ...OTHER_TYPES];

/** The conversion of a type; undefined for the types whose values stay as they are. */
export function converterOf(type: string): Converter | undefined {
  return CONVERTERS.get(type);
}

function finite(value: number | Float | undefined): Value {
  return typeof value === "number" && !Number.isFinite(value) ? undefined : value;
}

function int64(value: Integer): Integer {
  return typeof value === "number"
    ? value
    : value > INT64_MAX
      ? INT64_MAX
      : value < INT64_MIN
        ? INT64_MIN
        : value;
}
