import { expect, test } from "vitest";
import { Fault } from "../../../src/ecs/contract/value.ts";
import { represent } from "../../../src/ecs/values/print-value.ts";
import { render } from "../support/evaluate.ts";

const LAYERS = {
  n: 7,
  half: 2.5,
  text: "Hello World",
  wide: "a😀b",
  list: [3, 1, 2],
  dicts: [{ n: 1, t: "x" }, { n: 2, t: "Y" }, { n: 2 }],
  dict: { a: 1, b: { c: "x" } },
};

/** What Jinja 3.1.6 gives, in Python's notation; undefined for an error. */
test.each<[string, string | undefined]>([
  ["{% set x %}abc{{ n }}{% endset %}{{ x }}", "'abc7'"],
  ["{% with x = n, y = 1 %}{{ x + y }}{% endwith %}", "8"],
  ["{% with x = 3 %}{% endwith %}{{ x }}", "Undefined"],
  ["a {%- raw -%} {{ n }} {%- endraw %} b", "'a{{ n }} b'"],
  ["{% raw %}{{ n }}", undefined],
  // What a filter gives is gone through, and nothing else.
  ["{{ dicts | map(attribute='t') | length }}", undefined],
  ["{{ dicts | map(attribute='n') | last }}", undefined],
  ["{{ (dicts | map(attribute='n'))[0] }}", "Undefined"],
  ["{{ (dicts | map(attribute='n') | list)[0] }}", "1"],
  ["{{ 1 if dicts | selectattr('n', '==', 9) else 2 }}", "1"],
  ["{{ 1 if dicts | selectattr('n', '==', 9) | list else 2 }}", "2"],
  ["{{ 1 if dicts | selectattr('n', '==', 9) | first else 2 }}", "2"],
  ["{{ 2 in (list | map('int')) }}", "True"],
  ["{{ dict.keys()[0] }}", "Undefined"],
  ["{{ dict.keys() | length }}", "2"],
  ["{{ 1 if {}.items() else 2 }}", "2"],
  ["{{ dict.values() + [1] }}", undefined],
  ["{{ dicts | unique(attribute='n') | map(attribute='n') | list }}", "[1, 2]"],
  ["{{ dicts | sort(attribute='n', reverse=true) | map(attribute='n') | list }}", "[2, 2, 1]"],
  ["{{ dicts | sort(attribute='t') }}", undefined],
  ["{{ list | sort | first }}", "1"],
  // Numbers
  ["{{ 12345678901234567890 == 12345678901234567890 + 0.0 }}", "False"],
  ["{{ 12345678901234567890 % 1000.0 }}", "168.0"],
  ["{{ 3.0 % -3 }}{{ list[9] }}", "'-0.0'"],
  ["{{ half | round }}", "2.0"],
  ["{{ n | round }}", "7"],
  ["{{ 0.125 | round(2) }}{{ '' }}", "'0.12'"],
  ["{{ 4.35 | round(1) }}{{ '' }}", "'4.3'"],
  // Texts
  ["{{ wide[1] }}", "'😀'"],
  ["{{ wide[:2] }}", "'a😀'"],
  ["{{ wide[::-1] }}", "'b😀a'"],
  ["{{ text.startswith('World', 6) }}", "True"],
  ["{{ text.find('o', 5) }}", "7"],
  ["{{ text.partition(' ')[2] }}", "'World'"],
  ["{{ '%.0f' % half }}", "'2'"],
  ["{{ '%g' % 1234567 }}", "'1.23457e+06'"],
  ["{{ '%x' % half }}", undefined],
  ["{{ '{:,}'.format(1234567) }}", "'1,234,567'"],
  ["{{ '{:+.1f}|{:>5}|{:*^5}'.format(half, n, 'a') }}", "'+2.5|    7|**a**'"],
  ["{{ '{0[b][c]!r}'.format(dict) }}", "\"'x'\""],
  ["{{ '{:5}'.format(none) }}", undefined],
])("%s", (template, expected) => {
  const value = render(template, LAYERS);
  expect(value instanceof Fault ? undefined : represent(value)).toBe(expected);
});
