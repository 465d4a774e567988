import { expect, test } from "vitest";
import { compileFormat, type Format } from "../../../src/ecs/engine.ts";
import { toJson } from "../../../src/ecs/values/json-text.ts";
import { fieldsOf, formatOf, NOW, parseWith } from "../support/format.ts";

test.each([
  {
    name: "a value is set",
    actions: '- set: { x.text: "{{j.message.a}}" }',
    event: { a: "b" },
    x: { text: "b" },
  },
  {
    name: "a constant is set",
    actions: "- set: { x.text: b, x.count: 3 }",
    event: {},
    x: { text: "b", count: 3 },
  },
  {
    name: "the text None is nothing",
    actions: '- set: { x.text: "{{j.message.a}}" }',
    event: { a: "None" },
    x: undefined,
  },
  {
    name: "digits stay as they are written",
    actions: '- set: { x.text: "{{j.message.a}}" }',
    event: { a: "0012" },
    x: { text: "0012" },
  },
  {
    name: "a list in Python's notation is a list",
    actions: '- set: { x.list: "{{j.message.a}}" }',
    event: { a: "['p', 'q',]" },
    x: { list: ["p", "q"] },
  },
  {
    name: "a list with null is not Python, and stays text",
    actions: '- set: { x.text: "{{j.message.a}}" }',
    event: { a: '["p", null]' },
    x: { text: '["p", null]' },
  },
  {
    name: "several dicts in a row stay text",
    actions: '- set: { x.text: "{{j.message.a}}" }',
    event: { a: "{'p': 1},{'q': 2}" },
    x: { text: "{'p': 1},{'q': 2}" },
  },
  {
    name: "a dotted path alone has no items of lists",
    actions: '- set: { x.text: "{{j.message.a.0.b}}", x.other: "{{j.message.d.0}}" }',
    event: { a: [{ b: "c" }], d: { 0: "e" } },
    x: { other: "e" },
  },
  {
    name: "in a larger expression a number is an item of a list",
    actions: `- set: { x.text: "{{j.message.a.0.b | upper}}", x.other: "{{j.message.a.0.get('b')}}" }`,
    event: { a: [{ b: "c" }] },
    x: { text: "C", other: "c" },
  },
  {
    name: "basename of nothing lets `or` go on",
    actions: '- set: { x.text: "{{j.message.a | basename or j.message.b | dirname or j.message.c}}" }',
    event: { b: null, c: "d" },
    x: { text: "d" },
  },
  {
    name: "an empty list is set when a template gives it",
    actions: `- set: { x.list: "[{% for i in j.message.a %}'{{i}}',{% endfor %}]" }`,
    event: { a: [] },
    x: { list: [] },
  },
  {
    name: "a YAML list of nothing is not set",
    actions: '- set: { x.list: ["{{j.message.a}}"] }',
    event: {},
    x: undefined,
  },
  {
    name: "a YAML list leaves out what cannot be computed",
    actions: '- set: { x.list: ["{{j.nothing.a}}", "b"] }',
    event: {},
    x: { list: ["b"] },
  },
  {
    name: "a field that cannot be computed does not stop the others",
    actions: '- set: { x.text: "{{nothing.a}}", x.other: b }',
    event: {},
    x: { other: "b" },
  },
  {
    name: "what was set is typed at once",
    actions: `- set: { x.text: "{{j.message.a}}" }\n- set: { x.other: b }\n  filter: "{{final.x.text == '7'}}"`,
    event: { a: 7 },
    x: { text: "7", other: "b" },
  },
  {
    name: "a later set below a copied dict leaves the source alone",
    actions: '- set: { x.dict: "{{j.message.a}}", x.dict.k: z }\n- set: { x.text: "{{j.message.a.k}}" }',
    event: { a: { k: "v" } },
    x: { dict: { k: "z" }, text: "v" },
  },
  {
    name: "a running stage sees its own layer",
    actions: '- set: { x.text: a }\n- set: { x.other: "{{s.x.text}}" }',
    event: {},
    x: { text: "a", other: "a" },
  },
  {
    name: "final.event is there before anything is set",
    actions: `- set: { x.text: "{{final.event.kind or 'none'}} {{final.x is defined}}" }`,
    event: {},
    x: { text: "none False" },
  },
  {
    name: "an empty filter is none, and unknown keys of an action are ignored",
    actions: "- set: { x.text: a }\n  filter: ''\n  default: b\n- set: { x.other: b }\n  filter:",
    event: {},
    x: { text: "a", other: "b" },
  },
  {
    name: "what is set below a text takes its place",
    actions: "- set: { x.dict: a }\n- set: { x.dict.k: b }",
    event: {},
    x: { dict: { k: "b" } },
  },
  {
    name: "text is not trimmed",
    actions: `- set: { x.text: " {{j.message.a}} ", x.other: "{{j.message.a}}" }`,
    event: { a: " b " },
    x: { text: "  b  ", other: " b " },
  },
  {
    name: "a loop that prints once gives its native value",
    actions: '- set: { x.list: "{% for i in j.message.a %}{% if loop.first %}{{i}}{% endif %}{% endfor %}" }',
    event: { a: [["b"], "c"] },
    x: { list: ["b"] },
  },
  {
    name: "translate gives lists and templates",
    actions:
      "- dictionary: { 1: ['{{j.message.b}}', d] }\n  mapping: { j.message.a: x.list, j.message.z: x.text }\n  fallback: '{{j.message.b}}'",
    event: { a: 1, b: "c" },
    x: { list: ["c", "d"], text: "c" },
  },
  {
    name: "a filter takes text for no, unless it says True or 1",
    actions: `- set: { x.text: a }\n  filter: "{{j.message.a}}"`,
    event: { a: "admin" },
    x: undefined,
  },
  {
    name: "a filter takes the text 1 for yes",
    actions: `- set: { x.text: a }\n  filter: "{{j.message.a}}"`,
    event: { a: "1" },
    x: { text: "a" },
  },
  {
    name: "a filter takes a list with items for yes",
    actions: `- set: { x.text: a }\n  filter: "{{j.message.a}}"`,
    event: { a: ["b"] },
    x: { text: "a" },
  },
  {
    name: "translate finds an integer key by its text",
    actions:
      "- translate:\n  dictionary: { 1: one, yes: sure }\n  mapping: { j.message.a: x.text, j.message.b: x.other }",
    event: { a: "1", b: true },
    x: { text: "one", other: "sure" },
  },
  {
    name: "translate falls back",
    actions:
      "- name: translate\n  dictionary: { 1: one }\n  mapping: { j.message.a: x.text }\n  fallback: many",
    event: { a: 5 },
    x: { text: "many" },
  },
  {
    name: "translate without a hit sets nothing",
    actions: "- translate:\n  dictionary: { 1: one }\n  mapping: { j.message.a: x.text }",
    event: { a: 5 },
    x: undefined,
  },
  {
    name: "translate looks in the event first",
    actions: "- set: { x.text: '1' }\n- translate:\n  dictionary: { 1: one }\n  mapping: { x.text: x.other }",
    event: {},
    x: { text: "1", other: "one" },
  },
  {
    name: "delete takes the name away one level higher too",
    actions: '- set: { x.dict: "{{j.message.a}}" }\n- delete: [x.dict.b.k]',
    event: { a: { k: 1, l: 2, b: { k: 3, m: 4 } } },
    x: { dict: { l: 2, b: { m: 4 } } },
  },
])("$name", ({ actions, event, x }) => {
  expect(fieldsOf(parseWith(actions, JSON.stringify(event)))).toEqual(x === undefined ? {} : { x });
});

test("ignored values are left out of lists whose items are templates, and such a list of none is not set", () => {
  const actions =
    '- set: { x.list: ["{{j.message.a}}", "{{j.message.b}}"], x.text: ["{{j.message.a}}"], x.dict: { k: ["{{j.message.a}}", c] } }';
  const result = parseWith(actions, JSON.stringify({ a: "-", b: "m" }), 'ignored_values: ["-"]');
  expect(fieldsOf(result)).toEqual({ x: { list: ["m"], dict: { k: ["c"] } } });
});

test("misspelt ignored values ignore nothing", () => {
  const result = parseWith('- set: { x.text: "{{j.message.a}}" }', '{"a": "-"}', 'ignored_value: ["-"]');
  expect(fieldsOf(result)).toEqual({ x: { text: "-" } });
});

test("ignored values are left out, in dicts too, but not in lists that one template gives", () => {
  const event = { a: "-", d: { k: "-", l: "m", o: [{ p: "-" }] }, e: ["-", "n"] };
  const actions =
    '- set: { x.text: "{{j.message.a}}", x.dict: "{{j.message.d}}", x.list: "{{j.message.e}}" }';
  const result = parseWith(actions, JSON.stringify(event), 'ignored_values: ["-"]');
  expect(fieldsOf(result)).toEqual({ x: { dict: { l: "m", o: [{ p: "-" }] }, list: ["-", "n"] } });
});

test("a stage that fails has the result None, one that is filtered none, and neither stops the pipeline", () => {
  const format = formatOf(`name: test
pipeline:
  - name: failed
    external: { name: json.parse-json }
  - name: filtered
    filter: "{{false}}"
    external: { name: json.parse-json }
  - name: s
stages:
  s:
    actions:
      - set: { x.text: "{{failed.message == None}} {{failed.message.a or 'b'}} {{filtered is defined}}" }
`);
  const { event, warnings, trace } = format.parse("no JSON", { now: NOW, trace: true });
  expect(fieldsOf({ event, warnings, trace })).toEqual({ x: { text: "True b False" } });
  expect(trace.map(({ stage, outcome }) => `${stage} ${outcome}`)).toEqual([
    "failed failed",
    "filtered filtered",
    "s ran",
  ]);
  expect(warnings.map(({ stage }) => stage)).toEqual(["failed"]);
});

test("a date stage without a date leaves its name undefined, and one that cannot read it has the result None", () => {
  const format = formatOf(`name: test
pipeline:
  - { name: absent, external: { name: date.parse, properties: { input_field: original.none } } }
  - { name: wrong, external: { name: date.parse } }
  - name: s
stages:
  s:
    actions:
      - set: { x.text: "{{absent is defined}} {{wrong is defined}}", x.other: "{{wrong.message.a or 'b'}}" }
      - set: { x.list: ["{{absent.message or 'c'}}"] }
`);
  const { event, warnings, trace } = format.parse("no date", { now: NOW });
  expect(fieldsOf({ event, warnings, trace })).toEqual({ x: { text: "False True", other: "b" } });
  expect(warnings.map(({ stage }) => stage)).toEqual(["wrong"]);
});

test("a case without a pattern gives a dict of nothing, unless an earlier stage of the name gave something", () => {
  const format = (first: string): Format =>
    formatOf(`name: test
pipeline:
  - name: c
    external:
      name: grok.case_match
      properties: { pattern_key: "${first}", patterns: { login: "login %{WORD:who}" } }
  - name: c
    external:
      name: grok.case_match
      properties: { pattern_key: other, patterns: { login: "login %{WORD:who}" } }
  - name: s
stages:
  s:
    actions:
      - set: { x.text: "{{c.message.who or 'nobody'}}" }
`);
  const text = (first: string): unknown => fieldsOf(format(first).parse("login ann", { now: NOW }));
  expect(text("login")).toEqual({ x: { text: "ann" } });
  expect(text("logout")).toEqual({ x: { text: "nobody" } });
});

test("keys in wrong places are ignored, and an external stage of nothing is a plain one", () => {
  const { format } = compileFormat({
    parser: {
      path: "parser.yml",
      text: `name: test
pipeline:
  - name: j
    external: { name: json.parse-json, filter: "{{false}}", description: d }
  - { name: s, external: null, filter: "" }
stages:
  s:
    filter: "{{false}}"
    actions:
      - set: { event.code: "{{j.message.a}}" }
`,
    },
    fields: [],
  });
  expect(format?.parse('{"a": 5}', { now: NOW }).event.get("event")).toEqual(new Map([["code", "5"]]));
});

test("an input field is a path, or a template with the text around it, and else the message", () => {
  const format = formatOf(`name: test
pipeline:
  - { name: a, external: { name: kv.parse-kv } }
  - { name: b, external: { name: kv.parse-kv, properties: { input_field: a.message.k, value_sep: ":", output_field: deep.er } } }
  - { name: c, external: { name: kv.parse-kv, properties: { input_field: "x={{b.deep.er.l}} y={{a.message.none}}z" } } }
  - { name: d, external: { name: date.parse, properties: { input_field: a.message.none } } }
  - name: s
stages:
  s:
    actions:
      - set: { x.text: "{{a.message.k}} {{b.deep.er.l}} {{c.message.x}} {{c.message.y}} {{d is defined}}" }
`);
  const result = format.parse("k=l:m", { now: NOW });
  expect(fieldsOf(result)).toEqual({ x: { text: "l:m m m z False" } });
  expect(result.warnings).toEqual([]);
});

test("the last successful stage of a name is the one that counts", () => {
  const format = formatOf(`name: test
pipeline:
  - name: j
    external: { name: json.parse-json }
  - name: j
    external: { name: json.parse-json, properties: { input_field: j.message.inner } }
  - name: j
    external: { name: json.parse-json, properties: { input_field: "{{j.message.text}}", output_field: a.b } }
  - name: s
stages:
  s:
    actions:
      - set: { x.text: "{{j.message.v}}" }
`);
  const event = JSON.stringify({ inner: { v: "in", text: "no JSON" } });
  expect(fieldsOf(format.parse(event, { now: NOW }))).toEqual({ x: { text: "in" } });
});

test("what a template puts into final itself is removed too when nothing declares it, and completed when something does", () => {
  const format = formatOf(`
name: f
pipeline:
  - name: s
stages:
  s:
    actions:
      - set:
          x.text: "{% set done = final.event.update({'nope': 1}) %}a"
          x.other: "{% set done = final.update({'nope': {'a': 1}, 'file': {'path': '/a/b'}}) %}b"
`);
  expect(toJson(format.parse("", { now: NOW }).event)).toBe(
    '{"x":{"text":"a","other":"b"},"file":{"path":"/a/b","name":"b","directory":"/a"},"message":""}',
  );
});

test("the trace tells what was set, and what could not be", () => {
  const actions = '- set: { x.text: a, x.other: "{{nothing.b}}" }\n- delete: [x.text]';
  const { trace } = parseWith(actions, "{}");
  expect(trace[1]).toEqual({
    stage: "s",
    outcome: "ran",
    set: [{ path: "x.text", value: "a" }],
    notComputed: [{ path: "x.other", reason: 'the value before ".b" is undefined' }],
    deleted: ["x.text"],
  });
});
