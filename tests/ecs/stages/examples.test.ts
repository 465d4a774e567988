import fc from "fast-check";
import { expect, test } from "vitest";
import { StageFailure } from "../../../src/ecs/contract/stage.ts";
import { Float, type Value } from "../../../src/ecs/contract/value.ts";
import { STAGES } from "../../../src/ecs/stages/stage-list.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 12);

/** Plain JSON of a value, for comparison with an example. */
function plain(value: Value | StageFailure): unknown {
  if (value instanceof StageFailure) {
    return "failure";
  }
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]));
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  return value instanceof Float ? value.value : value;
}

const examples = STAGES.flatMap((stage) =>
  stage.examples.map((example) => ({ stage, example, title: `${stage.name}: ${example.title}` })),
);

test.each(examples)("$title", ({ stage, example }) => {
  const run = stage.prepare(example.properties);
  const result = run({ value: example.input, rendered: example.rendered ?? {}, nowMs: NOW_MS, reads: "all" });
  expect(plain(result)).toEqual(example.result);
});

test("every property of an example is declared", () => {
  for (const { stage, example } of examples) {
    const declared = stage.properties.map(({ name }) => name);
    expect(declared).toEqual(
      expect.arrayContaining([...Object.keys(example.properties), ...Object.keys(example.rendered ?? {})]),
    );
  }
});

test.each(STAGES.map((stage) => ({ name: stage.name, stage })))(
  "$name: no input is a failure, never an exception",
  ({ stage }) => {
    for (const { properties, rendered } of stage.examples) {
      for (const value of [undefined, null, true, 1.5, "", [], new Map()] as Value[]) {
        const result = stage.prepare(properties)({
          value,
          rendered: rendered ?? {},
          nowMs: NOW_MS,
          reads: "all",
        });
        expect(result).toBeDefined();
      }
      expect(stage.prepare({})({ value: "x", rendered: {}, nowMs: NOW_MS, reads: "all" })).toBeDefined();
    }
  },
);

const noise = fc.array(
  fc.oneof(
    fc.constantFrom(
      '"',
      "'",
      "=",
      " ",
      "|",
      "\\",
      "[",
      "]",
      "<",
      ">",
      "</a>",
      "&",
      ";",
      ",",
      ":",
      "{",
      "}",
      "\n",
      "\t",
      "CEF:0|",
      "LEEF:2.0|",
      "-",
      "+",
      "1",
      "2021",
      "Jan",
      "%",
      "a",
      "k=",
      '="',
    ),
    fc.string({ maxLength: 3 }),
  ),
  { maxLength: 30 },
);

test.each(STAGES.map((stage) => ({ name: stage.name, stage })))(
  "$name: any text gives a value or a failure",
  ({ stage }) => {
    const runners = stage.examples.map(({ properties, rendered }) => ({
      run: stage.prepare(properties),
      rendered: rendered ?? {},
    }));
    fc.assert(
      fc.property(
        noise,
        fc.nat(),
        fc.nat(),
        fc.constantFrom(...stage.examples),
        (parts, cut, rest, example) => {
          const text = example.input;
          const mutated =
            text.slice(0, cut % (text.length + 1)) + parts.join("") + text.slice(rest % (text.length + 1));
          for (const { run, rendered } of runners) {
            expect(run({ value: mutated, rendered, nowMs: NOW_MS, reads: "all" })).toBeDefined();
          }
        },
      ),
      { numRuns: 400 },
    );
  },
);

test.each(STAGES.map((stage) => ({ name: stage.name, stage })))(
  "$name: a long hostile text costs little",
  ({ stage }) => {
    const shapes = [
      'k="x ',
      "a=",
      "[",
      "]",
      '"',
      "' ",
      "<a>",
      "&#1;",
      "{'a':",
      '{"a":',
      "(",
      "1",
      " ",
      "|",
      "\\",
      ",",
      '",',
      "01:01 ",
    ];
    for (const shape of shapes) {
      for (const { properties, rendered, input } of stage.examples.slice(0, 4)) {
        const text = input.slice(0, 20) + shape.repeat(30_000 / shape.length);
        const run = stage.prepare(properties);
        const started = process.threadCpuUsage().user;
        expect(run({ value: text, rendered: rendered ?? {}, nowMs: NOW_MS, reads: "all" })).toBeDefined();
        expect(
          (process.threadCpuUsage().user - started) / 1000,
          `${shape} after ${input.slice(0, 20)}`,
        ).toBeLessThan(400);
      }
    }
  },
);
