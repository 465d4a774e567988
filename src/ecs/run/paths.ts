/** Nested dicts by paths. */
import type { Dict, Key, Value } from "../contract/value.ts";
import { valueAt } from "../values/path.ts";

/** Sets a path, with dicts made on the way; whatever else stands on the way is replaced by one. */
export function setPath(dict: Dict, keys: readonly string[], value: Value): void {
  let holder = dict;
  const last = keys.length - 1;
  for (let i = 0; i < last; i++) {
    const key = keys[i] ?? "";
    let below = holder.get(key);
    if (!(below instanceof Map)) {
      below = new Map<Key, Value>();
      holder.set(key, below);
    }
    holder = below;
  }
  holder.set(keys[last] ?? "", value);
}

/**
 * Removes a path, and with it the same name one level higher: after `a.b.c.x` there is no `a.b.x` either. Events of
 * the platform show that it does so; the root is spared.
 */
export function deletePath(dict: Dict, keys: readonly string[]): void {
  const last = keys.at(-1) ?? "";
  const holder = valueAt(dict, keys.slice(0, -1));
  if (holder instanceof Map) {
    holder.delete(last);
  }
  if (keys.length < 3) {
    return;
  }
  const above = valueAt(dict, keys.slice(0, -2));
  if (above instanceof Map) {
    above.delete(last);
  }
}
