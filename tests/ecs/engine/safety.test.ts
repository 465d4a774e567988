import fc from "fast-check";
import { expect, test } from "vitest";
import { toJson } from "../../../src/ecs/values/json-text.ts";
import { fieldsOf, formatWith, NOW, parseWith } from "../support/format.ts";

test("__proto__ and constructor as keys are data", () => {
  const event = '{"a": {"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}}';
  const result = parseWith('- set: { x.dict: "{{j.message.a}}" }', event);
  expect(toJson(result.event)).toContain('"__proto__":{"polluted":1}');
  fieldsOf(result);
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
});

test("a format that sets __proto__ changes no object", () => {
  parseWith(
    "- set: { __proto__.polluted: 1, x.dict.__proto__.polluted: 1, constructor.prototype.polluted: 1 }",
    "{}",
  );
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
});

test("a template over its limits leaves its field unset, and the next event has its whole budget again", () => {
  const format = formatWith(`- set:
    x.text: "{% for a in 'x' * j.message.n %}{% for b in 'x' * j.message.n %}{% endfor %}{% endfor %}a"
    x.other: b
`);
  const fields = (n: number): unknown => fieldsOf(format.parse(`{"n": ${n}}`, { now: NOW }));
  expect(fields(3000)).toEqual({ x: { other: "b" } });
  expect(fields(3)).toEqual({ x: { text: "a", other: "b" } });
});

test("a list that holds itself is not set", () => {
  const template = "{% set l = [] %}{% set _ = l.append(l) %}{{ l }}";
  expect(fieldsOf(parseWith(`- set: { x.list: "${template}", x.text: a }`, "{}"))).toEqual({
    x: { text: "a" },
  });
});

test("events keep the intake's root keys, and values of other types are ignored", () => {
  const result = parseWith("- set: { x.text: a }", {
    message: "{}",
    sekoiaio: { intake: { dialect: "d" } },
    event: { id: "1" },
  });
  expect(fieldsOf(result)).toEqual({ x: { text: "a" }, sekoiaio: { intake: { dialect: "d" } } });
});

test("any text and any JSON is parsed without an exception", () => {
  const format = formatWith(`- set:
    x.text: "{{j.message.a.b or j.message.a}}"
    x.list: "{{j.message.a | list | map('upper') | list}}"
    x.dict: "{{j.message}}"
    x.count: "{{j.message.a | int}}"
    "@timestamp": "{{j.message.a | to_rfc3339}}"
    source.ip: "{{j.message.a}}"
    url.original: "{{j.message.a}}"
`);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((a) => `{"a": ${a}}`),
      ),
      (event) => {
        toJson(format.parse(event, { now: NOW, trace: true }).event);
      },
    ),
    { numRuns: 300 },
  );
});
