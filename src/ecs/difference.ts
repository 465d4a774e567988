/** Compares two events as the public test suite does: the order of keys and of list items does not count. */
import { type Dict, Float, type Value } from "./contract/value.ts";
import { toJson } from "./values/json-text.ts";

export type Difference = {
  /** Dotted. */
  readonly path: string;
  /** JSON text; undefined for a field that should not be there. */
  readonly expected: string | undefined;
  /** JSON text; undefined for a field that is not there. */
  readonly got: string | undefined;
};

/** @returns The first difference in the order of the paths; undefined when there is none. */
export function firstDifference(expected: Value, got: Value, path = ""): Difference | undefined {
  if (!(expected instanceof Map && got instanceof Map)) {
    if (canonical(expected) === canonical(got)) return undefined;
    return { path, expected: printed(expected), got: printed(got) };
  }
  const keys = new Set([...expected.keys(), ...got.keys()].map(String));
  for (const key of [...keys].sort()) {
    const below = path === "" ? key : `${path}.${key}`;
    const difference = firstDifference(entry(expected, key), entry(got, key), below);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function entry(dict: Dict, key: string): Value {
  return dict.get(key);
}

function printed(value: Value): string | undefined {
  return value === undefined ? undefined : toJson(value);
}

/** One text for all values that are equal here: keys and items are sorted, and 1 is 1.0. */
function canonical(value: Value): string {
  if (value === undefined) return "";
  if (value instanceof Float) return String(value.value);
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join(",")}]`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${JSON.stringify(String(key))}:${canonical(item)}`);
    return `{${entries.sort().join(",")}}`;
  }
  return toJson(value);
}
