/** What of a format its tests reach, and what its stages cost. */
import type { Span } from "../kernel/diagnostic.ts";
import type { Watch, WatchedStage } from "./contract/coverage.ts";
import type { Condition } from "./contract/program.ts";
import { StageFailure, type StageRunner } from "./contract/stage.ts";
import { printValue } from "./values/print-value.ts";

/** A place of the parser file that tests may reach. */
export type Point = {
  readonly kind: "stage" | "filter" | "pattern";
  /** The pipeline item's name, with a pattern's key behind it; empty for a filter. */
  readonly name: string;
  readonly span: Span;
};

/** What one external stage took, over all events. */
export type StageCost = {
  readonly item: string;
  readonly stage: string;
  readonly runs: number;
  readonly totalMicros: number;
};

export type Coverage = {
  readonly points: number;
  /** In the order of the file. */
  readonly unreached: readonly Point[];
  /** The most expensive first. */
  readonly costs: readonly StageCost[];
};

/** Counts, for one format, what its events reach. */
export class CoverageWatch implements Watch {
  readonly #points: { readonly point: Point; isReached: boolean }[] = [];
  readonly #costs: { item: string; stage: string; runs: number; totalMicros: number }[] = [];
  readonly #nowMs: () => number;

  /** @param nowMs A clock that never goes back. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  condition(span: Span, holds: Condition): Condition {
    const counted = this.#add({ kind: "filter", name: "", span });
    return (context) => {
      const verdict = holds(context);
      counted.isReached ||= verdict;
      return verdict;
    };
  }

  stage({ item, stage, span, patterns }: WatchedStage, run: StageRunner): StageRunner {
    const counted = this.#add({ kind: "stage", name: item, span });
    const byKey = new Map(
      patterns.map(({ key, span: at }) => [
        key,
        this.#add({ kind: "pattern", name: `${item} ${key}`, span: at }),
      ]),
    );
    const cost = { item, stage, runs: 0, totalMicros: 0 };
    this.#costs.push(cost);
    return (input) => {
      const startedMs = this.#nowMs();
      const result = run(input);
      cost.runs++;
      cost.totalMicros += (this.#nowMs() - startedMs) * 1000;
      if (!(result instanceof StageFailure)) {
        counted.isReached = true;
        const chosen = byKey.get(printValue(input.rendered["pattern_key"]));
        if (chosen !== undefined) {
          chosen.isReached = true;
        }
      }
      return result;
    };
  }

  get coverage(): Coverage {
    return {
      points: this.#points.length,
      unreached: this.#points
        .filter(({ isReached }) => !isReached)
        .map(({ point }) => point)
        .sort((a, b) => a.span.line - b.span.line || a.span.column - b.span.column),
      costs: this.#costs.filter(({ runs }) => runs > 0).sort((a, b) => b.totalMicros - a.totalMicros),
    };
  }

  #add(point: Point): { isReached: boolean } {
    const counted = { point, isReached: false };
    this.#points.push(counted);
    return counted;
  }
}
