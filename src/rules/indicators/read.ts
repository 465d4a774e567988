/** Indicator files → indicators: STIX 2.1 bundles and CSV. */
import { type Diagnostic, LEVELS, type Level, type RuleText, type Span } from "../contract.ts";
import { parseTime } from "../values/time.ts";
import { CONTROL_ADDRESS, kindOfName, kindOfPath } from "./fields.ts";
import { parsePattern } from "./pattern.ts";

export const MAX_INDICATORS = 1_000_000;
const MAX_DIAGNOSTICS = 100;
const CSV_COLUMNS = ["type", "value", "valid_from", "valid_until", "label"];

export type Indicator = {
  readonly id: string;
  readonly type: string;
  readonly values: readonly { readonly kind: string; readonly value: string }[];
  readonly labels: readonly string[];
  readonly level: Level;
  readonly validFromMs: number;
  /** As written; matching adds the days of grace. */
  readonly validUntilMs: number;
  readonly modifiedMs: number;
  readonly isRevoked: boolean;
};

export function readIndicators(file: RuleText): { indicators: Indicator[]; diagnostics: Diagnostic[] } {
  const reader = new IndicatorReader(file);
  const indicators = file.text.trimStart().startsWith("{") ? reader.bundle() : reader.csv();
  return { indicators, diagnostics: reader.diagnostics };
}

type Plain = Readonly<Record<string, unknown>>;

class IndicatorReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #file: RuleText;

  constructor(file: RuleText) {
    this.#file = file;
  }

  bundle(): Indicator[] {
    let root: unknown;
    try {
      root = JSON.parse(this.#file.text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#tell(
        "error",
        "json",
        `the file is not JSON: ${reason}`,
        "export the bundle again",
        this.#line(1),
      );
      return [];
    }
    const objects = isPlain(root) && Array.isArray(root["objects"]) ? root["objects"] : [root];
    return objects.slice(0, MAX_INDICATORS).flatMap((object: unknown) => {
      return isPlain(object) && object["type"] === "indicator" ? this.#indicator(object) : [];
    });
  }

  #indicator(object: Plain): Indicator[] {
    const id = textOf(object["id"]) ?? "an indicator without id";
    const refuse = (message: string, hint: string): Indicator[] => {
      this.#tell("error", "indicator", `${id}: ${message}`, hint, this.#placeOf(id));
      return [];
    };
    const isRevoked = object["revoked"] === true;
    const pattern = parsePattern(textOf(object["pattern"]) ?? "");
    if ((object["pattern_type"] ?? "stix") !== "stix") {
      return refuse(
        `patterns of type ${String(object["pattern_type"])} are not supported`,
        "use pattern_type stix",
      );
    }
    if ("refused" in pattern) {
      return refuse(`the pattern has ${pattern.refused}`, "use =, IN and OR");
    }
    const labels = [
      ...textsOf(object["indicator_types"]),
      ...textsOf(object["labels"]),
      ...(Array.isArray(object["kill_chain_phases"]) ? object["kill_chain_phases"] : []).flatMap(
        (phase: unknown) => {
          return isPlain(phase) ? textsOf(phase["phase_name"]) : [];
        },
      ),
    ];
    const values: { kind: string; value: string }[] = [];
    for (const { path, value } of pattern.values) {
      const kind = kindOfPath(path);
      if (kind === undefined) {
        return refuse(`no field of events stands for ${path}`, "see the table of fields in docs/rules.md");
      }
      values.push({ kind: controlled(kind, labels), value });
    }
    const validFromMs = timeOf(object["valid_from"], Number.NEGATIVE_INFINITY);
    const validUntilMs = timeOf(object["valid_until"], Number.POSITIVE_INFINITY);
    if (Number.isNaN(validFromMs) || Number.isNaN(validUntilMs)) {
      return refuse("valid_from or valid_until is not a time", "write 2026-01-31T00:00:00Z");
    }
    const modifiedMs = timeOf(object["modified"], 0) || 0;
    const level = levelOf(labels, object["confidence"]);
    const type = pattern.values[0]?.path ?? "";
    return [{ id, type, values, labels, level, validFromMs, validUntilMs, modifiedMs, isRevoked }];
  }

  csv(): Indicator[] {
    const rows = csvRows(this.#file.text);
    const [header] = rows;
    const columns = header?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
    if (columns.indexOf("type") < 0 || columns.indexOf("value") < 0) {
      const message = "the file is neither a STIX bundle nor CSV with a header";
      this.#tell("error", "csv", message, `begin with ${CSV_COLUMNS.join(",")}`, this.#line(1));
      return [];
    }
    return rows.slice(1, MAX_INDICATORS).flatMap(({ cells, line }) => {
      const cell = (name: string): string => cells[columns.indexOf(name)]?.trim() ?? "";
      return this.#row(cell, line);
    });
  }

  #row(cell: (name: string) => string, line: number): Indicator[] {
    const [type, value] = [cell("type"), cell("value")];
    const kind = kindOfName(type);
    const validFromMs = timeOf(cell("valid_from") || undefined, Number.NEGATIVE_INFINITY);
    const validUntilMs = timeOf(cell("valid_until") || undefined, Number.POSITIVE_INFINITY);
    const problem =
      kind === undefined
        ? `the type "${type}" is not known`
        : value === ""
          ? "the value is missing"
          : Number.isNaN(validFromMs) || Number.isNaN(validUntilMs)
            ? "valid_from or valid_until is not a time"
            : undefined;
    if (problem !== undefined || kind === undefined) {
      this.#tell(
        "error",
        "indicator",
        problem ?? "",
        "write such as: domain,evil.example,,,high",
        this.#line(line),
      );
      return [];
    }
    const labels = cell("label")
      .split(/[;|]/)
      .map((label) => label.trim())
      .filter((label) => label !== "");
    const values = [{ kind: controlled(kind, labels), value }];
    const level = levelOf(labels, undefined);
    const id = `${this.#file.name}:${line}`;
    return [{ id, type, values, labels, level, validFromMs, validUntilMs, modifiedMs: 0, isRevoked: false }];
  }

  #tell(severity: Diagnostic["severity"], code: string, message: string, hint: string, span: Span): void {
    if (this.diagnostics.length < MAX_DIAGNOSTICS) {
      this.diagnostics.push({ severity, code, message, hint, span });
    }
  }

  #line(line: number): Span {
    return { file: this.#file.name, line, column: 1, length: 1 };
  }

  #placeOf(id: string): Span {
    const at = Math.max(0, this.#file.text.indexOf(id));
    const before = this.#file.text.slice(0, at);
    const column = at - before.lastIndexOf("\n");
    return { file: this.#file.name, line: before.split("\n").length, column, length: id.length };
  }
}

function controlled(kind: string, labels: readonly string[]): string {
  const isControl = labels.some((label) =>
    /^(?:c2|cnc|c&c|command[ -]and[ -]control)$/i.test(label.replaceAll("_", "-")),
  );
  return kind === "ip-addr:value" && isControl ? CONTROL_ADDRESS : kind;
}

/** A label that is a level; else what the confidence of 0 to 100 comes to, in thirds. */
function levelOf(labels: readonly string[], confidence: unknown): Level {
  const named = LEVELS.find((level) => labels.some((label) => label.toLowerCase() === level));
  if (named !== undefined || typeof confidence !== "number") {
    return named ?? "medium";
  }
  return confidence >= 67 ? "high" : confidence >= 34 ? "medium" : "low";
}

/** @returns NaN for what is not a time. */
function timeOf(value: unknown, absent: number): number {
  if (value === undefined || value === null) {
    return absent;
  }
  return typeof value === "string" ? (parseTime(value) ?? Number.NaN) : Number.NaN;
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === "string");
}

type Row = { readonly cells: readonly string[]; readonly line: number };

/** Quoted cells may hold commas, quotes written twice, and line breaks. */
function csvRows(text: string): Row[] {
  const rows: Row[] = [];
  let cells: string[] = [];
  let line = 1;
  let start = 1;
  const cell = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|\r|$)/y;
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (found === null) {
      break;
    }
    const [whole, content = "", end = ""] = found;
    cells.push(content.startsWith('"') ? content.slice(1, -1).replaceAll('""', '"') : content);
    line += whole.split("\n").length - 1;
    if (end !== "," || cell.lastIndex >= text.length) {
      if (cells.some((each) => each !== "") && !cells[0]?.startsWith("#")) {
        rows.push({ cells, line: start });
      }
      cells = [];
      start = line;
    }
  }
  return rows;
}
