import { expect } from "vitest";
import { type Dict, Float, type Value } from "../../../src/ecs/contract/value.ts";
import { createNormalise } from "../../../src/ecs/normalise/normalise-event.ts";
import { createTaxonomy } from "../../../src/ecs/normalise/taxonomy.ts";
import { type Plain, toPlain } from "../../../src/ecs/values/json-text.ts";

/** The library's value of plain JSON; text such as `1.0` is written by `new Float(1)` in the tests themselves. */
export function toValue(plain: unknown): Value {
  if (Array.isArray(plain)) {
    return plain.map(toValue);
  }
  if (typeof plain === "object" && plain !== null && !(plain instanceof Float)) {
    return dictOf(plain);
  }
  return plain as Value;
}

export function dictOf(plain: object): Dict {
  return new Map(Object.entries(plain).map(([key, item]) => [key, toValue(item)]));
}

const TAXONOMY = createTaxonomy([]);
const normalise = createNormalise(TAXONOMY, undefined);

/** What normalising a draft of declared ECS fields gives, whether or not it is known what the draft may hold. */
export function normalised(draft: object, input: object = {}): Plain {
  const event = toPlain(normalise(dictOf(draft), dictOf(input)));
  const normaliseThese = createNormalise(TAXONOMY, pathsOf(dictOf(draft), ""));
  expect(toPlain(normaliseThese(dictOf(draft), dictOf(input)))).toEqual(event);
  return event;
}

function pathsOf(dict: Dict, prefix: string): string[] {
  return [...dict].flatMap(([key, value]) => {
    const path = `${prefix}${String(key)}`;
    return value instanceof Map && value.size > 0 ? pathsOf(value, `${path}.`) : [path];
  });
}
