/** Reads what a YAML file says about a stage; nothing is known about its types. */
import { Float, type Value } from "../contract/value.ts";

/** A text; numbers and booleans as they are written; undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") {
    return value;
  }
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") {
    return String(value);
  }
  return value instanceof Float ? String(value.value) : undefined;
}

/** The texts of a map, in order, whether the YAML room hands over objects or Maps. */
export function textMapOf(value: unknown): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return texts;
  }
  const entries: Iterable<readonly [unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
  for (const [key, item] of entries) {
    const text = textOf(item);
    if (text !== undefined) {
      texts.set(String(key), text);
    }
  }
  return texts;
}

/** A list's texts; a single text is one of them. */
export function textListOf(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.flatMap((item) => textOf(item) ?? []);
}

/** `true`, also where YAML took it for a text. */
export function isTrue(value: unknown): boolean {
  return value === true || (typeof value === "string" && value.toLowerCase() === "true");
}

/** The input as a text, or undefined when there is none to work on. */
export function inputText(value: Value): string | undefined {
  return typeof value === "string" ? value : undefined;
}
