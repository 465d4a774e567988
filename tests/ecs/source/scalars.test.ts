import { expect, test } from "vitest";
import { Float } from "../../../src/ecs/contract/value.ts";
import { resolveScalar } from "../../../src/ecs/source/scalars.ts";

test.each([
  ["yes", true],
  ["Off", false],
  ["y", "y"],
  ["~", null],
  ["", null],
  ["12", 12],
  ["-1_000", -1000],
  ["010", 8],
  ["08", "08"],
  ["0x1F", 31],
  ["0b101", 5],
  ["1.5", 1.5],
  ["1.0", new Float(1)],
  ["1e3", "1e3"],
  ["1:30", 90],
  [".inf", Number.POSITIVE_INFINITY],
  [".nan", Number.NaN],
  ["2024-01-02", "2024-01-02"],
  ["+", "+"],
  ["90071992547409931", 90071992547409931n],
])("the plain scalar %s means %s", (text, value) => {
  expect(resolveScalar(text)).toEqual(value);
});
