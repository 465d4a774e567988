/** The values that a format wants left out. */
import type { Dict, Key, Value } from "../contract.ts";

/**
 * The value without ignored entries of dicts; undefined when it is ignored itself. Lists that a template gave as a
 * whole keep all of their items.
 */
export function withoutIgnored(value: Value, isIgnored: (value: Value) => boolean): Value {
  if (Array.isArray(value))
    return value.map((item) => (item instanceof Map ? withoutIgnored(item, isIgnored) : item));
  if (!(value instanceof Map)) return isIgnored(value) ? undefined : value;
  const dict: Dict = new Map<Key, Value>();
  for (const [key, item] of value) {
    const inside = withoutIgnored(item, isIgnored);
    if (inside !== undefined) dict.set(key, inside);
  }
  return dict;
}
