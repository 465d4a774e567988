import type { Guide } from "../ecs/guide.ts";
import { toPlain } from "../ecs/values/json-text.ts";

/** How the parts of a guide are written. */
type Style = {
  readonly heading: (level: number, text: string) => string;
  readonly table: (header: readonly string[], rows: readonly (readonly string[])[]) => string;
  readonly json: (text: string) => string;
  readonly code: (text: string) => string;
};

const MARKDOWN: Style = {
  heading: (level, text) => `${"#".repeat(level)} ${text}`,
  table: (header, rows) => {
    const line = (cells: readonly string[]): string =>
      `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
    return [line(header), `|${"---|".repeat(header.length)}`, ...rows.map(line)].join("\n");
  },
  json: (text) => `\`\`\`json\n${text}\n\`\`\``,
  code: (text) => (text === "" ? "" : `\`${text}\``),
};

const TEXT: Style = {
  heading: (level, text) => (level > 2 ? text : `${text}\n${(level === 1 ? "=" : "-").repeat(text.length)}`),
  table: (header, rows) => {
    const widths = header.map((cell, column) =>
      Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
    );
    const line = (cells: readonly string[]): string =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd();
    return [header, ...rows].map(line).join("\n");
  },
  json: (text) => text,
  code: (text) => text,
};

/** A format's sections Event Categories, Event Samples and Extracted Fields. */
export function guideText(guide: Guide, isMarkdown: boolean): string {
  const { manifest, fields, samples } = guide;
  const style = isMarkdown ? MARKDOWN : TEXT;
  const codes = (values: readonly string[]): string => values.map(style.code).join(", ");
  const parts = [
    style.heading(1, manifest.name),
    manifest.description,
    style.heading(2, "Event Categories"),
    style.table(
      ["Data Source", "Description"],
      manifest.dataSources.map(({ name, description }) => [name, description]),
    ),
    style.table(
      ["Name", "Values"],
      [
        ["Kind", codes(guide.kinds)],
        ["Category", codes(guide.categories)],
        ["Type", codes(guide.types)],
      ],
    ),
    style.heading(2, "Event Samples"),
    ...samples.flatMap(({ name, expected }) => [
      style.heading(3, name),
      style.json(JSON.stringify(toPlain(expected), null, 2)),
    ]),
    style.heading(2, "Extracted Fields"),
    style.table(
      ["Name", "Type", "Description"],
      fields.map(({ path, type, description }) => [style.code(path), style.code(type), description]),
    ),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
