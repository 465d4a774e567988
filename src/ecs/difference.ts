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

/** Every difference, in the order of the paths. */
export function* differencesOf(expected: Value, got: Value, path = ""): Generator<Difference> {
  if (!(expected instanceof Map && got instanceof Map)) {
    if (canonical(expected) !== canonical(got)) {
      yield { path, expected: printed(expected), got: printed(got) };
    }
    return;
  }
  const keys = new Set([...expected.keys(), ...got.keys()].map(String));
  for (const key of [...keys].sort()) {
    const below = path === "" ? key : `${path}.${key}`;
    yield* differencesOf(entry(expected, key), entry(got, key), below);
  }
}

function entry(dict: Dict, key: string): Value {
  return dict.get(key);
}

function printed(value: Value): string | undefined {
  return value === undefined ? undefined : toJson(value);
}

/** One text for all values that are equal here: keys and items are sorted, and 1 is 1.0. */
function canonical(value: Value): string {
  if (value === undefined) {
    return "";
  }
  if (value instanceof Float) {
    return String(value.value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(canonical).sort().join(",")}]`;
  }
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${JSON.stringify(String(key))}:${canonical(item)}`);
    return `{${entries.sort().join(",")}}`;
  }
  return toJson(value);
}
