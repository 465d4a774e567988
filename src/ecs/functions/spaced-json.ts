/** JSON as Python's `json.dumps(sort_keys=True)` writes it, with HTML's special characters escaped. */
import type { Key, Value } from "../contract/value.ts";
import { toJson } from "../values/json-text.ts";

/** Python writes ASCII only; the four others would end an attribute or a script of a page. */
const ESCAPED = /[<>&'\u007f-\uffff]/g;

/** Texts that stand in JSON as they are. */
const PLAIN = /^[ !#-%(-;=?-[\]-~]*$/;

export function toSpacedJson(value: Value): string {
  if (typeof value === "string" && PLAIN.test(value)) {
    return `"${value}"`;
  }
  if (Array.isArray(value)) {
    return `[${value.map(toSpacedJson).join(", ")}]`;
  }
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]): [string, Value] => [keyText(key), item]);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${toSpacedJson(key)}: ${toSpacedJson(item)}`).join(", ")}}`;
  }
  const text = toJson(value);
  if (typeof value !== "string") {
    return text;
  }
  return text.replace(ESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function keyText(key: Key): string {
  return typeof key === "string" ? key : toJson(key);
}
