import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Static } from "typebox";
import { testDifferences, testFormats } from "../../ecs/conformance.ts";
import { describeEvent, readDescriptions } from "../../ecs/describe.ts";
import { compileFormat, type Format, FUNCTIONS } from "../../ecs/engine.ts";
import { readGuide } from "../../ecs/guide.ts";
import { findFormats, loadFormat } from "../../ecs/load.ts";
import { knownFields } from "../../ecs/normalise/field-list.ts";
import { STAGES } from "../../ecs/stages/stage-list.ts";
import { type Plain, toJson } from "../../ecs/values/json-text.ts";
import type { FormatInUse } from "../../local/intake/format-in-use.ts";
import type { Parsing } from "../contract/events.ts";
import type {
  FormatDetail,
  FormatEntry,
  FormatLanguage,
  FormatSaved,
  FormatTests,
  FormatTrial,
  TryFormat,
} from "../contract/formats.ts";
import type { SourceDiagnostic, StageTrace } from "../contract/shared.ts";
import { fieldsOf } from "./events.ts";
import { Refused } from "./problem.ts";

const PARSER = join("ingest", "parser.yml");
const MAX_OUTPUT_CHARS = 20_000;

export type FormatsOptions = {
  /** The folder of the package's formats, and the one of the person's. */
  readonly bundled: string;
  readonly own: string;
  /** What the local intake parses with; it changes with every save. */
  readonly inUse: FormatInUse;
  readonly database: DatabaseSync;
};

/** The page Formats: those of the package, and those of the person's own folder. */
export class Formats {
  readonly #bundled: string;
  readonly #own: string;
  readonly #inUse: FormatInUse;
  readonly #given: string;
  readonly #database: DatabaseSync;

  constructor({ bundled, own, inUse, database }: FormatsOptions) {
    this.#bundled = bundled;
    this.#own = own;
    this.#inUse = inUse;
    this.#given = inUse.name;
    this.#database = database;
    this.#takeUpSaved();
  }

  list(): Static<typeof FormatEntry>[] {
    const own = this.#entries(this.#own, false);
    const names = new Set(own.map(({ name }) => name));
    return [...own, ...this.#entries(this.#bundled, true).filter(({ name }) => !names.has(name))];
  }

  detail(name: string): Static<typeof FormatDetail> {
    const entry = this.#entry(name);
    const samples = testsOf(entry.folder).flatMap((file) => {
      const message = messageOf(join(entry.folder, "tests", file));
      return message === undefined ? [] : [{ name: basename(file, ".json"), event: message }];
    });
    return { entry, parser: readFileSync(join(entry.folder, PARSER), "utf8"), samples };
  }

  language(): Static<typeof FormatLanguage> {
    const kinds = [
      ["filter", FUNCTIONS.filters],
      ["test", FUNCTIONS.tests],
      ["method", FUNCTIONS.methods],
    ] as const;
    const functions = kinds.flatMap(([kind, table]) =>
      [...table.values()].flat().map(({ name, summary, examples }) => ({
        name,
        kind,
        summary,
        example: examples[0].expression,
      })),
    );
    const stages = STAGES.map(({ name, summary, properties }) => ({
      name,
      summary,
      properties: ["input_field", "output_field", ...properties.map((property) => property.name)],
    }));
    const fields = new Map(knownFields().map(({ path, type }) => [path, type]));
    for (const { folder } of this.list()) {
      for (const { path, type } of readGuide(folder).fields) {
        fields.set(path, type);
      }
    }
    return { stages, functions, fields: [...fields].map(([path, type]) => ({ path, type })) };
  }

  try(name: string, { parser, event, sample }: Static<typeof TryFormat>): Static<typeof FormatTrial> {
    const { folder } = this.#entry(name);
    const files = loadFormat(folder);
    const { format, diagnostics } = compileFormat({ ...files, parser: { ...files.parser, text: parser } });
    const nothing = {
      fields: [],
      json: "",
      description: null,
      stages: [],
      warnings: [],
      tookMicros: 0,
      differences: null,
    };
    if (format === undefined) {
      return { diagnostics: diagnostics.map(placed), ...nothing };
    }
    const started = performance.now();
    const result = format.parse(event, { now: new Date(), trace: true });
    const tookMicros = (performance.now() - started) * 1000;
    const json = toJson(result.event);
    return {
      ...nothing,
      diagnostics: diagnostics.map(placed),
      fields: fieldsOf(json),
      json: JSON.stringify(JSON.parse(json), null, 2),
      description: describe(folder, json),
      stages: result.trace.map(traced),
      warnings: result.warnings.map(warned),
      tookMicros,
      differences: differencesFrom(folder, sample, format),
    };
  }

  /** What each stage of the format in use does to an event. */
  parsing(event: string): Static<typeof Parsing> {
    const { name, folder } = this.#inUse;
    const { format } = compileFormat(loadFormat(folder));
    if (format === undefined) {
      return { format: name, tookMicros: 0, stages: [], warnings: [] };
    }
    const started = performance.now();
    const { trace, warnings } = format.parse(event, { now: new Date(), trace: true });
    const tookMicros = (performance.now() - started) * 1000;
    return { format: name, tookMicros, stages: trace.map(traced), warnings: warnings.map(warned) };
  }

  /** Runs the format's tests on a parser that is not saved. */
  test(name: string, parser: string): Static<typeof FormatTests> {
    const { folder } = this.#entry(name);
    const copy = mkdtempSync(join(tmpdir(), "eventhub-intake-format-"));
    try {
      cpSync(folder, copy, { recursive: true });
      writeFileSync(join(copy, PARSER), parser);
      const results = [...testFormats([copy], { now: new Date() })].flatMap(({ cases }) =>
        cases.map(({ name: test, differences }) => ({
          name: test,
          isPassed: differences.length === 0,
          detail: differences.length === 0 ? "" : JSON.stringify(differences[0]).slice(0, MAX_OUTPUT_CHARS),
        })),
      );
      const passed = results.filter(({ isPassed }) => isPassed).length;
      const { diagnostics } = compileFormat(loadFormat(copy));
      return { passed, failed: results.length - passed, diagnostics: diagnostics.map(placed), results };
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  }

  save(from: string, name: string, parser: string): Static<typeof FormatSaved> {
    const source = this.#entry(from).folder;
    const folder = join(this.#own, name);
    mkdirSync(this.#own, { recursive: true });
    if (folder !== source) {
      cpSync(source, folder, { recursive: true });
    }
    writeFileSync(join(folder, PARSER), parser);
    return { folder, name, isInUse: this.#use(name, Date.now()) };
  }

  /** @returns False when nothing of the format can be used. */
  #use(name: string, changedAtMs: number): boolean {
    const folder = join(this.#own, name);
    const { format } = compileFormat(loadFormat(folder));
    if (format === undefined) {
      return false;
    }
    this.#inUse.change({ name, format, folder }, changedAtMs);
    this.#database
      .prepare("INSERT OR REPLACE INTO format_in_use VALUES (1, ?, ?, ?)")
      .run(this.#given, name, changedAtMs);
    return true;
  }

  /** Goes on with the format that was saved last, unless the command names another than it did then. */
  #takeUpSaved(): void {
    const saved = this.#database.prepare("SELECT * FROM format_in_use WHERE given = ?").get(this.#given);
    if (saved === undefined || !existsSync(join(this.#own, String(saved["name"]), PARSER))) {
      return;
    }
    this.#use(String(saved["name"]), Number(saved["changed_at_ms"]));
  }

  #entry(name: string): Static<typeof FormatEntry> {
    const entry = this.list().find((candidate) => candidate.name === name);
    if (entry === undefined) {
      throw new Refused("not-found", "There is no such format.");
    }
    return entry;
  }

  #entries(root: string, isBundled: boolean): Static<typeof FormatEntry>[] {
    if (!existsSync(root)) {
      return [];
    }
    return findFormats(root).map((folder) => {
      const name = basename(folder);
      const words = name.split(/[-_]/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
      const isInUse = folder === this.#inUse.folder;
      return { name, title: words.join(" "), folder, isInUse, isBundled, tests: testsOf(folder).length };
    });
  }
}

/** What the sample's test expects otherwise; null for an event that is not a sample. */
function differencesFrom(
  folder: string,
  sample: string | null,
  format: Format,
): Static<typeof FormatTrial>["differences"] {
  if (sample === null || !testsOf(folder).includes(`${sample}.json`)) {
    return null;
  }
  const test = readFileSync(join(folder, "tests", `${sample}.json`), "utf8");
  return testDifferences(format, test, new Date()).map(({ path, expected, got }) => ({
    path,
    expected: (expected ?? "nothing").slice(0, MAX_OUTPUT_CHARS),
    actual: (got ?? "nothing").slice(0, MAX_OUTPUT_CHARS),
  }));
}

function testsOf(folder: string): readonly string[] {
  const tests = join(folder, "tests");
  return existsSync(tests)
    ? readdirSync(tests)
        .filter((file) => file.endsWith(".json"))
        .sort()
    : [];
}

function messageOf(path: string): string | undefined {
  const test = JSON.parse(readFileSync(path, "utf8")) as { input?: { message?: unknown } };
  return typeof test.input?.message === "string" ? test.input.message : undefined;
}

function describe(folder: string, json: string): string | null {
  const path = join(folder, "_meta", "smart-descriptions.json");
  if (!existsSync(path)) {
    return null;
  }
  return (
    describeEvent(JSON.parse(json) as Plain, readDescriptions(JSON.parse(readFileSync(path, "utf8")))) ?? null
  );
}

type EcsDiagnostic = ReturnType<typeof compileFormat>["diagnostics"][number];
type EcsResult = ReturnType<NonNullable<ReturnType<typeof compileFormat>["format"]>["parse"]>;

function placed({ span, ...rest }: EcsDiagnostic): Static<typeof SourceDiagnostic> {
  return { ...rest, ...span };
}

function traced(entry: EcsResult["trace"][number]): Static<typeof StageTrace> {
  const { stage, outcome, reason, output, set, notComputed, deleted } = entry;
  return {
    stage,
    outcome,
    ...(reason !== undefined && { reason }),
    set: set.map(({ path, value }) => {
      const json = toJson(value);
      return { path, json: json.slice(0, MAX_OUTPUT_CHARS), isCut: json.length > MAX_OUTPUT_CHARS };
    }),
    notComputed: notComputed.map(({ path, reason: why }) => ({ path, reason: why })),
    deleted: [...deleted],
    ...(output !== undefined && { output: toJson(output).slice(0, MAX_OUTPUT_CHARS) }),
  };
}

function warned(warning: EcsResult["warnings"][number]): Static<typeof Parsing>["warnings"][number] {
  const { stage, field, reason } = warning as { stage?: unknown; field?: unknown; reason?: unknown };
  return { stage: String(stage ?? ""), field: String(field ?? ""), reason: String(reason ?? "") };
}
