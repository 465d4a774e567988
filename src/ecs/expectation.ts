/** A format's test with what the format makes of its input as the expectation. */
import type { Dict, Value } from "./contract/value.ts";
import { toJson } from "./values/json-text.ts";

/**
 * @param test The file as it is.
 * @param event What the format makes of its input.
 * @returns The file as it becomes, with what tests do not compare left as it was.
 */
export function updatedTest(test: Dict, event: Dict): string {
  const before = test.get("expected");
  const expected = new Map(event);
  if (before instanceof Map) {
    keepFrom(before, expected, ["message"]);
    keepFrom(before, expected, ["event", "id"]);
    keepFrom(before, expected, ["sekoiaio", "intake"]);
  }
  return `${indented(new Map(test).set("expected", expected), "")}\n`;
}

/** What is under the path in one dict is put there in the other, or taken away if it is not there. */
function keepFrom(from: Dict, to: Dict, [key = "", ...rest]: readonly string[]): void {
  const before = from.get(key);
  if (rest.length === 0) {
    if (before === undefined) {
      to.delete(key);
    } else {
      to.set(key, before);
    }
    return;
  }
  const holder = to.get(key);
  const copy: Dict = new Map(holder instanceof Map ? holder : []);
  keepFrom(before instanceof Map ? before : new Map(), copy, rest);
  if (copy.size > 0) {
    to.set(key, copy);
  } else {
    to.delete(key);
  }
}

function indented(value: Value, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value) && value.length > 0) {
    return `[\n${value.map((item) => inner + indented(item, inner)).join(",\n")}\n${indent}]`;
  }
  if (value instanceof Map && value.size > 0) {
    const entries = [...value].map(
      ([key, item]) => `${inner}${JSON.stringify(String(key))}: ${indented(item, inner)}`,
    );
    return `{\n${entries.join(",\n")}\n${indent}}`;
  }
  return toJson(value);
}
