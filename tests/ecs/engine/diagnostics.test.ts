import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { drawDiagnostic } from "../../../src/ecs/draw.ts";
import { compileFormat } from "../../../src/ecs/engine.ts";

/** Each holds a file with mistakes below a line with its name, then the whole text of what is said about it. */
const FIXTURES = new URL("../diagnostics/", import.meta.url);
const FIXTURE = /^# (\S+)\n(.*)^# says\n(.*)$/ms;
const SOUND_PARSER = "name: sample\npipeline: []\n";

/** All diagnostics of a file, drawn one below the other. */
function drawn(path: string, text: string): string {
  const isFields = path === "fields.yml";
  const { diagnostics } = compileFormat({
    parser: { path, text: isFields ? SOUND_PARSER : text },
    fields: isFields ? [{ path, text }] : [],
  });
  return diagnostics.map((diagnostic) => drawDiagnostic(diagnostic, text)).join("\n");
}

test.each(readdirSync(FIXTURES))("one pass tells every problem of %s, with place, caret and hint", (name) => {
  const [, path = "", text = "", expected = "nothing"] =
    FIXTURE.exec(readFileSync(new URL(name, FIXTURES), "utf8")) ?? [];
  expect(drawn(path, text)).toBe(expected);
});

test("a tab before the place moves the caret with the text", () => {
  const span = { file: "a.yml", line: 1, column: 3, length: 2 };
  const diagnostic = { severity: "error", code: "x", message: "m", hint: "h", span } as const;
  expect(drawDiagnostic(diagnostic, "\ta\tbc\r\n")).toBe(
    "error[x]: m\n --> a.yml:1:3\n1 |     a    bc\n  |      ^^^^^\n  = hint: h\n",
  );
});

test("a file that is not a map is no format", () => {
  const { format } = compileFormat({ parser: { path: "parser.yml", text: "- a\n" }, fields: [] });
  expect(format).toBeUndefined();
});

test.each([
  { name: "an invalid template", template: "{{ a..b }}" },
  { name: "a filter that does not exist", template: "{{ original.message | frobnicate }}" },
  { name: "a function that does not exist", template: "{{ len(original.message) }}" },
  { name: "a name that does not exist", template: "{{ a.b }}" },
  { name: "a loop without an end", template: "{% for a in original %}" },
])("$name is not computed, and never spoils the rest of its format", ({ template }) => {
  const { format } = compileFormat({
    parser: {
      path: "parser.yml",
      text: `name: a
pipeline: [{ name: s }, { name: guarded, filter: '${template}' }, { name: t }]
stages:
  s: { actions: [{ set: { event.kind: '${template}', event.action: c } }] }
  guarded: { actions: [{ set: { event.code: d } }] }
  t: { actions: [{ set: { event.reason: e, event.type: ['${template}', f] } }] }
`,
    },
    fields: [],
  });
  const event = format?.parse("", { now: new Date(0) }).event.get("event");
  expect(event).toEqual(
    new Map<string, unknown>([
      ["action", "c"],
      ["reason", "e"],
      ["type", ["f"]],
    ]),
  );
});

test("anchors, aliases and merge keys mean what they stand for", () => {
  const { format, diagnostics } = compileFormat({
    parser: {
      path: "parser.yml",
      text: "name: a\npipeline: [{ name: s }]\nstages:\n  s:\n    actions:\n      - set: &base { event.kind: event }\n      - delete: [event.kind]\n      - set: { <<: *base, event.action: c }\n",
    },
    fields: [],
  });
  expect(diagnostics).toEqual([]);
  expect(format?.parse("", { now: new Date(0) }).event.get("event")).toEqual(
    new Map([
      ["kind", "event"],
      ["action", "c"],
    ]),
  );
});

test("a field that no event keeps is named, with the one that was likely meant", () => {
  const { diagnostics } = compileFormat({
    "ingest/parser.yml":
      "name: a\npipeline: [{ name: s }]\nstages:\n  s:\n    actions:\n      - set: { event.categroy: d, own.field: e, own.other: f }\n",
    "_meta/fields.yml": "own.field: { type: keyword }\n",
  });
  expect(diagnostics.map(({ code, message, hint }) => [code, message, hint])).toEqual([
    [
      "undeclared-field",
      "dropped: event.categroy is a field of neither ECS nor fields.yml",
      "did you mean event.category?",
    ],
    [
      "undeclared-field",
      "dropped: own.other is a field of neither ECS nor fields.yml",
      "declare it in _meta/fields.yml, with its type",
    ],
  ]);
});
