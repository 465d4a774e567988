/** Fired detections in, fired correlations out. The state is bounded by groups a rule and events a group. */
import type { CorrelationFinding, CorrelatorStatistics, MatchedField } from "../contract.ts";
import type { CompiledCorrelation } from "../syntax.ts";
import { type Entry, Group, type Outcome } from "./group.ts";

const DEFAULT_MAX_GROUPS = 10_000;
/** Events that one correlation remembers at most, over all groups. */
const MAX_EVENTS = 200_000;
const MAX_REFERENCES = 20;

export type CorrelationFiring = { readonly correlation: number; readonly finding: CorrelationFinding };

/** A field's value as a text that tells values apart; undefined if the event does not have it. */
export type ReadField = (field: string) => string | undefined;

export type FiredEvent = {
  /** Indexes of the detections that fired. */
  readonly fired: readonly number[];
  readonly timeMs: number;
  readonly reference: string | undefined;
  readonly read: ReadField;
};

export class Correlations {
  readonly #states: readonly CorrelationState[];
  readonly #detections: number;

  /** @param detections How many there are; the correlations are numbered after them. */
  constructor(
    correlations: readonly CompiledCorrelation[],
    detections: number,
    { maxGroups = DEFAULT_MAX_GROUPS }: { maxGroups?: number },
  ) {
    this.#states = correlations.map((correlation) => new CorrelationState(correlation, maxGroups));
    this.#detections = detections;
  }

  take(event: FiredEvent): CorrelationFiring[] {
    /** Rules that fired, with the groups of those that are correlations. */
    const fired = new Map<number, readonly MatchedField[]>(event.fired.map((rule) => [rule, []]));
    const firings: CorrelationFiring[] = [];
    for (const [correlation, state] of this.#states.entries()) {
      for (const finding of state.take(event, fired)) {
        firings.push({ correlation, finding });
        fired.set(this.#detections + correlation, finding.group);
      }
    }
    return firings;
  }

  statistics(): CorrelatorStatistics {
    const sum = (read: (state: CorrelationState) => number): number => {
      return this.#states.reduce((total, state) => total + read(state), 0);
    };
    return {
      groups: sum(({ groups }) => groups),
      droppedGroups: sum(({ droppedGroups }) => droppedGroups),
      droppedEvents: sum(({ droppedEvents }) => droppedEvents),
      lateEvents: sum(({ lateEvents }) => lateEvents),
    };
  }
}

class CorrelationState {
  droppedGroups = 0;
  droppedEvents = 0;
  lateEvents = 0;
  readonly #correlation: CompiledCorrelation;
  readonly #maxGroups: number;
  /** The one unused for longest first. */
  readonly #groups = new Map<string, Group>();
  #events = 0;
  #newestMs = Number.NEGATIVE_INFINITY;

  constructor(correlation: CompiledCorrelation, maxGroups: number) {
    this.#correlation = correlation;
    this.#maxGroups = Math.max(1, maxGroups);
  }

  get groups(): number {
    return this.#groups.size;
  }

  take(event: FiredEvent, fired: ReadonlyMap<number, readonly MatchedField[]>): CorrelationFinding[] {
    const groups = new Map<string, { fields: readonly MatchedField[]; positions: number[] }>();
    for (const [position, rule] of this.#correlation.rules.entries()) {
      const ofRule = fired.get(rule);
      const fields = ofRule === undefined ? undefined : this.#groupOf(position, event.read, ofRule);
      if (fields !== undefined) {
        const key = JSON.stringify(fields.map(({ value }) => value));
        const group = groups.get(key) ?? { fields, positions: [] };
        group.positions.push(position);
        groups.set(key, group);
      }
    }
    const value = groups.size === 0 ? undefined : this.#valueOf(event.read);
    if (value === undefined) {
      return [];
    }
    return [...groups].flatMap(([key, { fields, positions }]) => {
      const entry = { timeMs: event.timeMs, positions, value, reference: event.reference };
      const outcome = this.#remember(key, entry);
      return outcome === undefined ? [] : [findingOf(fields, outcome)];
    });
  }

  /** An event without one of the fields is in no group. */
  #groupOf(position: number, read: ReadField, ofRule: readonly MatchedField[]): MatchedField[] | undefined {
    const fields: MatchedField[] = [];
    for (const { name, fields: names } of this.#correlation.groupBy) {
      const field = names[position] ?? name;
      const value = ofRule.find((each) => each.field === field)?.value ?? read(field);
      if (value === undefined) {
        return undefined;
      }
      fields.push({ field: name, value });
    }
    return fields;
  }

  /** What is counted, summed or averaged; undefined leaves the event out. */
  #valueOf(read: ReadField): string | undefined {
    const { type, valueFields } = this.#correlation;
    if (!type.startsWith("value_")) {
      return "";
    }
    const values = valueFields.map(read);
    if (values.includes(undefined)) {
      return undefined;
    }
    if (type === "value_count") {
      return values.length === 1 ? values[0] : JSON.stringify(values);
    }
    const [number = ""] = values;
    return number.trim() !== "" && Number.isFinite(Number(number)) ? number : undefined;
  }

  #remember(key: string, entry: Entry): Outcome | undefined {
    const group = this.#groups.get(key) ?? new Group();
    this.#groups.delete(key);
    this.#groups.set(key, group);
    this.#newestMs = Math.max(this.#newestMs, entry.timeMs);
    const before = group.size;
    const dropped = group.add(entry, this.#correlation.timespanMs);
    this.#events += group.size - before;
    if (dropped === undefined) {
      this.lateEvents++;
      return undefined;
    }
    this.droppedEvents += dropped;
    const outcome = group.outcome(this.#correlation, entry);
    this.#makeRoom(group);
    return outcome;
  }

  #makeRoom(latest: Group): void {
    for (const [key, group] of this.#groups) {
      const isExpired = group.newestMs < this.#newestMs - this.#correlation.timespanMs;
      if (group === latest || (this.#groups.size <= this.#maxGroups && this.#events <= MAX_EVENTS)) {
        return;
      }
      this.#groups.delete(key);
      this.#events -= group.size;
      // What its window has left behind is not a loss.
      this.droppedGroups += isExpired ? 0 : 1;
    }
  }
}

function findingOf(group: readonly MatchedField[], { value, entries }: Outcome): CorrelationFinding {
  const references = entries
    .slice(-MAX_REFERENCES)
    .flatMap(({ reference }) => (reference === undefined ? [] : [reference]));
  return {
    group,
    value,
    events: entries.length,
    firstMs: entries[0]?.timeMs ?? 0,
    lastMs: entries.at(-1)?.timeMs ?? 0,
    references,
  };
}
