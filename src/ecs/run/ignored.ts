/** The values that a format wants left out. */
import type { Dict, Key, Value } from "../contract.ts";

/** The value without ignored list items and dict entries; undefined when it is ignored itself. */
export function withoutIgnored(value: Value, isIgnored: (value: Value) => boolean): Value {
  if (Array.isArray(value)) {
    const kept = value.flatMap((item) => {
      const inside = withoutIgnored(item, isIgnored);
      return inside === undefined ? [] : [inside];
    });
    return kept.length === 0 && value.length > 0 ? undefined : kept;
  }
  if (!(value instanceof Map)) return isIgnored(value) ? undefined : value;
  const dict: Dict = new Map<Key, Value>();
  for (const [key, item] of value) {
    const inside = withoutIgnored(item, isIgnored);
    if (inside !== undefined) dict.set(key, inside);
  }
  return dict;
}
