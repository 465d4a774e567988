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
import type { Static } from "typebox";
import { testFormats } from "../../ecs/conformance.ts";
import { describeEvent, readDescriptions } from "../../ecs/describe.ts";
import { compileFormat, FUNCTIONS } from "../../ecs/engine.ts";
import { findFormats, loadFormat } from "../../ecs/load.ts";
import { type Plain, toJson } from "../../ecs/values/json-text.ts";
import type { Parsing } from "../contract/events.ts";
import type {
  FormatDetail,
  FormatEntry,
  FormatLanguage,
  FormatSaved,
  FormatTests,
  FormatTrial,
} from "../contract/formats.ts";
import type { SourceDiagnostic, StageTrace } from "../contract/shared.ts";
import { fieldsOf } from "./events.ts";
import { Refused } from "./problem.ts";

const PARSER = join("ingest", "parser.yml");
const MAX_OUTPUT_CHARS = 20_000;

/** The page Formats: those of the package, and those of the person's own folder. */
export class Formats {
  readonly #bundled: string;
  readonly #own: string;

  constructor(bundled: string, own: string) {
    this.#bundled = bundled;
    this.#own = own;
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
    return { stages: [], functions, fields: [] };
  }

  try(name: string, parser: string, event: string): Static<typeof FormatTrial> {
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
    if (format === undefined) return { diagnostics: diagnostics.map(placed), ...nothing };
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
    };
  }

  parsing(name: string, event: string): Static<typeof Parsing> {
    const { format } = compileFormat(loadFormat(this.#entry(name).folder));
    if (format === undefined) return { format: name, tookMicros: 0, stages: [], warnings: [] };
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
        cases.map(({ name: test, difference }) => ({
          name: test,
          isPassed: difference === undefined,
          detail: difference === undefined ? "" : JSON.stringify(difference).slice(0, MAX_OUTPUT_CHARS),
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
    if (folder !== source) cpSync(source, folder, { recursive: true });
    writeFileSync(join(folder, PARSER), parser);
    return { folder, name };
  }

  #entry(name: string): Static<typeof FormatEntry> {
    const entry = this.list().find((candidate) => candidate.name === name);
    if (entry === undefined) throw new Refused("not-found", "There is no such format.");
    return entry;
  }

  #entries(root: string, isBundled: boolean): Static<typeof FormatEntry>[] {
    if (!existsSync(root)) return [];
    return findFormats(root).map((folder) => {
      const name = basename(folder);
      const words = name.split(/[-_]/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
      return { name, title: words.join(" "), folder, isBundled, tests: testsOf(folder).length };
    });
  }
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
  if (!existsSync(path)) return null;
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
