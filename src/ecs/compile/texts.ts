/** Values of a format file → closures, each template with its diagnostics. */
import type { Diagnostic } from "../../kernel/diagnostic.ts";
import type { Watch } from "../contract/coverage.ts";
import type { SourceText, SourceValue } from "../contract/format-source.ts";
import type { FunctionTables } from "../contract/function.ts";
import type { Condition, Evaluate, ScopePath } from "../contract/program.ts";
import type { ParsedTemplate } from "../contract/template-tree.ts";
import type { Dict, Key, Value } from "../contract/value.ts";
import { Fault } from "../contract/value.ts";
import { isLimit } from "../values/limits.ts";
import { valueAt } from "../values/path.ts";
import { LayerReads } from "./layer-reads.ts";
import { valueOfRendered, verdictOf } from "./rendered-value.ts";
import { Names } from "./scopes.ts";
import { Functions } from "./tables.ts";
import { compileTemplate, guarded } from "./template.ts";

export type ParseTemplate = (source: string) => ParsedTemplate;
type IsIgnored = (value: Value) => boolean;

type TextLanguage = {
  readonly functions: FunctionTables;
  readonly parseTemplate: ParseTemplate;
  readonly watch: Watch | undefined;
};

/** A person reads no more of them, and each costs a search of its text for its place. */
const MAX_DIAGNOSTICS = 1000;

export class TextCompiler {
  readonly diagnostics: Diagnostic[] = [];
  readonly reads: LayerReads;
  readonly #layers: ReadonlyMap<string, number>;
  readonly #functions: Functions;
  readonly #parseTemplate: ParseTemplate;
  readonly #watch: Watch | undefined;
  readonly #isIgnored: IsIgnored | undefined;

  /** @param isIgnored Values that are left out of lists whose items are templates. */
  constructor(
    layers: ReadonlyMap<string, number>,
    { functions, parseTemplate, watch }: TextLanguage,
    isIgnored: IsIgnored | undefined,
  ) {
    this.#layers = layers;
    this.reads = new LayerReads(layers);
    this.#functions = new Functions(functions);
    this.#parseTemplate = parseTemplate;
    this.#watch = watch;
    this.#isIgnored = isIgnored;
  }

  /** Whether some template calls a method that changes what it is called on, which may be part of `final`. */
  get changesValues(): boolean {
    return this.#functions.changesValues;
  }

  /** @param problem Not asked for once there are enough. */
  report(problem: () => Diagnostic): void {
    if (this.diagnostics.length < MAX_DIAGNOSTICS) {
      this.diagnostics.push(problem());
    }
  }

  /** What the text renders to; it may throw LimitExceeded. A text that is not a template cannot be computed; the rest of the format is not affected. */
  rendered(source: SourceText): Evaluate {
    const { text } = source;
    if (!text.includes("{")) {
      return constant(text.endsWith("\n") ? text.slice(0, -1) : text);
    }
    const parsed = this.#parseTemplate(text);
    if (parsed.kind === "problem") {
      const { message, hint, at } = parsed.problem;
      this.report(() => ({
        severity: "error",
        code: "template-syntax",
        message: `${message}; this template cannot be computed`,
        span: source.at(at.offset, at.length),
        hint,
      }));
      return constant(new Fault(message));
    }
    this.reads.addTemplate(parsed.body);
    return compileTemplate(parsed.body, {
      names: new Names(this.#layers),
      functions: this.#functions,
      report: (problem) => {
        this.report(() => {
          const { at, ...rest } = problem();
          return { ...rest, span: source.at(at.offset, at.length) };
        });
      },
    });
  }

  /** The value of a field: undefined leaves it unset. */
  value(source: SourceValue): Evaluate {
    switch (source.kind) {
      case "text": {
        const rendered = this.rendered(source.text);
        if (isPlain(source.text.text)) {
          return rendered;
        }
        return (context) => valueOfRendered(rendered(context));
      }
      case "scalar":
        return constant(source.value ?? undefined);
      case "list":
        return listOf(
          source.items.map((item) => guarded(this.value(item))),
          this.#isIgnored,
        );
      case "map":
        return dictOf(source.entries.map(({ key, value }) => [key, guarded(this.value(value))]));
    }
  }

  /** A filter; undefined when there is none. */
  condition(source: SourceValue | undefined): Condition | undefined {
    if (source === undefined) {
      return undefined;
    }
    const holds = this.#condition(source);
    return this.#watch === undefined ? holds : this.#watch.condition(source.span, holds);
  }

  #condition(source: SourceValue): Condition {
    if (source.kind === "text") {
      const { text } = source.text;
      const rendered = this.rendered(source.text);
      const always = text.includes("{") ? constantOf(this.#parseTemplate(text)) : text;
      if (always !== undefined && !verdictOf(always)) {
        this.#neverRuns(source);
      }
      return verdict(rendered);
    }
    const value = this.value(source);
    if (source.kind === "scalar" && source.value === false) {
      this.#neverRuns(source);
    }
    return verdict(value);
  }

  #neverRuns(source: SourceValue): void {
    this.report(() => ({
      severity: "warning",
      code: "never-runs",
      message: "this filter is never true, so what it guards never runs",
      hint: "write a condition that some event meets, as a template: {{ … }}",
      span: source.span,
    }));
  }

  /** `input_field`: a template, or a dotted path that begins with a stage's name. */
  input(source: SourceText): Evaluate {
    if (/\{[{%]/.test(source.text)) {
      // Text stays text here: the stage reads it by rules of its own.
      return guarded(this.rendered(source));
    }
    const { slot, keys } = this.scopePath(source.text);
    return (context) => valueAt(slot === undefined ? undefined : context.layers[slot], keys);
  }

  scopePath(path: string): ScopePath {
    const [name = "", ...keys] = path.trim().split(".");
    const slot = this.#layers.get(name);
    if (slot !== undefined) {
      this.reads.add(slot, keys, true);
    }
    return { slot, keys };
  }
}

/** Neither a template nor a list, a dict or None in Python's notation: the text stands for itself. */
function isPlain(text: string): boolean {
  return text.trim() !== "" && !/^\s*[[N]|\{/.test(text);
}

/** What goes over a limit says no. */
function verdict(evaluate: Evaluate): Condition {
  return (context) => {
    try {
      return verdictOf(evaluate(context));
    } catch (error) {
      if (isLimit(error)) {
        return false;
      }
      throw error;
    }
  };
}

/** The one value that a template gives whatever the event; undefined when that depends. */
function constantOf(parsed: ParsedTemplate): Value {
  const [only] = parsed.kind === "template" && parsed.body.length === 1 ? parsed.body : [];
  if (only?.kind === "text") {
    return only.text;
  }
  return only?.kind === "output" && only.value.kind === "constant" ? only.value.value : undefined;
}

function constant(value: Value | Fault): Evaluate {
  return () => value;
}

/** Items that are unset, ignored or cannot be computed are left out; a list of none is unset. */
function listOf(items: readonly Evaluate[], isIgnored: IsIgnored | undefined): Evaluate {
  return (context) => {
    const list: Value[] = [];
    for (const item of items) {
      const value = item(context);
      if (value === undefined || value instanceof Fault || isIgnored?.(value) === true) {
        continue;
      }
      list.push(value);
    }
    return list.length === 0 ? undefined : list;
  };
}

function dictOf(entries: readonly [string, Evaluate][]): Evaluate {
  return (context) => {
    const dict: Dict = new Map<Key, Value>();
    for (const [key, evaluate] of entries) {
      const value = evaluate(context);
      if (value !== undefined && !(value instanceof Fault)) {
        dict.set(key, value);
      }
    }
    return dict;
  };
}
