/** Tests: what stands behind `is`, and what `select` and its like are given by name. */
import type { TestDefinition } from "../contract/function.ts";
import { Fault, type Value } from "../contract/value.ts";
import { compare, contains, equals } from "../values/compare.ts";
import { isNumber } from "../values/numbers.ts";
import { argument, defineTest, hasArgument } from "./define.ts";

/** A test of the value alone. */
function simple(
  name: string,
  summary: string,
  examples: TestDefinition["examples"],
  holds: (value: Value) => boolean,
): TestDefinition {
  return defineTest({ name, summary, examples, run: (value) => holds(value) });
}

const TYPE_TESTS: readonly TestDefinition[] = [
  simple(
    "defined",
    "Whether there is a value at all; None is one.",
    [
      { title: "None", expression: "none is defined", result: true },
      { title: "a name that is not defined", expression: "nothing is defined", result: false },
    ],
    (value) => value !== undefined,
  ),
  simple(
    "undefined",
    "Whether there is no value.",
    [{ title: "a name that is not defined", expression: "nothing is undefined", result: true }],
    (value) => value === undefined,
  ),
  simple(
    "none",
    "Whether the value is None.",
    [{ title: "a missing entry", expression: "{}.get('a') is none", result: true }],
    (value) => value === null,
  ),
  simple(
    "string",
    "Whether the value is a text.",
    [{ title: "a text", expression: "'a' is string", result: true }],
    (value) => typeof value === "string",
  ),
  simple(
    "number",
    "Whether the value is a number or a truth value.",
    [
      { title: "a float", expression: "1.0 is number", result: true },
      { title: "digits", expression: "'1' is not number", result: true },
    ],
    (value) => isNumber(value) || typeof value === "boolean",
  ),
  simple(
    "mapping",
    "Whether the value is a dict.",
    [{ title: "a dict", expression: "{} is mapping", result: true }],
    (value) => value instanceof Map,
  ),
  simple(
    "iterable",
    "Whether a loop can go over the value.",
    [
      { title: "a text", expression: "'ab' is iterable", result: true },
      { title: "a number", expression: "5 is iterable", result: false },
    ],
    (value) =>
      value === undefined || typeof value === "string" || Array.isArray(value) || value instanceof Map,
  ),
];

const inTest = defineTest({
  name: "in",
  summary: "Whether the value is one of the argument's items.",
  examples: [
    { title: "a list", expression: "'a' is in ['a', 'b']", result: true },
    { title: "a list, the other way", expression: "'c' is not in ['a', 'b']", result: true },
  ],
  run: (value, args) =>
    hasArgument(args, 0, "seq") ? contains(argument(args, 0, "seq"), value) : new Fault("`in` needs a list"),
});

type Verdict = boolean | Fault;

function ordered(holds: (difference: number) => boolean): (a: Value, b: Value) => Verdict {
  return (a, b) => {
    const difference = compare(a, b);
    return difference instanceof Fault ? difference : holds(difference);
  };
}

/** One comparison under all of its names. */
function comparison(
  names: readonly string[],
  summary: string,
  [left, right]: readonly [string, string],
  holds: (a: Value, b: Value) => Verdict,
): TestDefinition[] {
  return names.map((name) =>
    defineTest({
      name,
      summary,
      examples: [
        { title: "as a choice", expression: `[${left}] | select('${name}', ${right}) | length`, result: 1 },
        { title: "nothing to choose", expression: `[] | select('${name}', ${right}) | length`, result: 0 },
      ],
      run: (value, args) => holds(value, argument(args, 0, "other")),
    }),
  );
}

const COMPARISON_TESTS: readonly TestDefinition[] = [
  ...comparison(["==", "eq", "equalto"], "Whether both are equal.", ["1", "1"], equals),
  ...comparison(["!=", "ne"], "Whether both differ.", ["1", "2"], (a, b) => !equals(a, b)),
  ...comparison(
    ["<", "lt", "lessthan"],
    "Whether the value is smaller.",
    ["1", "2"],
    ordered((d) => d < 0),
  ),
  ...comparison(
    ["<=", "le"],
    "Whether the value is not greater.",
    ["1", "1"],
    ordered((d) => d <= 0),
  ),
  ...comparison(
    [">", "gt", "greaterthan"],
    "Whether the value is greater.",
    ["2", "1"],
    ordered((d) => d > 0),
  ),
  ...comparison(
    [">=", "ge"],
    "Whether the value is not smaller.",
    ["1", "1"],
    ordered((d) => d >= 0),
  ),
];

export const TESTS: readonly TestDefinition[] = [...TYPE_TESTS, inTest, ...COMPARISON_TESTS];
