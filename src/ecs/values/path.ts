/** What a path of keys leads to. */
import type { Value } from "../contract/value.ts";

/** @returns undefined when some key of the path is missing. */
export function valueAt(value: Value, keys: readonly string[]): Value {
  for (const key of keys) {
    if (!(value instanceof Map)) {
      return undefined;
    }
    value = value.get(key);
  }
  return value;
}
