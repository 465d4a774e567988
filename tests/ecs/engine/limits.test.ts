import process from "node:process";
import { expect, test } from "vitest";
import { Fault } from "../../../src/ecs/contract/value.ts";
import { render } from "../support/evaluate.ts";
import { fieldsOf, parseWith } from "../support/format.ts";

/** As long as the longest event that the intake takes. */
const EVENT_CHARS = 250_000;

function textOf(piece: string, end = ""): string {
  return piece.repeat(Math.ceil(EVENT_CHARS / piece.length)) + end;
}

test.each([
  { name: "digits as a float", expression: "v | float", text: textOf("9", "x") },
  { name: "digits and dots as a float", expression: "v | float", text: textOf("1.", "x") },
  { name: "digits as an int", expression: "v | int", text: textOf("1_", "x") },
  { name: "a URL that ends badly", expression: "v | is_url", text: `http://${textOf("a", " b")}` },
  { name: "a pattern of names", expression: "v % 1", text: textOf("%(") },
  { name: "a pattern of braces", expression: "v.format(1)", text: textOf("{a") },
  { name: "an attribute's path", expression: "v | selectattr(v) | list", text: textOf("9.") },
  { name: "a text joined by itself", expression: "v.join(v)", text: textOf("😀") },
  { name: "a text between its letters", expression: "v | replace('', v)", text: textOf("a") },
  { name: "brackets as a literal", expression: "v | from_json", text: textOf("[") },
  { name: "blanks to trim", expression: "v | trim", text: textOf(" ", "a").repeat(2) },
])("a long text costs no more than reading it: $name", ({ expression, text }) => {
  const started = process.threadCpuUsage().user;
  render(`{{ ${expression} }}`, { v: text });
  expect((process.threadCpuUsage().user - started) / 1000).toBeLessThan(1_000);
});

test.each([
  {
    name: "steps",
    template: "{% for a in 'x' * 90000 %}{% for b in 'x' * 90000 %}{% endfor %}{% endfor %}",
  },
  {
    name: "reading a long text over and over",
    template: "{% for a in 'x' * 90000 %}{{ v | upper | length }}{% endfor %}",
  },
  { name: "visits of a large list", template: "{% for a in 'x' * 90000 %}{% set t = l ~ '' %}{% endfor %}" },
  {
    name: "looking for the items of a list in another",
    template: "{% for a in 'x' * 90000 %}{{ a in many }}{% endfor %}",
  },
  { name: "a list's length", template: "{{ [1] * 1000000000 }}" },
  { name: "a text's length", template: "{{ v * 100 }}" },
  { name: "what is printed", template: "{% for a in 'x' * 100 %}{{ v }}{% endfor %}" },
  { name: "the length of what is joined", template: "{{ v.join(v) }}" },
  { name: "the length of what a filter joins", template: "{{ v | join(v) }}" },
  { name: "texts inside of a list", template: "{{ ([v] * 1000) | to_json }}" },
  { name: "the width of a pattern", template: "{{ '%99999999d' % 1 }}" },
  { name: "the widths of a pattern together", template: "{{ ('%(a)9999s' * 200) % {'a': 1} }}" },
  { name: "an integer's size", template: "{{ 9 ** 99999 }}" },
  { name: "nesting", template: `{{ ${"(".repeat(200)}1${")".repeat(200)} }}` },
  { name: "a list that holds itself", template: "{% set l = [] %}{% set _ = l.append(l) %}{{ l ~ '' }}" },
])("a template is bounded in $name", ({ template }) => {
  const started = process.threadCpuUsage().user;
  expect(
    render(template, {
      v: textOf("a"),
      l: Array.from({ length: 5000 }, (_, i) => i),
      many: Array.from({ length: 90_000 }, (_, i) => `n${i}`),
    }),
  ).toBeInstanceOf(Fault);
  expect((process.threadCpuUsage().user - started) / 1000).toBeLessThan(3_000);
});

test.each(["a + ", "a ~ ", "a and ", "a == ", "a if 1 else ", "not ", "- ", "("])(
  "an expression with 20,000 times %j is computed or not, but breaks nothing",
  (piece) => {
    expect(() => render(`{{ ${piece.repeat(20_000)}a }}`)).not.toThrow();
  },
);

test.each([".b", "[0]", " | upper", "()", "[1:2]", " is defined"])(
  "a name with 20,000 times %j behind it is computed or not, but breaks nothing",
  (piece) => {
    expect(() => render(`{{ a${piece.repeat(20_000)} }}`)).not.toThrow();
  },
);

test("a value too large to print has no entry in a dictionary, and to be set leaves the field unset", () => {
  const format = `
- set:
    x.list: "{% set l = [j.message.text] %}{{ l * 90000 }}"
    x.text: a
- dictionary: { "1": one }
  fallback: other
  mapping: { j.message.list: x.other }
`;
  const event = JSON.stringify({ text: textOf("a"), list: Array.from({ length: 8 }, () => textOf("b")) });
  expect(fieldsOf(parseWith(format, event))).toEqual({ x: { text: "a", other: "other" } });
});
