/** A format's source → its program. */
import type { Diagnostic } from "../../kernel/diagnostic.ts";
import type { Watch } from "../contract/coverage.ts";
import type { ActionSource, FormatSource, PipelineItemSource } from "../contract/format-source.ts";
import type { FunctionTables } from "../contract/function.ts";
import {
  type Action,
  type Coerce,
  FINAL_SLOT,
  type FieldPath,
  ORIGINAL_SLOT,
  type Program,
  type Step,
  type TargetField,
} from "../contract/program.ts";
import type { StageDefinition } from "../contract/stage.ts";
import { closest } from "./closest.ts";
import { compileExternal } from "./external.ts";
import { ignoredValues } from "./rendered-value.ts";
import { type ParseTemplate, TextCompiler } from "./texts.ts";

/** The parts of the language that other rooms hold. */
export type Language = {
  readonly functions: FunctionTables;
  readonly stages: readonly StageDefinition[];
  readonly parseTemplate: ParseTemplate;
  /** Counts what events reach; undefined where nobody asks. */
  readonly watch: Watch | undefined;
};

/** The coercion to the type of a field, by the field's dotted path. */
export type CoercionOf = (path: string) => Coerce;

/** @returns A program for whatever is sound in the source; what is not is left out and diagnosed. */
export function compileProgram(
  source: FormatSource,
  language: Language,
  coercionOf: CoercionOf,
): { program: Program; diagnostics: Diagnostic[] } {
  const slots = new Map([
    ["original", ORIGINAL_SLOT],
    ["final", FINAL_SLOT],
  ]);
  for (const { name } of source.pipeline) {
    if (!slots.has(name)) {
      slots.set(name, slots.size);
    }
  }
  const isIgnored = ignoredValues(source.ignoredValues);
  const texts = new TextCompiler(slots, language, isIgnored);
  const targets = new Set<string>();
  const target = (text: string): TargetField => {
    targets.add(text);
    return { ...fieldPath(text), coerce: coercionOf(text) };
  };
  const stages = new Map(
    source.stages.map((stage) => [stage.name, stage.actions.map((a) => compileAction(a, texts, target))]),
  );
  const externals = new Map(language.stages.map((stage) => [stage.name, stage]));
  const build = source.pipeline.map((item): ((isLayerRead: boolean) => Step) | undefined => {
    const head = {
      name: item.name,
      slot: slots.get(item.name) ?? 0,
      condition: texts.condition(item.filter),
    };
    if (item.external !== undefined) {
      const external = compileExternal(
        { name: item.name, span: item.span, external: item.external },
        externals,
        texts,
        language.watch,
      );
      return external === undefined
        ? undefined
        : () => ({ ...head, ...external, reads: texts.reads.of(head.slot, external.output) });
    }
    const actions = stages.get(item.name);
    if (actions === undefined) {
      texts.report(() => missingStage(item, [...stages.keys()]));
      return undefined;
    }
    return (isLayerRead) => ({ ...head, kind: "plain", isLayerRead, actions });
  });
  for (const problem of [...unusedStages(source), ...unreadResults(source, slots, texts)]) {
    texts.report(() => problem);
  }
  const program: Program = {
    name: source.name,
    slotCount: slots.size,
    // Only now is it known which layers anything reads.
    steps: build.flatMap((step, i) => {
      const slot = slots.get(source.pipeline[i]?.name ?? "");
      return step?.(slot !== undefined && texts.reads.isRead(slot)) ?? [];
    }),
    targets: texts.changesValues ? undefined : [...targets],
    isIgnored,
  };
  return { program, diagnostics: texts.diagnostics };
}

function compileAction(
  action: ActionSource,
  texts: TextCompiler,
  target: (path: string) => TargetField,
): Action {
  const condition = texts.condition(action.filter);
  switch (action.kind) {
    case "set":
      return {
        kind: "set",
        condition,
        fields: action.fields.map(({ key, value }) => ({ path: target(key), value: texts.value(value) })),
      };
    case "translate":
      return {
        kind: "translate",
        condition,
        mapping: action.mapping.flatMap(({ key, value }) => {
          if (value.kind !== "text") {
            return [];
          }
          const inFinal = key.split(".");
          return { inFinal, inScope: texts.scopePath(key), target: target(value.text.text) };
        }),
        dictionary: new Map(action.dictionary.map(({ key, value }) => [key, texts.value(value)])),
        fallback: action.fallback === undefined ? undefined : texts.value(action.fallback),
      };
    case "delete":
      return { kind: "delete", condition, paths: action.paths.map(({ text }) => fieldPath(text)) };
  }
}

function fieldPath(text: string): FieldPath {
  return { text, segments: text.split(".") };
}

function missingStage(item: PipelineItemSource, known: readonly string[]): Diagnostic {
  const near = closest(item.name, known);
  return {
    severity: "error",
    code: "missing-stage",
    message: `the pipeline names "${item.name}", but \`stages\` has no such stage`,
    span: item.span,
    hint: near === undefined ? "add the stage, or leave out the item" : `did you mean "${near}"?`,
  };
}

function unusedStages(source: FormatSource): Diagnostic[] {
  const used = new Set(
    source.pipeline.filter((item) => item.external === undefined).map((item) => item.name),
  );
  return source.stages
    .filter((stage) => !used.has(stage.name))
    .map((stage) => ({
      severity: "warning",
      code: "never-runs",
      message: `no pipeline item runs the stage "${stage.name}"`,
      span: stage.span,
      hint: "name it in `pipeline`, or leave it out",
    }));
}

/** Results that stand under one key while everything reads another: `output_field` was forgotten, or is another. */
function unreadResults(
  source: FormatSource,
  slots: ReadonlyMap<string, number>,
  texts: TextCompiler,
): Diagnostic[] {
  const outputs = new Map<string, Set<string>>();
  for (const { name, external } of source.pipeline) {
    if (external === undefined) {
      outputs.set(name, new Set());
    }
  }
  const externals = source.pipeline.flatMap((item) =>
    item.external === undefined || outputs.has(item.name) ? [] : [{ item, output: outputOf(item.external) }],
  );
  for (const { item, output } of externals) {
    outputs.set(item.name, (outputs.get(item.name) ?? new Set()).add(output));
  }
  return externals.flatMap(({ item, output }): Diagnostic[] => {
    const read = texts.reads.keysOf(slots.get(item.name) ?? 0);
    const others = read?.filter((key) => outputs.get(item.name)?.has(key) !== true) ?? [];
    const [other] = others;
    if (read === undefined || read.includes(output) || other === undefined) {
      return [];
    }
    return [
      {
        severity: "warning",
        code: "unread-result",
        message: `nothing reads ${item.name}.${output}, the result of "${item.name}"; what is read is ${item.name}.${other}`,
        span: item.span,
        hint: `add \`output_field: ${other}\` to its properties, or read ${item.name}.${output}`,
      },
    ];
  });
}

/** The key of a stage's layer that its result stands under. */
function outputOf({ properties }: NonNullable<PipelineItemSource["external"]>): string {
  const value = properties.find(({ key }) => key === "output_field")?.value;
  const text = value?.kind === "text" && value.text.text !== "" ? value.text.text : "message";
  return text.split(".")[0] ?? text;
}
