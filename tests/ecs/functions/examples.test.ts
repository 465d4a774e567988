import { expect, test } from "vitest";
import { Fault } from "../../../src/ecs/contract/value.ts";
import { FUNCTIONS } from "../../../src/ecs/engine.ts";
import { toPlain } from "../../../src/ecs/values/json-text.ts";
import { render } from "../support/evaluate.ts";

const { filters, tests, methods } = FUNCTIONS;
const examples = [...filters, ...tests, ...methods].flatMap(({ name, examples: all }) =>
  all.map((example) => ({ name, ...example })),
);

test.each(examples)("$name: $title", ({ expression, result, fault }) => {
  const value = render(`{{ ${expression} }}`);
  if (fault === true) {
    expect(value).toBeInstanceOf(Fault);
    return;
  }
  if (value instanceof Fault) {
    throw new Error(value.reason);
  }
  expect(value === undefined ? undefined : toPlain(value)).toEqual(result);
});

test("no filter, test or method is defined twice", () => {
  const names = [
    ...filters.map(({ name }) => `| ${name}`),
    ...tests.map(({ name }) => `is ${name}`),
    ...methods.map(({ on, name }) => `${on}.${name}`),
  ];
  expect(new Set(names).size).toBe(names.length);
});
