import { compileFormat, type Format, type ParseResult, type RawEvent } from "../../../src/ecs/engine.ts";
import { toPlain } from "../../../src/ecs/values/json-text.ts";

const FIELDS = `
x.text: { type: keyword }
x.other: { type: keyword }
x.list: { type: array }
x.dict: { type: object }
x.count: { type: long }
x.date: { type: datetime }
`;

export const NOW = new Date("2026-03-04T05:06:07Z");

/** A format of the given parser file, with the fields `x.*` declared. */
export function formatOf(parser: string): Format {
  const { format, diagnostics } = compileFormat({
    parser: { path: "parser.yml", text: parser },
    fields: [{ path: "fields.yml", text: FIELDS }],
  });
  const [first] = diagnostics.filter(({ severity }) => severity === "error");
  if (format === undefined || first !== undefined) {
    throw new Error(first?.message ?? "no format");
  }
  return format;
}

/** One JSON stage named j, then one plain stage named s with these actions (YAML, a list item each). */
export function formatWith(actions: string, extra = ""): Format {
  const indented = actions
    .trim()
    .split("\n")
    .map((line) => `      ${line}`)
    .join("\n");
  return formatOf(`name: test
${extra}
pipeline:
  - name: j
    external: { name: json.parse-json }
  - name: s
stages:
  s:
    actions:
${indented}
`);
}

export function parseWith(actions: string, event: RawEvent, extra = ""): ParseResult {
  return formatWith(actions, extra).parse(event, { now: NOW, trace: true });
}

/** The event without its message, as plain JavaScript. */
export function fieldsOf({ event }: ParseResult): unknown {
  const copy = new Map(event);
  copy.delete("message");
  return toPlain(copy);
}
