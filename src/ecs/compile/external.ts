/** An external stage and its properties → a step. */
import type { Diagnostic, Span } from "../../kernel/diagnostic.ts";
import type { Watch } from "../contract/coverage.ts";
import type { PipelineItemSource, SourceEntry, SourceText, SourceValue } from "../contract/format-source.ts";
import type { Step } from "../contract/program.ts";
import type { StageDefinition, StageProperty } from "../contract/stage.ts";
import { closest } from "./closest.ts";
import { guarded } from "./template.ts";
import type { TextCompiler } from "./texts.ts";

type External = NonNullable<PipelineItemSource["external"]>;
type Item = Pick<PipelineItemSource, "name" | "span"> & { readonly external: External };
type ExternalStep = Omit<Step & { kind: "external" }, "name" | "slot" | "condition" | "reads">;

/** Understood for every stage, whatever it is. */
const COMMON = ["input_field", "output_field", "raise_errors"];

/** @returns undefined for a stage that does not exist. */
export function compileExternal(
  { name: item, span, external }: Item,
  stages: ReadonlyMap<string, StageDefinition>,
  texts: TextCompiler,
  watch: Watch | undefined,
): ExternalStep | undefined {
  const definition = stages.get(external.stage);
  if (definition === undefined) {
    texts.report(() => unknownStage(external, [...stages.keys()]));
    return undefined;
  }
  const declared = new Map(definition.properties.map((property) => [property.name, property]));
  const rendered: ExternalStep["rendered"][number][] = [];
  const plain: Record<string, unknown> = {};
  for (const entry of external.properties) {
    const property = declared.get(entry.key);
    if (property === undefined && !COMMON.includes(entry.key)) {
      texts.report(() => unknownProperty(entry, definition));
    } else if (property?.kind === "template") {
      rendered.push({ name: property.name, value: renderedProperty(entry.value, property, texts) });
    } else {
      define(plain, entry.key, plainOf(entry.value));
    }
  }
  const output = textProperty(external, "output_field")?.text ?? "message";
  const run = definition.prepare(plain);
  const patterns = patternsOf(external);
  return {
    kind: "external",
    stage: definition.name,
    input: texts.input(textProperty(external, "input_field") ?? DEFAULT_INPUT),
    rendered,
    run: watch === undefined ? run : watch.stage({ item, stage: definition.name, span, patterns }, run),
    output: output.split("."),
    reportsFailures: plain["raise_errors"] !== false,
  };
}

/** The patterns of which an event's key chooses one. */
function patternsOf({ properties }: External): { key: string; span: Span }[] {
  const value = properties.find(({ key }) => key === "patterns")?.value;
  return value?.kind === "map" ? value.entries.map(({ key, keySpan }) => ({ key, span: keySpan })) : [];
}

const DEFAULT_INPUT: SourceText = {
  text: "original.message",
  at: () => ({ file: "", line: 1, column: 1, length: 1 }),
};

function renderedProperty(value: SourceValue, property: StageProperty, texts: TextCompiler) {
  if (value.kind === "text") {
    return guarded(texts.rendered(value.text));
  }
  if (value.kind === "scalar") {
    return () => value.value;
  }
  const message = `\`${property.name}\` must be a text`;
  const hint = "write it as one text, templates included";
  texts.report(() => ({ severity: "error", code: "wrong-type", message, span: value.span, hint }));
  return () => undefined;
}

function textProperty(external: External, name: string): SourceText | undefined {
  const value = external.properties.find(({ key }) => key === name)?.value;
  return value?.kind === "text" && value.text.text !== "" ? value.text : undefined;
}

function unknownStage({ stage, stageSpan }: External, known: readonly string[]): Diagnostic {
  const near = closest(stage, known);
  return {
    severity: "error",
    code: "unknown-stage",
    message: `there is no external stage "${stage}"; the item is left out`,
    span: stageSpan,
    hint: near === undefined ? `known: ${known.join(", ")}` : `did you mean "${near}"?`,
  };
}

function unknownProperty({ key, keySpan }: SourceEntry, definition: StageDefinition): Diagnostic {
  const known = [...definition.properties.map(({ name }) => name), ...COMMON];
  const near = closest(key, known);
  return {
    severity: "warning",
    code: "unknown-property",
    message: `${definition.name} has no property \`${key}\`; it is ignored`,
    span: keySpan,
    hint: near === undefined ? `known: ${known.join(", ")}` : `did you mean \`${near}\`?`,
  };
}

/** Plain JavaScript, as `StageDefinition.prepare` takes it. */
function plainOf(value: SourceValue): unknown {
  switch (value.kind) {
    case "text":
      return value.text.text;
    case "scalar":
      return value.value;
    case "list":
      return value.items.map(plainOf);
    case "map": {
      const record: Record<string, unknown> = {};
      for (const entry of value.entries) {
        define(record, entry.key, plainOf(entry.value));
      }
      return record;
    }
  }
}

/** Sets an own property whatever its name, `__proto__` included. */
function define(record: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true });
}
