/** What the compile room makes of a format, and the run room takes for each event. */
import type { FunctionTools } from "./function.ts";
import type { Reads, StageRunner } from "./stage.ts";
import type { Dict, Result, Value } from "./value.ts";

/** The state of one event's run; closures read it and nothing else. */
export type Context = {
  /** By slot: `original`, `final`, then one for each stage name; undefined until the stage ran. */
  readonly layers: Value[];
  /** The names that the running template has set; a fault stands for one that is not set. */
  locals: Result[];
  readonly tools: FunctionTools;
};

export const ORIGINAL_SLOT = 0;
export const FINAL_SLOT = 1;

export type Evaluate = (context: Context) => Result;

/** Decides whether a stage or an action runs; an expression that cannot be computed says no. */
export type Condition = (context: Context) => boolean;

/** Fits a value to the type of its field; undefined leaves the field unset. */
export type Coerce = (value: Value) => Value;

export type FieldPath = {
  /** Dotted. */
  readonly text: string;
  readonly segments: readonly string[];
};

export type TargetField = FieldPath & { readonly coerce: Coerce };

/** A place to read: a slot, then keys. An undefined slot is not a stage's name. */
export type ScopePath = { readonly slot: number | undefined; readonly keys: readonly string[] };

export type Action =
  | {
      readonly kind: "set";
      readonly condition: Condition | undefined;
      readonly fields: readonly { readonly path: TargetField; readonly value: Evaluate }[];
    }
  | {
      readonly kind: "translate";
      readonly condition: Condition | undefined;
      readonly mapping: readonly {
        /** Looked up in `final` first. */
        readonly inFinal: readonly string[];
        readonly inScope: ScopePath;
        readonly target: TargetField;
      }[];
      readonly dictionary: ReadonlyMap<string, Evaluate>;
      readonly fallback: Evaluate | undefined;
    }
  | {
      readonly kind: "delete";
      readonly condition: Condition | undefined;
      readonly paths: readonly FieldPath[];
    };

export type Step = {
  readonly name: string;
  readonly slot: number;
  readonly condition: Condition | undefined;
} & (
  | {
      readonly kind: "external";
      readonly stage: string;
      readonly input: Evaluate;
      readonly rendered: readonly { readonly name: string; readonly value: Evaluate }[];
      readonly run: StageRunner;
      readonly output: readonly string[];
      /** What of the result the format reads. */
      readonly reads: Reads;
      /** A failure is worth a warning. */
      readonly reportsFailures: boolean;
    }
  | {
      readonly kind: "plain";
      /** Whether anything reads what this stage alone has set. */
      readonly isLayerRead: boolean;
      readonly actions: readonly Action[];
    }
);

export type Program = {
  readonly name: string;
  readonly slotCount: number;
  readonly steps: readonly Step[];
  /** All dotted paths of `final` that it may set; undefined when its templates may change more. */
  readonly targets: readonly string[] | undefined;
  /** A value that the format wants left out. */
  readonly isIgnored: ((value: Value) => boolean) | undefined;
};

export type Warning = {
  readonly stage: string;
  /** Set when one field of a stage could not be computed. */
  readonly field?: string;
  readonly reason: string;
};

/** What one pipeline item did to one event. */
export type TraceEntry = {
  readonly stage: string;
  readonly outcome: "ran" | "filtered" | "failed";
  readonly reason?: string;
  /** An external stage's result. */
  readonly output?: Value;
  readonly set: readonly { readonly path: string; readonly value: Value }[];
  /** Fields whose expression could not be computed. */
  readonly notComputed: readonly { readonly path: string; readonly reason: string }[];
  readonly deleted: readonly string[];
};

export type RunResult = {
  readonly draft: Dict;
  readonly warnings: readonly Warning[];
  readonly trace: readonly TraceEntry[];
};
