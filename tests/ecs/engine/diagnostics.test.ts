import { expect, test } from "vitest";
import { drawDiagnostic } from "../../../src/ecs/draw.ts";
import { compileFormat } from "../../../src/ecs/engine.ts";

/** All diagnostics of the two files, drawn one below the other. */
function drawn(parser: string, fields = ""): string {
  const files = { "parser.yml": parser, "fields.yml": fields };
  const { diagnostics } = compileFormat({
    parser: { path: "parser.yml", text: parser },
    fields: fields === "" ? [] : [{ path: "fields.yml", text: fields }],
  });
  return diagnostics
    .map((diagnostic) => drawDiagnostic(diagnostic, files[diagnostic.span.file as keyof typeof files]))
    .join("\n");
}

const PARSER = `name: sample
color: red
pipeline:
  - name: parsed
    external:
      name: json.parse-jsn
  - name: keyed
    external:
      name: kv.parse-kv
      properties:
        item_sepp: ";"
  - name: fields
  - name: feilds
stages:
  fields:
    actions:
      - set:
          event.action: "{{keyed.message..a}}"
          event.reason: "{{keyed.message.a | lowr}}"
      - set:
          event.kind: event
        filter: "False"
      - filter: "{{true}}"
  unused:
    actions: []
`;

test("one pass reports every problem of a parser file, each with its place", () => {
  expect(drawn(PARSER)).toBe(`warning[unknown-key]: a parser file has no \`color\`; it is ignored
 --> parser.yml:2:1
2 | color: red
  | ^^^^^
  = hint: known: name, pipeline, stages, ignored_values

error[empty-action]: the action does nothing
  --> parser.yml:23:9
23 |       - filter: "{{true}}"
   |         ^^^^^^^^^^^^^^^^^^
   = hint: an action has \`set\`, \`translate\` or \`delete\`

error[template-syntax]: "." stands where a name was expected; this template cannot be computed
  --> parser.yml:18:42
18 |           event.action: "{{keyed.message..a}}"
   |                                          ^

error[unknown-filter]: there is no filter "lowr"; it cannot be computed
  --> parser.yml:19:28
19 |           event.reason: "{{keyed.message.a | lowr}}"
   |                            ^^^^^^^^^^^^^^^^^^^^^^
   = hint: did you mean "lower"?

warning[never-runs]: this filter is never true, so what it guards never runs
  --> parser.yml:22:17
22 |         filter: "False"
   |                 ^^^^^^^
   = hint: write the condition as a template: {{ … }}

error[unknown-stage]: there is no external stage "json.parse-jsn"; the item is left out
 --> parser.yml:6:13
6 |       name: json.parse-jsn
  |             ^^^^^^^^^^^^^^
  = hint: did you mean "json.parse-json"?

warning[unknown-property]: kv.parse-kv has no property \`item_sepp\`; it is ignored
  --> parser.yml:11:9
11 |         item_sepp: ";"
   |         ^^^^^^^^^
   = hint: did you mean \`item_sep\`?

error[missing-stage]: the pipeline names "feilds", but \`stages\` has no such stage
  --> parser.yml:13:11
13 |   - name: feilds
   |           ^^^^^^
   = hint: did you mean "fields"?

warning[never-runs]: no pipeline item runs the stage "unused"
  --> parser.yml:24:3
24 |   unused:
   |   ^^^^^^
`);
});

test("a field without a type is told, and the others count", () => {
  expect(
    drawn("name: sample\npipeline: []\n", "a.b:\n  type: keyword\na.c:\n  description: no type\n"),
  ).toBe(`error[field-without-type]: the field "a.c" has no type
 --> fields.yml:3:1
3 | a.c:
  | ^^^
  = hint: add a line such as \`type: keyword\`
`);
});

test("what YAML cannot read is told with its place", () => {
  expect(drawn('name: "sample\npipeline: []\n')).toContain("error[yaml]");
});

test("a file that is no map is no format", () => {
  const { format, diagnostics } = compileFormat({
    parser: { path: "parser.yml", text: "- a\n" },
    fields: [],
  });
  expect(format).toBeUndefined();
  expect(diagnostics.map(({ code }) => code)).toEqual(["not-a-format"]);
});

test("an invalid template never spoils the rest of its format", () => {
  const { format } = compileFormat({
    parser: {
      path: "parser.yml",
      text: "name: a\npipeline: [{ name: s }]\nstages: { s: { actions: [{ set: { event.kind: '{{ a..b }}', event.action: c } }] } }\n",
    },
    fields: [],
  });
  const event = format?.parse("", { now: new Date(0) }).event.get("event");
  expect(event).toEqual(new Map([["action", "c"]]));
});

test("anchors, aliases and merge keys mean what they stand for", () => {
  const { format, diagnostics } = compileFormat({
    parser: {
      path: "parser.yml",
      text: "name: a\npipeline: [{ name: s }]\nstages:\n  s:\n    actions:\n      - set: &base { event.kind: event }\n      - set: { <<: *base, event.action: c }\n",
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
