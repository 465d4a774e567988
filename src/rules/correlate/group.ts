/** What a correlation remembers of one group: the events of its window, in the order of their times. */
import type { CompiledCorrelation, NumberRelation } from "../syntax.ts";

/** Events that one group remembers at most. */
const MAX_EVENTS = 20_000;

export type Entry = {
  readonly timeMs: number;
  /** Positions of the correlation's rules that the event fired. */
  readonly positions: readonly number[];
  readonly value: string;
  readonly reference: string | undefined;
};

export type Outcome = { readonly value: number; readonly entries: readonly Entry[] };

export class Group {
  readonly #entries: Entry[] = [];

  get newestMs(): number {
    return this.#entries.at(-1)?.timeMs ?? Number.NEGATIVE_INFINITY;
  }

  get size(): number {
    return this.#entries.length;
  }

  /**
   * @returns How many older events went to make room; undefined when the event is older than the window.
   */
  add(entry: Entry, timespanMs: number): number | undefined {
    if (entry.timeMs < this.newestMs - timespanMs) {
      return undefined;
    }
    let at = this.#entries.length;
    while (at > 0 && (this.#entries[at - 1]?.timeMs ?? 0) > entry.timeMs) {
      at--;
    }
    this.#entries.splice(at, 0, entry);
    const from = this.newestMs - timespanMs;
    const expired = this.#entries.findIndex(({ timeMs }) => timeMs >= from);
    this.#entries.splice(0, expired);
    const excess = Math.max(0, this.#entries.length - MAX_EVENTS);
    this.#entries.splice(0, excess);
    return excess;
  }

  /** @returns What the window comes to if the correlation fires with the entry that came last. */
  outcome({ type, rules, bounds }: CompiledCorrelation, latest: Entry): Outcome | undefined {
    const entries = this.#entries;
    if (type === "temporal_ordered" && bounds.length === 0) {
      return this.#isInOrder(rules.length, latest) ? { value: rules.length, entries } : undefined;
    }
    const value =
      type === "temporal" || type === "temporal_ordered" ? this.#distinctRules() : this.#aggregate(type);
    const isMet = bounds.length === 0 ? value === rules.length : bounds.every((bound) => meets(value, bound));
    return isMet ? { value, entries } : undefined;
  }

  #distinctRules(): number {
    return new Set(this.#entries.flatMap(({ positions }) => positions)).size;
  }

  #aggregate(type: CompiledCorrelation["type"]): number {
    const entries = this.#entries;
    if (type === "event_count") {
      return entries.length;
    }
    if (type === "value_count") {
      return new Set(entries.map(({ value }) => value)).size;
    }
    const sum = entries.reduce((total, { value }) => total + Number(value), 0);
    return type === "value_avg" ? sum / entries.length : sum;
  }

  /** One event is one step, also if it fires several of the rules. The newest event must be the last step. */
  #isInOrder(steps: number, latest: Entry): boolean {
    const isNewest = this.#entries.at(-1) === latest;
    if (isNewest && !latest.positions.includes(steps - 1)) {
      return false;
    }
    let step = 0;
    for (const entry of this.#entries) {
      const isLast = step === steps - 1;
      if (entry.positions.includes(step) && (!isLast || !isNewest || entry === latest)) {
        step++;
      }
    }
    return step === steps;
  }
}

function meets(value: number, bound: { relation: NumberRelation | "neq"; value: number }): boolean {
  switch (bound.relation) {
    case "gt":
      return value > bound.value;
    case "gte":
      return value >= bound.value;
    case "lt":
      return value < bound.value;
    case "lte":
      return value <= bound.value;
    case "eq":
      return value === bound.value;
    case "neq":
      return value !== bound.value;
  }
}
