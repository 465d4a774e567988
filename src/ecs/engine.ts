/** The one place where the phases meet: files → format, and raw event → ECS event. */

import type { Diagnostic } from "../kernel/diagnostic.ts";
import { compileProgram } from "./compile/compile-program.ts";
import { undeclaredFields } from "./compile/undeclared-fields.ts";
import { unknownTypes } from "./compile/unknown-types.ts";
import type { Watch } from "./contract/coverage.ts";
import type { RunResult } from "./contract/program.ts";
import type { StageDefinition } from "./contract/stage.ts";
import type { Dict, Key, Value } from "./contract/value.ts";
import { type FilesByName, type FormatFiles, formatFiles } from "./files.ts";
import { createFunctions } from "./functions/function-tables.ts";
import { FIELD_TYPES } from "./normalise/convert.ts";
import { createNormalise } from "./normalise/normalise-event.ts";
import { createTaxonomy } from "./normalise/taxonomy.ts";
import { Runner } from "./run/runner.ts";
import { readFields } from "./source/fields-file.ts";
import { readParser } from "./source/parser-file.ts";
import { STAGES } from "./stages/stage-list.ts";
import { parseTemplate } from "./template/parse-template.ts";
import { fromPlain } from "./values/copy.ts";

/** The raw text, or the intake's event: `message` and the other root keys. */
export type RawEvent = string | Dict | Readonly<Record<string, unknown>>;

export type ParseOptions = {
  /** Dates without a year take theirs from it. */
  readonly now: Date;
  /** Also tell what each stage set. */
  readonly trace?: boolean;
};

export type ParseResult = Pick<RunResult, "warnings" | "trace"> & { readonly event: Dict };

export type Format = {
  readonly name: string;
  /**
   * @returns The ECS event; a stage that fails leaves its fields out and never throws.
   * @throws LimitExceeded only for an event that is nested too deeply or holds itself.
   */
  parse(event: RawEvent, options: ParseOptions): ParseResult;
};

/** All functions of the expression language. */
export const FUNCTIONS = createFunctions(stageNamed("date.parse"));

function stageNamed(name: string): StageDefinition {
  const stage = STAGES.find((candidate) => candidate.name === name);
  if (stage === undefined) {
    throw new Error(`the stage ${name} is missing from the library`);
  }
  return stage;
}

const LANGUAGE = { functions: FUNCTIONS, stages: STAGES, parseTemplate };

/**
 * @param source What `loadFormat` gives, or the texts of the files by name: `ingest/parser.yml`, `_meta/fields.yml`.
 * @returns Every problem of the files in one pass, in the order of the lines; whatever is sound works anyway. There is no format only when
 * the parser file is not a YAML map.
 * @param watch Told of what events reach; without one nothing is counted.
 * @throws TypeError when the source is neither.
 */
export function compileFormat(
  source: FormatFiles | FilesByName,
  watch?: Watch,
): {
  format: Format | undefined;
  diagnostics: Diagnostic[];
} {
  const files = formatFiles(source);
  const declared = files.fields.map(({ path, text }) => readFields(path, text));
  const taxonomy = createTaxonomy(declared.flatMap((file) => file.fields));
  const parser = readParser(files.parser.path, files.parser.text);
  const compiled =
    parser.source === undefined
      ? undefined
      : compileProgram(parser.source, { ...LANGUAGE, watch }, (path) => taxonomy.coercionOf(path));
  const undeclared = parser.source === undefined ? [] : undeclaredFields(parser.source, taxonomy);
  const ofParser = [...parser.diagnostics, ...(compiled?.diagnostics ?? []), ...undeclared].sort(byPlace);
  const ofFields = declared.flatMap((file) =>
    [...file.diagnostics, ...unknownTypes(file.fields, FIELD_TYPES)].sort(byPlace),
  );
  const diagnostics = [...ofParser, ...ofFields];
  if (parser.source === undefined || compiled === undefined) {
    return { format: undefined, diagnostics };
  }
  const runner = new Runner(compiled.program, FUNCTIONS);
  const normalise = createNormalise(taxonomy, compiled.program.targets);
  const format: Format = {
    name: parser.source.name,
    parse(event, { now, trace = false }) {
      const input = inputOf(event);
      const { draft, warnings, trace: entries } = runner.run(input, now.getTime(), trace);
      return { event: normalise(draft, input), warnings, trace: entries };
    },
  };
  return { format, diagnostics };
}

function byPlace({ span: a }: Diagnostic, { span: b }: Diagnostic): number {
  return a.line - b.line || a.column - b.column;
}

function inputOf(event: RawEvent): Dict {
  if (typeof event === "string") {
    return new Map<Key, Value>().set("message", event);
  }
  const value = fromPlain(event);
  return value instanceof Map ? value : new Map();
}
