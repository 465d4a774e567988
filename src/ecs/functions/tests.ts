/** Tests: what stands behind `is`, and what `select` and its like are given by name. */
import type { Arguments, TestDefinition } from "../contract/function.ts";
import { Fault, Float, type Value } from "../contract/value.ts";
import { modulo } from "../values/arithmetic.ts";
import { compare, contains, equals } from "../values/compare.ts";
import { isInteger, isNumber } from "../values/numbers.ts";
import { printValue } from "../values/print-value.ts";
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

/** Python's own tests of what a value is made of. */
const KIND_TESTS: readonly TestDefinition[] = [
  simple(
    "boolean",
    "Whether the value is true or false.",
    [{ title: "a number", expression: "1 is boolean", result: false }],
    (value) => typeof value === "boolean",
  ),
  simple(
    "true",
    "Whether the value is true itself.",
    [{ title: "a number", expression: "1 is true", result: false }],
    (value) => value === true,
  ),
  simple(
    "false",
    "Whether the value is false itself.",
    [{ title: "a name that is not defined", expression: "nothing is false", result: false }],
    (value) => value === false,
  ),
  simple(
    "integer",
    "Whether the value is a whole number; truth values and whole floats do not count.",
    [
      { title: "a number", expression: "1 is integer", result: true },
      { title: "a float", expression: "1.0 is integer", result: false },
    ],
    isInteger,
  ),
  simple(
    "float",
    "Whether the value is a float.",
    [{ title: "a whole one", expression: "1.0 is float", result: true }],
    (value) => value instanceof Float || (typeof value === "number" && !Number.isInteger(value)),
  ),
  simple(
    "sequence",
    "Whether the value has a length, and items: a text, a list or a dict.",
    [{ title: "a text", expression: "'ab' is sequence", result: true }],
    (value) =>
      value === undefined || typeof value === "string" || Array.isArray(value) || value instanceof Map,
  ),
  simple(
    "lower",
    "Whether the value's text has small letters and no capitals.",
    [{ title: "a word", expression: "'abc' is lower", result: true }],
    (value) => /^(?!.*[\p{Lu}\p{Lt}]).*\p{Ll}/su.test(printValue(value)),
  ),
  simple(
    "upper",
    "Whether the value's text has capitals and no small letters.",
    [{ title: "a word", expression: "'ABC' is upper", result: true }],
    (value) => /^(?!.*[\p{Ll}\p{Lt}]).*\p{Lu}/su.test(printValue(value)),
  ),
];

/** A test of the remainder that a division leaves. */
function remainder(
  name: string,
  summary: string,
  examples: TestDefinition["examples"],
  divisor: (args: Arguments) => Value,
  wanted: 0 | 1,
): TestDefinition {
  return defineTest({
    name,
    summary,
    examples,
    run: (value, args) => {
      if (value === undefined) {
        return new Fault("an undefined value is not a number");
      }
      const rest = modulo(value, divisor(args));
      return rest instanceof Fault ? rest : equals(rest, wanted);
    },
  });
}

const NUMBER_TESTS: readonly TestDefinition[] = [
  remainder(
    "odd",
    "Whether the number is odd.",
    [{ title: "3", expression: "3 is odd", result: true }],
    () => 2,
    1,
  ),
  remainder(
    "even",
    "Whether the number is even.",
    [{ title: "3", expression: "3 is even", result: false }],
    () => 2,
    0,
  ),
  remainder(
    "divisibleby",
    "Whether the number can be divided by another without a rest.",
    [{ title: "9", expression: "9 is divisibleby 3", result: true }],
    (args) => argument(args, 0, "num"),
    0,
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
        {
          title: "as a choice",
          expression: `[${left}] | select('${name}', ${right}) | list | length`,
          result: 1,
        },
        {
          title: "nothing to choose",
          expression: `[] | select('${name}', ${right}) | list | length`,
          result: 0,
        },
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

export const TESTS: readonly TestDefinition[] = [
  ...TYPE_TESTS,
  ...KIND_TESTS,
  ...NUMBER_TESTS,
  inTest,
  ...COMPARISON_TESTS,
];
