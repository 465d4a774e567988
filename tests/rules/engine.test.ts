import { expect, test } from "vitest";
import {
  type CompileOptions,
  compileRules,
  type RuleEvent,
  similarityEntity,
} from "../../src/rules/index.ts";

const NOW = new Date("2026-11-24T12:00:00Z");

function rule(detection: string, more = ""): string {
  return `title: t\nlogsource:\n  product: test\n${more}detection:\n${detection.replaceAll(/^/gm, "  ")}\n`;
}

function fires(text: string, event: RuleEvent, options: CompileOptions = { dialect: "standard" }): boolean {
  const { rules, diagnostics } = compileRules([{ name: "r.yml", text }], options);
  expect(diagnostics).toEqual([]);
  return rules.match(event, { now: NOW }).length > 0;
}

test.each<{ name: string; item: string; hits: readonly RuleEvent[]; misses: readonly RuleEvent[] }>([
  { name: "a value, without case", item: "a: Foo", hits: [{ a: "fOO" }], misses: [{ a: "food" }, {}] },
  { name: "wildcards", item: "a: 'f*o?'", hits: [{ a: "fxxox" }, { a: "fox" }], misses: [{ a: "fo" }] },
  { name: "an escaped wildcard", item: "a: 'f\\*'", hits: [{ a: "f*" }], misses: [{ a: "fx" }] },
  {
    name: "a backslash before a wildcard",
    item: "a: 'c:\\\\*'",
    hits: [{ a: "c:\\x" }],
    misses: [{ a: "c:*" }],
  },
  {
    name: "a path and a flat key",
    item: "a.b: 1",
    hits: [{ a: { b: 1 } }, { "a.b": "1" }],
    misses: [{ a: 1 }],
  },
  { name: "a list's elements", item: "a: x", hits: [{ a: ["y", "X"] }], misses: [{ a: [] }] },
  {
    name: "lists of maps",
    item: "a.b: x",
    hits: [{ a: [{ b: "y" }, { b: "x" }] }],
    misses: [{ a: [{ c: "x" }] }],
  },
  { name: "an empty text", item: "a: ''", hits: [{ a: "" }], misses: [{ a: " " }, {}] },
  { name: "null for what is absent", item: "a: null", hits: [{}, { a: null }], misses: [{ a: "" }] },
  { name: "exists", item: "a|exists: true", hits: [{ a: "" }, { a: { b: 1 } }], misses: [{ b: 1 }] },
  { name: "does not exist", item: "a|exists: false", hits: [{ b: 1 }], misses: [{ a: 1 }] },
  { name: "contains all", item: "a|contains|all: [x, y]", hits: [{ a: "yx" }], misses: [{ a: "x" }] },
  { name: "startswith", item: "a|startswith: ab", hits: [{ a: "ABC" }], misses: [{ a: "xab" }] },
  { name: "endswith", item: "a|endswith: bc", hits: [{ a: "aBC" }], misses: [{ a: "bcd" }] },
  { name: "cased", item: "a|contains|cased: Ab", hits: [{ a: "xAb" }], misses: [{ a: "xab" }] },
  { name: "neq", item: "a|neq: x", hits: [{ a: "y" }], misses: [{ a: "X" }] },
  { name: "numbers", item: "a|gte: 5", hits: [{ a: 5 }, { a: "7.5" }], misses: [{ a: 4 }, { a: "x" }, {}] },
  {
    name: "networks",
    item: "a|cidr: 10.0.0.0/8",
    hits: [{ a: "10.1.2.3" }],
    misses: [{ a: "11.0.0.1" }, { a: "x" }],
  },
  { name: "networks of IPv6", item: "a|cidr: fe80::/10", hits: [{ a: "fe80::1" }], misses: [{ a: "ff::1" }] },
  {
    name: "dashes of Windows",
    item: "a|contains|windash: ' -f'",
    hits: [{ a: "x /f" }, { a: "x –f" }],
    misses: [{ a: "xf" }],
  },
  { name: "base64", item: "a|base64|contains: foo", hits: [{ a: "x Zm9v" }], misses: [{ a: "foo" }] },
  {
    name: "base64 at any offset",
    item: "a|base64offset|contains: 'http://'",
    hits: ["", "x", "xy"].map((before) => ({ a: Buffer.from(`${before}http://z`).toString("base64") })),
    misses: [{ a: Buffer.from("https").toString("base64") }],
  },
  {
    name: "UTF-16 inside base64",
    item: "a|wide|base64offset|contains: 'IEX'",
    hits: [{ a: Buffer.from("z IEX", "utf16le").toString("base64") }],
    misses: [{ a: Buffer.from("z IEX").toString("base64") }],
  },
  { name: "a pattern is searched", item: "a|re: 'b+c'", hits: [{ a: "abbcd" }], misses: [{ a: "aBC" }] },
  { name: "a pattern without case", item: "a|re|i: 'b+c'", hits: [{ a: "aBBCd" }], misses: [{ a: "ac" }] },
  {
    name: "another field",
    item: "a|fieldref: b",
    hits: [{ a: "x", b: "X" }],
    misses: [{ a: "x", b: "y" }, { a: "x" }],
  },
  {
    name: "an hour",
    item: "t|hour|gte: 22",
    hits: [{ t: "2026-01-01T23:00:00Z" }],
    misses: [{ t: "2026-01-01T21:59:59Z" }],
  },
  { name: "a list of maps is OR", item: "- a: 1\n- b: 2", hits: [{ b: 2 }], misses: [{ a: 2 }] },
  {
    name: "keywords look into every field",
    item: "- evil\n- bad",
    hits: [{ x: { y: "so EVIL" } }],
    misses: [{ evil: "x" }],
  },
])("standard dialect: $name", ({ item, hits, misses }) => {
  const text = rule(`sel:\n${item.replaceAll(/^/gm, "  ")}\ncondition: sel`);
  for (const event of hits) {
    expect(fires(text, event), JSON.stringify(event)).toBe(true);
  }
  for (const event of misses) {
    expect(fires(text, event), JSON.stringify(event)).toBe(false);
  }
});

const PARTS = "sel_a:\n  a: 1\nsel_b:\n  b: 1\n_hidden:\n  c: 1\n";

test.each<{ condition: string; hits: readonly RuleEvent[]; misses: readonly RuleEvent[] }>([
  { condition: "sel_a or sel_b and not _hidden", hits: [{ a: 1, c: 1 }, { b: 1 }], misses: [{ b: 1, c: 1 }] },
  { condition: "(sel_a or sel_b) and not _hidden", hits: [{ a: 1 }], misses: [{ a: 1, c: 1 }] },
  { condition: "1 of them", hits: [{ b: 1 }], misses: [{ c: 1 }] },
  { condition: "all of sel*", hits: [{ a: 1, b: 1 }], misses: [{ a: 1 }] },
  { condition: "not 1 of sel_*", hits: [{}], misses: [{ a: 1 }] },
])("condition: $condition", ({ condition, hits, misses }) => {
  const text = rule(`${PARTS}condition: ${condition}`);
  for (const event of hits) {
    expect(fires(text, event), JSON.stringify(event)).toBe(true);
  }
  for (const event of misses) {
    expect(fires(text, event), JSON.stringify(event)).toBe(false);
  }
});

test.each<{ name: string; item: string; hit: RuleEvent; miss: RuleEvent; more?: string }>([
  { name: "a pattern matches the whole field", item: "a|re: 'b+'", hit: { a: "bb" }, miss: { a: "abb" } },
  {
    name: "keywords look into the message",
    item: "- evil",
    hit: { message: "so evil" },
    miss: { x: "evil" },
  },
  {
    name: "a range of times past midnight, in the rule's zone",
    item: "t|timerange: 22:00-06:00",
    more: "timezone: Europe/Paris\n",
    hit: { t: "2026-01-01T21:30:00Z" },
    miss: { t: "2026-01-01T20:30:00Z" },
  },
  {
    name: "a day of the week",
    item: "t|day_of_week: sunday",
    hit: { t: "2026-11-22T00:00:00Z" },
    miss: { t: "2026-11-23T00:00:00Z" },
  },
])("platform dialect: $name", ({ item, hit, miss, more = "" }) => {
  const text = rule(`sel:\n${item.replaceAll(/^/gm, "  ")}\ncondition: sel`, more);
  expect(fires(text, hit, { dialect: "platform" })).toBe(true);
  expect(fires(text, miss, { dialect: "platform" })).toBe(false);
});

test.each([
  {
    name: "pipe aggregations",
    detection: "sel:\n  a: 1\ncondition: sel | count() > 3",
    code: "pipe-aggregation",
    line: 7,
    column: 18,
  },
  {
    name: "look-arounds",
    detection: "sel:\n  a|re: '(?=x)'\ncondition: sel",
    code: "regex-not-linear",
    line: 6,
    column: 11,
  },
  {
    name: "back-references",
    detection: "sel:\n  a|re: '(x)\\1'\ncondition: sel",
    code: "regex-not-linear",
    line: 6,
    column: 11,
  },
  {
    name: "unknown modifiers",
    detection: "sel:\n  a|foo: 1\ncondition: sel",
    code: "unknown-modifier",
    line: 6,
    column: 5,
  },
  {
    name: "missing selections",
    detection: "sel:\n  a: 1\ncondition: sel and oops",
    code: "condition",
    line: 7,
    column: 22,
  },
  {
    name: "placeholders without a value",
    detection: "sel:\n  a|expand: '%x%'\ncondition: sel",
    code: "placeholder",
    line: 6,
    column: 15,
  },
  {
    name: "what is not a network",
    detection: "sel:\n  a|cidr: 10.0.0.0/99\ncondition: sel",
    code: "value",
    line: 6,
    column: 13,
  },
])("a rule is refused for $name, and the others work", ({ detection, code, line, column }) => {
  const other = rule("sel:\n  a: 1\ncondition: sel");
  const texts = [
    { name: "bad.yml", text: rule(detection) },
    { name: "good.yml", text: other },
  ];
  const { rules, diagnostics } = compileRules(texts, { dialect: "standard" });
  expect(diagnostics).toMatchObject([{ severity: "error", code, span: { file: "bad.yml", line, column } }]);
  expect(diagnostics[0]?.hint).not.toBe("");
  expect(rules.match({ a: 1 }, { now: NOW })).toMatchObject([
    { selections: ["sel"], fields: [{ field: "a", value: "1" }] },
  ]);
});

test("a rule of another source is left out when the source is known", () => {
  const { rules } = compileRules([{ name: "r", text: rule("sel:\n  a: 1\ncondition: sel") }], {
    dialect: "standard",
  });
  expect(rules.match({ a: 1 }, { now: NOW, logsource: { product: "other" } })).toEqual([]);
  expect(rules.match({ a: 1 }, { now: NOW, logsource: { product: "TEST", category: "any" } })).toHaveLength(
    1,
  );
});

test("a filter narrows the rules that it names", () => {
  const filter =
    "title: f\nlogsource:\n  product: test\nfilter:\n  rules: [t]\n  sel:\n    user: admin\n  condition: not sel\n";
  const { rules } = compileRules(
    [
      { name: "r", text: rule("sel:\n  a: 1\ncondition: sel") },
      { name: "f", text: filter },
    ],
    { dialect: "standard" },
  );
  expect(rules.match({ a: 1, user: "bob" }, { now: NOW })).toHaveLength(1);
  expect(rules.match({ a: 1, user: "Admin" }, { now: NOW })).toEqual([]);
});

const BRUTE_FORCE = `name: failed
title: failed
detection:
  sel:
    a: 1
  condition: sel
---
title: many
action: correlation
type: event_count
rule: failed
group-by: user
timespan: 5m
condition:
  gte: 3
`;

test("the platform's correlation counts by group in a window of the events' own time", () => {
  const { rules, diagnostics } = compileRules([{ name: "r", text: BRUTE_FORCE }], { dialect: "platform" });
  expect(diagnostics).toEqual([]);
  const correlator = rules.correlator();
  const take = (minute: number, user: string) => {
    const event = { a: 1, user, "@timestamp": `2026-11-24T11:${String(minute).padStart(2, "0")}:00Z` };
    return correlator.take(event, { now: NOW, reference: `${user}${minute}` });
  };
  expect([take(0, "ann"), take(1, "bob"), take(4, "ann"), take(6, "ann")].flat()).toEqual([]);
  expect(take(8, "ann")).toMatchObject([
    { rule: { title: "many" }, correlation: { value: 3, references: ["ann4", "ann6", "ann8"] } },
  ]);
  expect(take(1, "ann")).toEqual([]);
  expect(correlator.statistics()).toMatchObject({ groups: 2, lateEvents: 1 });
});

test("a correlation forgets the group unused for longest, and counts it", () => {
  const { rules } = compileRules([{ name: "r", text: BRUTE_FORCE }], { dialect: "platform" });
  const correlator = rules.correlator({ maxGroups: 10 });
  for (let user = 0; user < 1_000; user++) {
    correlator.take({ a: 1, user }, { now: NOW });
  }
  expect(correlator.statistics()).toMatchObject({ groups: 10, droppedGroups: 990 });
});

test.each<{ event: RuleEvent; kind: string; value: string }>([
  { event: { user: { name: "ann" }, host: { name: "pc" } }, kind: "user", value: "ann" },
  { event: { "host.name": "pc" }, kind: "host", value: "pc" },
  {
    event: { source: { ip: "2.2.2.2" }, destination: { ip: "1.1.1.1" } },
    kind: "address",
    value: "1.1.1.1 2.2.2.2",
  },
  {
    event: { source: { ip: "1.1.1.1" }, destination: { ip: "2.2.2.2" } },
    kind: "address",
    value: "1.1.1.1 2.2.2.2",
  },
  { event: { a: 1 }, kind: "none", value: "" },
])("the entity of $event is the $kind", ({ event, kind, value }) => {
  expect(similarityEntity(event)).toEqual({ kind, value });
});
