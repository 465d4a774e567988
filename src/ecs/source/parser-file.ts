/** parser.yml: the pipeline and its stages. */
import type { Diagnostic, Span } from "../../kernel/diagnostic.ts";
import type {
  ActionSource,
  FormatSource,
  PipelineItemSource,
  SourceEntry,
  SourceText,
  SourceValue,
  StageSource,
} from "../contract/format-source.ts";
import { readYaml } from "./nodes.ts";

/** Known keys of each level; others do nothing and are most often misspelt. */
const TOP_KEYS = ["name", "pipeline", "stages", "ignored_values"];
const ITEM_KEYS = ["name", "description", "filter", "external"];
const EXTERNAL_KEYS = ["name", "properties"];
const STAGE_KEYS = ["actions", "description"];
const ACTION_KEYS = ["set", "translate", "delete", "filter", "name", "dictionary", "mapping", "fallback"];

/** @returns The format; undefined only when the file is not a map. */
export function readParser(
  file: string,
  text: string,
): { source: FormatSource | undefined; diagnostics: Diagnostic[] } {
  const { root, diagnostics } = readYaml(file, text);
  const reader = new ParserReader(diagnostics);
  return { source: reader.format(root, file), diagnostics };
}

class ParserReader {
  readonly #diagnostics: Diagnostic[];

  constructor(diagnostics: Diagnostic[]) {
    this.#diagnostics = diagnostics;
  }

  format(root: SourceValue | undefined, file: string): FormatSource | undefined {
    if (root?.kind !== "map") {
      const span = root?.span ?? { file, line: 1, column: 1, length: 1 };
      const hint = "begin with `name:`, then `pipeline:` and `stages:`";
      this.#error("not-a-format", "a parser file is a map with `name`, `pipeline` and `stages`", span, hint);
      return undefined;
    }
    this.#checkKeys(root.entries, TOP_KEYS, "a parser file");
    const { name, pipeline, stages, ignored_values: ignored } = byKey(root.entries);
    for (const wanted of ["name", "pipeline"]) {
      if (byKey(root.entries)[wanted] === undefined) {
        const hint = `add \`${wanted}:\` at the first level`;
        this.#error("missing-key", `the parser file has no \`${wanted}\``, root.span, hint);
      }
    }
    return {
      name: textOf(name)?.text ?? "",
      pipeline: this.#list(pipeline, "`pipeline`").flatMap((item) => this.#item(item) ?? []),
      stages: this.#map(stages, "`stages`").map((entry) => this.#stage(entry)),
      ignoredValues: this.#list(ignored, "`ignored_values`").flatMap(scalarsOf),
    };
  }

  #item(item: SourceValue): PipelineItemSource | undefined {
    const entries = this.#map(item, "a pipeline item");
    this.#checkKeys(entries, ITEM_KEYS, "a pipeline item");
    const { name, filter, external } = byKey(entries);
    const text = textOf(name)?.text;
    if (text === undefined) {
      const hint = "name the stage that it runs, or any new name beside `external`";
      this.#error("missing-key", "the pipeline item has no `name`", item.span, hint);
      return undefined;
    }
    const read = { name: text, span: name?.span ?? item.span, filter: notEmpty(filter) };
    if (external === undefined || isNull(external)) {
      return { ...read, external: undefined };
    }
    const inside = this.#map(external, "`external`");
    this.#checkKeys(inside, EXTERNAL_KEYS, "`external`");
    const { name: stage, properties } = byKey(inside);
    const stageName = textOf(stage)?.text;
    if (stage === undefined || stageName === undefined) {
      const hint = "name a stage such as json.parse-json";
      this.#error("missing-key", "`external` has no `name`", external.span, hint);
      return undefined;
    }
    const external_ = {
      stage: stageName,
      stageSpan: stage.span,
      properties: this.#map(properties, "`properties`"),
    };
    return { ...read, external: external_ };
  }

  #stage({ key, keySpan, value }: SourceEntry): StageSource {
    const entries = this.#map(value, `the stage "${key}"`);
    this.#checkKeys(entries, STAGE_KEYS, "a stage");
    const { actions } = byKey(entries);
    return {
      name: key,
      span: keySpan,
      actions: this.#list(actions, "`actions`").flatMap((action) => this.#action(action) ?? []),
    };
  }

  #action(action: SourceValue): ActionSource | undefined {
    const entries = this.#map(action, "an action");
    this.#checkKeys(entries, ACTION_KEYS, "an action");
    const { set, delete: deleted, dictionary, mapping, fallback, filter } = byKey(entries);
    const read = { span: entries[0]?.keySpan ?? action.span, filter: notEmpty(filter) };
    // Some actions only say `name: translate`, so that its dictionary is what tells it.
    if (dictionary !== undefined || mapping !== undefined) {
      this.#onlyOne("a dictionary", entries, ["set", "delete"]);
      return {
        ...read,
        kind: "translate",
        dictionary: this.#map(dictionary, "`dictionary`"),
        mapping: this.#map(mapping, "`mapping`"),
        fallback,
      };
    }
    if (set !== undefined) {
      this.#onlyOne("`set`", entries, ["delete"]);
      return { ...read, kind: "set", fields: this.#map(set, "`set`") };
    }
    if (deleted !== undefined) {
      const paths = deleted.kind === "list" ? deleted.items : [deleted];
      return { ...read, kind: "delete", paths: paths.flatMap((path) => textOf(path) ?? []) };
    }
    this.#error(
      "empty-action",
      "the action does nothing",
      action.span,
      "an action has `set`, `translate` or `delete`",
    );
    return undefined;
  }

  /** An action does one thing; what else it names is left out. */
  #onlyOne(does: string, entries: readonly SourceEntry[], others: readonly string[]): void {
    for (const { key, keySpan } of entries) {
      if (!others.includes(key)) {
        continue;
      }
      this.#diagnostics.push({
        severity: "warning",
        code: "never-runs",
        message: `the action has ${does}, so its \`${key}\` never runs`,
        hint: "make an action of its own of it",
        span: keySpan,
      });
    }
  }

  #list(value: SourceValue | undefined, what: string): readonly SourceValue[] {
    if (value === undefined || isNull(value)) {
      return [];
    }
    if (value.kind === "list") {
      return value.items;
    }
    this.#error("wrong-type", `${what} must be a list`, value.span, "begin each item with a dash");
    return [];
  }

  #map(value: SourceValue | undefined, what: string): readonly SourceEntry[] {
    if (value === undefined || isNull(value)) {
      return [];
    }
    if (value.kind === "map") {
      return value.entries;
    }
    this.#error(
      "wrong-type",
      `${what} must be a map`,
      value.span,
      "write a key, a colon and a value on each line",
    );
    return [];
  }

  #checkKeys(entries: readonly SourceEntry[], known: readonly string[], where: string): void {
    for (const { key, keySpan } of entries) {
      if (known.includes(key)) {
        continue;
      }
      this.#diagnostics.push({
        severity: "warning",
        code: "unknown-key",
        message: `${where} has no \`${key}\`; it is ignored`,
        hint: `known: ${known.join(", ")}`,
        span: keySpan,
      });
    }
  }

  #error(code: string, message: string, span: Span, hint: string): void {
    this.#diagnostics.push({ severity: "error", code, message, hint, span });
  }
}

function byKey(entries: readonly SourceEntry[]): Partial<Record<string, SourceValue>> {
  const result: Partial<Record<string, SourceValue>> = Object.create(null);
  for (const { key, value } of entries) {
    result[key] = value;
  }
  return result;
}

function textOf(value: SourceValue | undefined): SourceText | undefined {
  return value?.kind === "text" ? value.text : undefined;
}

function isNull(value: SourceValue): boolean {
  return (
    (value.kind === "scalar" && value.value === null) || (value.kind === "text" && value.text.text === "")
  );
}

/** An empty filter counts as absent. */
function notEmpty(value: SourceValue | undefined): SourceValue | undefined {
  return value === undefined || isNull(value) ? undefined : value;
}

function scalarsOf(value: SourceValue) {
  if (value.kind === "text") {
    return [value.text.text];
  }
  return value.kind === "scalar" ? [value.value] : [];
}
