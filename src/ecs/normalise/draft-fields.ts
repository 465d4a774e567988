import type { Dict, Value } from "../contract/value.ts";

/** The dict under a name; undefined when there is none. */
export function dictAt(dict: Dict | undefined, name: string): Dict | undefined {
  const value = dict?.get(name);
  return value instanceof Map ? value : undefined;
}

/** The dict under a name, made when there is nothing; undefined when something else is there. */
export function dictMadeAt(dict: Dict, name: string): Dict | undefined {
  const value = dict.get(name);
  if (value === undefined || value === null) {
    const made: Dict = new Map();
    dict.set(name, made);
    return made;
  }
  return value instanceof Map ? value : undefined;
}

export function textAt(dict: Dict | undefined, name: string): string | undefined {
  const value = dict?.get(name);
  return typeof value === "string" ? value : undefined;
}

export function isMissing(dict: Dict, name: string): boolean {
  const value = dict.get(name);
  return value === undefined || value === null;
}

export function setIfMissing(dict: Dict, name: string, value: Value): void {
  if (value !== undefined && isMissing(dict, name)) {
    dict.set(name, value);
  }
}

/** A value for a second place: a list is copied, so that the two do not change together. */
export function shared(value: Value): Value {
  return Array.isArray(value) ? [...value] : value;
}
