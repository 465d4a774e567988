/** What the filters of lists have in common. */
import { Fault, type Result, type Value } from "../contract/value.ts";
import { isInteger } from "../values/numbers.ts";

const NOT_ITERABLE = new Fault("only texts, lists and dicts have items");

/** The items that a loop would see; an undefined name has none. */
export function itemsOf(value: Value): readonly Value[] | Fault {
  if (Array.isArray(value)) {
    return value;
  }
  if (value === undefined) {
    return [];
  }
  if (typeof value === "string") {
    return [...value];
  }
  return value instanceof Map ? [...value.keys()] : NOT_ITERABLE;
}

const NO_ATTRIBUTE = new Fault("an undefined value has no attributes");

/** Reads an attribute by name, dotted path or number of one value after the other; undefined where the last step is missing. */
export function attributeReader(attribute: Value): (value: Value) => Result {
  if (isInteger(attribute)) {
    return (value) => step(value, attribute);
  }
  if (typeof attribute !== "string") {
    return () => NO_NAME;
  }
  const keys = attribute.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return (value) => {
    let found: Result = value;
    for (const key of keys) {
      found = step(found, key);
      if (found instanceof Fault) {
        return found;
      }
    }
    return found;
  };
}

const NO_NAME = new Fault("an attribute is named by a text or a number");

function step(value: Value, key: string | number | bigint): Result {
  if (value === undefined) {
    return NO_ATTRIBUTE;
  }
  if (value instanceof Map) {
    return value.get(key);
  }
  if ((Array.isArray(value) || typeof value === "string") && typeof key !== "string") {
    return value.at(Number(key));
  }
  return undefined;
}
