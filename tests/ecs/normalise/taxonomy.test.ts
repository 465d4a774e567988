import { expect, test } from "vitest";
import { Float } from "../../../src/ecs/contract/value.ts";
import { createNormalise } from "../../../src/ecs/normalise/normalise-event.ts";
import { createTaxonomy } from "../../../src/ecs/normalise/taxonomy.ts";
import { toJson } from "../../../src/ecs/values/json-text.ts";
import { dictOf, toValue } from "./values.ts";

const taxonomy = createTaxonomy([
  { path: "acme.note", type: "keyword" },
  { path: "acme.size", type: "number" },
  { path: "acme.ratio", type: "float" },
  { path: "acme.count", type: "integer" },
  { path: "acme.tags", type: "array" },
  { path: "acme.day", type: "date" },
  { path: "acme.moment", type: "datetime" },
  { path: "acme.flag", type: "bool" },
  { path: "acme.details", type: "object" },
  { path: "acme.details.code", type: "keyword" },
  { path: "acme.details.deep.size", type: "long" },
  { path: "acme.closed", type: "dict" },
  { path: "acme.closed.code", type: "keyword" },
  { path: "acme.rows.id", type: "long" },
  { path: "acme.list", type: "array" },
  { path: "acme.list.id", type: "long" },
  { path: "event.created", type: "date" },
  { path: "host.type", type: "array" },
]);
const normalise = createNormalise(taxonomy, undefined);

test.each<{ name: string; path: string; value: unknown; kept: string | undefined }>([
  { name: "keeps text of a keyword as it is", path: "acme.note", value: " 007 ", kept: '" 007 "' },
  { name: "writes a number of a keyword as text", path: "event.code", value: 7, kept: '"7"' },
  {
    name: "writes a float of a keyword with its point",
    path: "acme.note",
    value: new Float(1),
    kept: '"1.0"',
  },
  {
    name: "writes a dict of a keyword as compact JSON with sorted keys",
    path: "acme.note",
    value: { b: true, a: ["é", null] },
    kept: JSON.stringify('{"a":["é",null],"b":true}'),
  },
  {
    name: "converts a list item by item",
    path: "acme.note",
    value: [1, "x", { a: 1 }],
    kept: '["1","x","{\\"a\\":1}"]',
  },
  { name: "reads an integer", path: "acme.size", value: " 12 ", kept: "12" },
  { name: "reads a decimal as float", path: "acme.size", value: "12.0", kept: "12.0" },
  { name: "keeps a float of a long", path: "source.port", value: new Float(8080), kept: "8080.0" },
  {
    name: "clamps to 64 bits",
    path: "acme.size",
    value: "99999999999999999999",
    kept: "9223372036854775807",
  },
  {
    name: "clamps below too",
    path: "acme.size",
    value: "-99999999999999999999",
    kept: "-9223372036854775808",
  },
  {
    name: "keeps all digits of a large integer",
    path: "acme.size",
    value: "9007199254740993",
    kept: "9007199254740993",
  },
  { name: "drops text that is not a number", path: "acme.size", value: "many", kept: undefined },
  { name: "drops the text nan", path: "acme.size", value: "nan", kept: undefined },
  { name: "drops a dict of a number", path: "acme.size", value: { a: 1 }, kept: undefined },
  { name: "makes an integer a float", path: "acme.ratio", value: 3, kept: "3.0" },
  { name: "reads a float", path: "acme.ratio", value: "2.5", kept: "2.5" },
  { name: "keeps a float", path: "acme.ratio", value: new Float(2), kept: "2.0" },
  { name: "drops text that is not a float", path: "acme.ratio", value: "2,5", kept: undefined },
  { name: "does not convert the type integer", path: "acme.count", value: "808", kept: '"808"' },
  { name: "makes a list of an array's scalar", path: "acme.tags", value: "a", kept: '["a"]' },
  { name: "makes a list of an array's dict", path: "acme.tags", value: {}, kept: "[{}]" },
  { name: "keeps an array's list", path: "acme.tags", value: ["a", "b"], kept: '["a","b"]' },
  { name: "lets a format replace the type of ECS", path: "host.type", value: "pc", kept: '["pc"]' },
  { name: "makes no list of an ECS array", path: "event.category", value: "process", kept: '"process"' },
  { name: "leaves a format's own date alone", path: "acme.day", value: "01/02/2024", kept: '"01/02/2024"' },
  {
    name: "rewrites a datetime",
    path: "acme.moment",
    value: "2024-02-01 10:00",
    kept: '"2024-02-01T10:00:00Z"',
  },
  {
    name: "keeps a date of ECS one when declared again",
    path: "event.created",
    value: "2024-02-01",
    kept: '"2024-02-01T00:00:00Z"',
  },
  { name: "drops a number of a datetime", path: "acme.moment", value: 5, kept: undefined },
  { name: "reads a boolean", path: "acme.flag", value: "True", kept: "true" },
  { name: "reads zero as false", path: "acme.flag", value: 0, kept: "false" },
  { name: "reads 1.0 as true", path: "acme.flag", value: new Float(1), kept: "true" },
  { name: "reads strange text as false", path: "acme.flag", value: "maybe", kept: "false" },
  { name: "drops a dict of a boolean", path: "acme.flag", value: { a: 1 }, kept: undefined },
  { name: "writes null in a list of texts as text", path: "host.mac", value: [null], kept: '["null"]' },
  {
    name: "drops null in a list of addresses",
    path: "host.ip",
    value: [null, "10.0.0.1"],
    kept: '["10.0.0.1"]',
  },
  {
    name: "keeps undeclared fields in the dicts of an array",
    path: "acme.list",
    value: [{ id: "1", x: 0 }],
    kept: '[{"id":1,"x":0}]',
  },
  {
    name: "keeps an empty field of an object, and none deeper",
    path: "acme.details",
    value: { code: "", deep: { size: "" }, gone: {} },
    kept: '{"code":"","gone":{}}',
  },
  {
    name: "writes an address in its canonical form",
    path: "source.ip",
    value: "2001:0DB8:0:0::1",
    kept: '"2001:db8::1"',
  },
  { name: "takes blanks off an address", path: "source.ip", value: " 192.0.2.1\n", kept: '"192.0.2.1"' },
  {
    name: "keeps an empty object where nothing is declared",
    path: "nobody.knows",
    value: { a: 1, b: { c: "d" }, e: ["f"] },
    kept: "{}",
  },
  {
    name: "keeps the places of objects in lists where nothing is declared",
    path: "nobody.knows",
    value: { a: { b: [{ c: 1 }, "d", { e: [{}] }] }, f: {} },
    kept: '{"a":{"b":[{},{"e":[{}]}]}}',
  },
  {
    name: "keeps them in an undeclared part of a declared field",
    path: "acme",
    value: { note: "n", more: { rows: [{ c: 1 }], other: 1 }, gone: { a: 1 } },
    kept: '{"note":"n","more":{"rows":[{}]}}',
  },
  {
    name: "drops a network where an address belongs",
    path: "source.ip",
    value: "10.0.0.1/8",
    kept: undefined,
  },
  {
    name: "drops the invalid addresses of a list",
    path: "host.ip",
    value: ["10.0.0.1", "x"],
    kept: '["10.0.0.1"]',
  },
  { name: "sets no list whose items are all invalid", path: "host.ip", value: ["x"], kept: undefined },
  { name: "sets an empty list", path: "host.ip", value: [], kept: "[]" },
  {
    name: "keeps undeclared fields below an object, empty ones too",
    path: "acme.details",
    value: { code: 5, other: "", none: null, deep: { size: "3", x: 1 } },
    kept: '{"code":"5","other":"","none":null,"deep":{"size":3,"x":1}}',
  },
  { name: "keeps a field set below an object", path: "acme.details.new.one", value: [1], kept: "[1]" },
  {
    name: "drops undeclared fields below a dict",
    path: "acme.closed",
    value: { code: 1, other: 2 },
    kept: '{"code":"1"}',
  },
  { name: "drops empty fields of a dict value", path: "acme.closed", value: { code: "" }, kept: "{}" },
  {
    name: "filters the dicts of a list",
    path: "acme.rows",
    value: [{ id: "1", x: 1 }, { x: 1 }, 5],
    kept: '[{"id":1},{}]',
  },
  { name: "keeps an empty dict where fields are declared below", path: "host", value: {}, kept: "{}" },
  {
    name: "drops dicts that become empty",
    path: "host",
    value: { os: { x: 1 }, name: "n" },
    kept: '{"name":"n"}',
  },
  { name: "sets no scalar on a step to declared fields", path: "host.os", value: "linux", kept: undefined },
  {
    name: "reads no key of JavaScript as a field",
    path: "host",
    value: { constructor: 1, toString: 2 },
    kept: "{}",
  },
])("coerce $name", ({ path, value, kept }) => {
  const coerced = taxonomy.coercionOf(path)(toValue(value));
  expect(coerced === undefined ? undefined : toJson(coerced)).toBe(kept);
});

test.each([
  {
    name: "drops undeclared fields",
    draft: { nope: 1, host: { name: "a", nope: 2 } },
    event: { host: { name: "a" } },
  },
  { name: "drops dicts that thereby become empty", draft: { host: { nope: 2 } }, event: {} },
  { name: "keeps a dict that was set empty", draft: { host: {} }, event: { host: {} } },
  {
    name: "keeps what an object holds",
    draft: { acme: { details: { x: 1 } } },
    event: { acme: { details: { x: 1 } } },
  },
  { name: "drops a scalar on a step to declared fields", draft: { acme: 5 }, event: {} },
  { name: "drops ecs.version", draft: { ecs: { version: "1" } }, event: {} },
  {
    name: "drops multi-fields",
    draft: { user: { name: "a" }, process: { name: { text: "b" } } },
    event: { user: { name: "a" }, process: { name: { text: "b" } }, related: { user: ["a"] } },
  },
])("normalise $name", ({ draft, event }) => {
  expect(JSON.parse(toJson(normalise(dictOf(draft), new Map())))).toEqual(event);
});

test.each([
  {
    name: "takes message, sekoiaio and log of the input, and not its event",
    draft: { event: { kind: "event" } },
    input: {
      message: "m",
      sekoiaio: { intake: { key: "k" } },
      log: { hostname: "h" },
      event: { id: "1" },
      other: 1,
    },
    event: {
      event: { kind: "event" },
      message: "m",
      sekoiaio: { intake: { key: "k" } },
      log: { hostname: "h" },
    },
  },
  {
    name: "lets the format's fields win over the input's",
    draft: { log: { level: "high", syslog: { priority: 1 } } },
    input: { log: { level: "low", hostname: "h", syslog: { appname: "a" } } },
    event: { log: { level: "high", hostname: "h", syslog: { priority: 1, appname: "a" } } },
  },
])("normalise $name", ({ draft, input, event }) => {
  const raw = dictOf(input);
  const before = toJson(raw);
  expect(JSON.parse(toJson(normalise(dictOf(draft), raw)))).toEqual(event);
  expect(toJson(raw)).toBe(before);
});

test("an object that was set empty stays, undeclared fields do not", () => {
  const draft = dictOf({
    nobody: { knows: {}, note: "n" },
    other: { deep: { note: "n" } },
    rows: [{}],
    more: [1],
  });
  expect(toJson(normalise(draft, new Map()))).toBe('{"nobody":{"knows":{}},"rows":[{}]}');
});
