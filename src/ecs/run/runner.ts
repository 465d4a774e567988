/** Program × event → draft: runs the pipeline. */
import type { FunctionTables } from "../contract/function.ts";
import {
  type Action,
  type Context,
  type Evaluate,
  FINAL_SLOT,
  ORIGINAL_SLOT,
  type Program,
  type RunResult,
  type Step,
  type TargetField,
  type Warning,
} from "../contract/program.ts";
import { StageFailure } from "../contract/stage.ts";
import { type Dict, Fault, type Key, type Value } from "../contract/value.ts";
import { deepCopy } from "../values/copy.ts";
import { isLimit, renewVisits } from "../values/limits.ts";
import { valueAt } from "../values/path.ts";
import { printValue } from "../values/print-value.ts";
import { withoutIgnored } from "./ignored.ts";
import { deletePath, setPath } from "./paths.ts";
import { RunTools } from "./tools.ts";
import { Tracer } from "./tracer.ts";

type SetAction = Action & { kind: "set" };
type TranslateAction = Action & { kind: "translate" };
type ExternalStep = Step & { kind: "external" };
type PlainStep = Step & { kind: "plain" };

const NONE_RENDERED: Record<string, Value> = {};
/** The layer of a stage that nothing reads. */
const EMPTY: Dict = new Map();

/** Runs one program over one event after the other; it keeps nothing of an event. */
export class Runner {
  readonly #program: Program;
  readonly #tools: RunTools;
  readonly #context: Context;
  #final: Dict = new Map<Key, Value>();
  #warnings: Warning[] = [];
  #tracer: Tracer | undefined;

  constructor(program: Program, functions: FunctionTables) {
    this.#program = program;
    this.#tools = new RunTools(functions);
    this.#context = { layers: new Array<Value>(program.slotCount), locals: [], tools: this.#tools };
  }

  /**
   * @param event Not changed, unless a template changes a list or dict of it.
   * @returns The draft holds values of its own; a stage that fails never stops the others.
   */
  run(event: Dict, nowMs: number, trace: boolean): RunResult {
    const context = this.#context;
    // The intake gives every event an id, so `final.event` is there from the start.
    const own: Dict = new Map<Key, Value>();
    const final: Dict = new Map<Key, Value>().set("event", own);
    const warnings: Warning[] = [];
    const tracer = trace ? new Tracer() : undefined;
    this.#final = final;
    this.#warnings = warnings;
    this.#tracer = tracer;
    context.layers.fill(undefined);
    context.layers[ORIGINAL_SLOT] = event;
    context.layers[FINAL_SLOT] = final;
    this.#tools.begin(nowMs);
    renewVisits();
    for (const step of this.#program.steps) {
      this.#step(step);
    }
    renewVisits();
    if (own.size === 0 && final.get("event") === own) {
      final.delete("event");
    }
    return { draft: final, warnings, trace: tracer?.entries ?? [] };
  }

  #step(step: Step): void {
    this.#tracer?.begin(step);
    if (step.condition !== undefined && !step.condition(this.#context)) {
      this.#tracer?.filtered();
      return;
    }
    if (step.kind === "external") {
      this.#external(step);
    } else {
      this.#plain(step);
    }
  }

  #external(step: ExternalStep): void {
    const context = this.#context;
    const value = step.input(context);
    const result = value instanceof Fault ? new StageFailure(value.reason) : this.#runStage(step, value);
    if (result instanceof StageFailure) {
      this.#tracer?.failed(result.reason);
      if (result.isIdle) {
        return;
      }
      // An older layer of the same name stays; without one the name is defined, and its result is None.
      context.layers[step.slot] ??= layerOf(step.output, deepCopy(result.standIn));
      if (step.reportsFailures && value !== undefined && !(value instanceof Fault)) {
        this.#warnings.push({ stage: step.name, reason: result.reason });
      }
      return;
    }
    context.layers[step.slot] = layerOf(step.output, result);
    this.#tracer?.output(result);
  }

  #runStage(step: ExternalStep, value: Value): Value | StageFailure {
    const rendered: Record<string, Value> = step.rendered.length === 0 ? NONE_RENDERED : {};
    for (const property of step.rendered) {
      const text = property.value(this.#context);
      if (!(text instanceof Fault)) {
        rendered[property.name] = text;
      }
    }
    const reads = this.#tracer === undefined ? step.reads : "all";
    return step.run({ value, rendered, nowMs: this.#tools.nowMs, reads });
  }

  #plain(step: PlainStep): void {
    const layer: Dict | undefined = step.isLayerRead ? new Map<Key, Value>() : undefined;
    // While it runs a stage sees what it has set so far under its own name.
    this.#context.layers[step.slot] = layer ?? EMPTY;
    for (const action of step.actions) {
      if (action.condition !== undefined && !action.condition(this.#context)) {
        continue;
      }
      switch (action.kind) {
        case "set":
          this.#set(action, layer);
          break;
        case "translate":
          this.#translate(action, layer);
          break;
        case "delete":
          for (const path of action.paths) {
            deletePath(this.#final, path.segments);
            this.#tracer?.deleted(path.text);
          }
      }
    }
  }

  #set(action: SetAction, layer: Dict | undefined): void {
    for (const { path, value } of action.fields) {
      this.#write(path, value, layer);
    }
  }

  /** Looks a value up in the dictionary; without an entry for it the fallback counts. */
  #translate(action: TranslateAction, layer: Dict | undefined): void {
    const { layers } = this.#context;
    for (const { inFinal, inScope, target } of action.mapping) {
      const scope = inScope.slot === undefined ? undefined : layers[inScope.slot];
      const source = valueAt(this.#final, inFinal) ?? valueAt(scope, inScope.keys);
      const key = source === undefined ? undefined : dictionaryKey(source);
      const value = (key === undefined ? undefined : action.dictionary.get(key)) ?? action.fallback;
      if (value !== undefined) {
        this.#write(target, value, layer);
      }
    }
  }

  #write(target: TargetField, evaluate: Evaluate, layer: Dict | undefined): void {
    try {
      const computed = evaluate(this.#context);
      if (computed instanceof Fault) {
        this.#tracer?.notComputed(target.text, computed.reason);
      } else if (computed !== undefined) {
        this.#writeValue(target, computed, layer);
      }
    } catch (error) {
      if (!isLimit(error)) {
        throw error;
      }
      this.#tracer?.notComputed(target.text, error.message);
    }
  }

  /**
   * The value is copied, so that a later write below it leaves its source alone.
   * @throws LimitExceeded for a value that is too large, or holds itself.
   */
  #writeValue(target: TargetField, computed: Value, layer: Dict | undefined): void {
    const copy = deepCopy(computed);
    const { isIgnored } = this.#program;
    const kept = isIgnored === undefined ? copy : withoutIgnored(copy, isIgnored);
    if (kept === undefined || kept === null || kept === "") {
      return;
    }
    const value = target.coerce(kept);
    if (value === undefined) {
      return;
    }
    setPath(this.#final, target.segments, value);
    if (layer !== undefined) {
      setPath(layer, target.segments, deepCopy(value));
    }
    this.#tracer?.set(target.text, value);
  }
}

/** An external stage's layer. */
function layerOf(output: readonly string[], result: Value): Dict {
  const layer: Dict = new Map<Key, Value>();
  setPath(layer, output, result);
  return layer;
}

/** The key of a dictionary that a value looks up; a value too large to print has none. */
function dictionaryKey(value: Value): string | undefined {
  try {
    return printValue(value);
  } catch (error) {
    if (isLimit(error)) {
      return undefined;
    }
    throw error;
  }
}
