import fc from "fast-check";
import { expect, test } from "vitest";
import { Fault } from "../../../src/ecs/contract/value.ts";
import { parseTemplate } from "../../../src/ecs/template/parse-template.ts";
import { toPlain } from "../../../src/ecs/values/json-text.ts";
import { render } from "../support/evaluate.ts";

const e = { v: null, n: 7, f: 1.5, s: "a b", list: ["x", "y"], d: { k: 1 } };

test.each([
  { name: "text alone", template: "plain", result: "plain" },
  { name: "one newline at the end is dropped", template: "plain\n\n", result: "plain\n" },
  { name: "one output keeps its type", template: "{{ e.n }}", result: 7 },
  {
    name: "several outputs are printed",
    template: "{{ e.n }}/{{ e.v }}/{{ e.list }}",
    result: "7/None/['x', 'y']",
  },
  { name: "a comment prints nothing", template: "{# no #}{{ e.n }}", result: 7 },
  { name: "white space control", template: " {%- if true -%} x {%- endif -%} ", result: "x" },
  { name: "a closing mark inside a dict", template: "{{ {'a': {}} }}", result: { a: {} } },
  { name: "neighbouring texts are one", template: "{{ 'a' 'b' }}", result: "ab" },
  { name: "an unknown escape keeps its backslash", template: String.raw`{{ "\d\n" }}`, result: "\\d\n" },
  { name: "numbers", template: "{{ [1_000, 0x10, 0b11, 2.5, 1e3] }}", result: [1000, 16, 3, 2.5, 1000] },
  { name: "a missing entry is undefined", template: "{{ e.missing is defined }}", result: false },
  {
    name: "null is a name that nothing defines",
    template: "{{ e.v != null and e.missing == null }}",
    result: true,
  },
  { name: "None is not an undefined name", template: "{{ e.missing == None }}", result: false },
  { name: "get gives None", template: "{{ e.get('missing') == None }}", result: true },
  { name: "an item by number as attribute", template: "{{ e.list.1 | lower }}", result: "y" },
  { name: "negative subscripts", template: "{{ e.list[-1] }}", result: "y" },
  { name: "a subscript out of range", template: "{{ e.list[9] is defined }}", result: false },
  {
    name: "slices",
    template: "{{ [e.s[1:], e.list[:1], 'abcd'[::2], 'abc'[::-1]] }}",
    result: [" b", ["x"], "ac", "cba"],
  },
  {
    name: "arithmetic",
    template: "{{ [7 // 2, -7 // 2, -7 % 3, 2 ** 10, 7 / 2] }}",
    result: [3, -4, 2, 1024, 3.5],
  },
  {
    name: "large integers stay exact",
    template: "{{ (9007199254740993 + 2) | string }}",
    result: "9007199254740995",
  },
  { name: "an integral float prints its point", template: "{{ (4 / 2) | string }}", result: "2.0" },
  { name: "joining prints", template: "{{ 1 ~ 'a' ~ none }}", result: "1aNone" },
  { name: "text and list repeat", template: "{{ ['ab' * 2, [1] * 2] }}", result: ["abab", [1, 1]] },
  { name: "chained comparison", template: "{{ [1 < 2 < 3, 1 < 3 < 2] }}", result: [true, false] },
  {
    name: "in and not in",
    template: "{{ ['a' in 'cat', 'k' in e.d, 3 not in [1, 2], 'x' in missing] }}",
    result: [true, true, true, false],
  },
  { name: "or gives the value that decided", template: "{{ e.missing or '' or 'c' }}", result: "c" },
  { name: "inline if", template: "{{ 'a' if e.n > 9 else 'b' }}", result: "b" },
  { name: "inline if without else", template: "{{ 'a' if false }}", result: undefined },
  { name: "unary operators", template: "{{ [-e.n, +e.n, not e.n] }}", result: [-7, 7, false] },
  {
    name: "if, elif, else",
    template: "{% if e.n == 1 %}a{% elif e.n == 7: %}b{% else %}c{% endif %}",
    result: "b",
  },
  {
    name: "a loop",
    template: "{% for x in e.list %}{{ loop.index }}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}",
    result: "1x,2y",
  },
  {
    name: "a loop over pairs",
    template: "{% for k, v in e.d.items() %}{{ k }}={{ v }}{% endfor %}",
    result: "k=1",
  },
  {
    name: "a loop with a condition",
    template: "{% for x in [1, 2, 3] if x != 2 %}{{ loop.index }}{% endfor %}",
    result: "12",
  },
  {
    name: "a loop over nothing",
    template: "{% for x in missing %}a{% else %}none{% endfor %}",
    result: "none",
  },
  {
    name: "set inside a loop stays there",
    template: "{% set a = 1 %}{% for x in [1] %}{% set a = 2 %}{% endfor %}{{ a }}",
    result: 1,
  },
  {
    name: "set inside an if does not",
    template: "{% if true %}{% set a = 2 %}{% endif %}{{ a }}",
    result: 2,
  },
  {
    name: "a list is changed by append",
    template: "{% set l = [] %}{% for x in [1, 2] %}{% set _ = l.append(x) %}{% endfor %}{{ l }}",
    result: [1, 2],
  },
  { name: "unpacking", template: "{% set a, b = [1, 2] %}{{ b }}", result: 2 },
  { name: "spread arguments", template: "{{ '%s-%s' | format(*e.list) }}", result: "x-y" },
  { name: "a match and its groups", template: "{{ re.search('(a) (b)', e.s).groups()[1] }}", result: "b" },
  {
    name: "tests bind tighter than and",
    template: "{{ e.n is number and e.s is not number }}",
    result: true,
  },
  { name: "a tuple is a list outside", template: "{{ 1, 2 }}", result: [1, 2] },
  { name: "a tuple prints as one", template: "{{ 1, 'a' }} {{ (2,) }} {{ () }}", result: "(1, 'a') (2,) ()" },
  { name: "pairs of a dict are tuples", template: "{{ {'a': 1}.items() }};", result: "[('a', 1)];" },
  { name: "a part of a tuple is one", template: "{{ (1, 2, 3)[1:] }};", result: "(2, 3);" },
  { name: "a tuple equals no list", template: "{{ (1, 2) == [1, 2] or [1] == (1,) }}", result: false },
  { name: "a list made from a tuple", template: "{{ (1, 2) | list }};", result: "[1, 2];" },
  {
    name: "a large integer and a float leave an exact rest",
    template: "{{ 36028797018963971 % 10.0 }};",
    result: "8.0;",
  },
])("render: $name", ({ template, result }) => {
  const value = render(template, { e });
  if (value instanceof Fault) {
    throw new Error(value.reason);
  }
  expect(value === undefined ? undefined : toPlain(value)).toEqual(result);
});

test.each([
  { name: "an attribute of an undefined name", template: "{{ missing.a }}" },
  { name: "the first of two alternatives cannot be computed", template: "{{ missing.a or 'b' }}" },
  { name: "a call on an undefined value", template: "{{ e.missing.split() }}" },
  { name: "a method that the type has not", template: "{{ e.n.split() }}" },
  { name: "arithmetic with None", template: "{{ e.v + 1 }}" },
  { name: "an order between text and number", template: "{{ e.s < 1 }}" },
  { name: "division by zero", template: "{{ 1 // 0 }}" },
  { name: "an unknown filter", template: "{{ e.n | nosuch }}" },
  { name: "an unknown test", template: "{{ e.n is nosuch }}" },
  { name: "an unknown function", template: "{{ nosuch(1) }}" },
  { name: "a function of Jinja that the platform has not", template: "{{ range(3) }}" },
  { name: "a loop over a number", template: "{% for x in e.n %}{% endfor %}" },
  { name: "too few values to unpack", template: "{% set a, b = [1] %}" },
  { name: "a list without end", template: "{{ [1] * 100000000 }}" },
  { name: "a text without end", template: "{{ 'a' * 100000000 }}" },
  { name: "an integer without end", template: "{{ 9 ** 9 ** 9 ** 9 }}" },
  { name: "a pattern without end", template: "{{ '%999999999d' | format(1) }}" },
  {
    name: "loops in loops",
    template: "{% for a in 'x' * 1000 %}{% for b in 'x' * 1000 %}{% endfor %}{% endfor %}",
  },
  { name: "a list that holds itself", template: "{% set l = [] %}{% set _ = l.append(l) %}a{{ l }}" },
  { name: "a list that doubles", template: `{% set a = [1] %}${"{% set a = [a, a] %}".repeat(40)}a{{ a }}` },
])("render: $name cannot be computed", ({ template }) => {
  expect(render(template, { e })).toBeInstanceOf(Fault);
});

test.each([
  { template: "{{ a", message: '"{{" is not closed', offset: 0 },
  { template: "{{ a. }}", message: '"}}" stands where a name was expected', offset: 6 },
  { template: "{{ a..b }}", message: '"." stands where a name was expected', offset: 5 },
  { template: "{{ (a }}", message: '"}" closes nothing', offset: 6 },
  { template: "{{ 'a }}", message: "a quoted text is not closed", offset: 3 },
  { template: "{{ a ? b }}", message: '"?" means nothing in an expression', offset: 5 },
  { template: "{% if a %}", message: "the template ends where the end of a block was expected", offset: 10 },
  { template: "{% endif %}", message: 'the tag "endif" is unknown or out of place', offset: 3 },
  { template: "{% macro x %}", message: 'the tag "macro" is unknown or out of place', offset: 3 },
  { template: "{# a", message: "a comment is not closed", offset: 0 },
  {
    template: `{{ ${"(".repeat(200)}1${")".repeat(200)} }}`,
    message: "the template is nested deeper than 64 levels",
    offset: 67,
  },
])("parseTemplate: $template is a problem", ({ template, message, offset }) => {
  const parsed = parseTemplate(template);
  if (parsed.kind === "template") {
    throw new Error("no problem was found");
  }
  expect({ message: parsed.problem.message, offset: parsed.problem.at.offset }).toEqual({ message, offset });
});

test("any text is a template or a problem, and renders to a value or a fault", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "{{",
      "}}",
      "{%",
      "%}",
      " if ",
      "for x in ",
      "endfor",
      "endif",
      "|",
      ".",
      "(",
      ")",
      "[",
      "]",
      "'",
      "a",
      "1",
      " is ",
      "~",
      "-",
    ),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      render(pieces.join(""), { a: { b: 1 } });
    }),
    { numRuns: 500 },
  );
});
