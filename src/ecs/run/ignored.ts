/** The values that a format wants left out. */
import type { Dict, Key, Value } from "../contract/value.ts";

/**
 * The value without ignored entries of dicts; undefined when it is ignored itself. Lists that a template gave as a
 * whole keep all of their items, and these all of their entries.
 */
export function withoutIgnored(value: Value, isIgnored: (value: Value) => boolean): Value {
  if (Array.isArray(value)) {
    return value;
  }
  if (!(value instanceof Map)) {
    return isIgnored(value) ? undefined : value;
  }
  const dict: Dict = new Map<Key, Value>();
  for (const [key, item] of value) {
    const inside = withoutIgnored(item, isIgnored);
    if (inside !== undefined) {
      dict.set(key, inside);
    }
  }
  return dict;
}
