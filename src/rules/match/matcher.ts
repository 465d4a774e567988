/** One event against all detections: what is found in its fields says which rules are worth a look. */
import type { Logsource, MatchedField, RuleEvent, RuleInfo } from "../contract.ts";
import type { CompiledDetection } from "../syntax.ts";
import { EventFields } from "./event.ts";
import { ALL_FIELDS, Plan, type PlannedCondition, type PlannedLeaf } from "./plan.ts";
import { passes, passingValue } from "./test.ts";

/** Logsources whose rules are kept apart; past them all are rebuilt. */
const MAX_PARTITIONS = 1_024;
const MAX_SHOWN_FIELDS = 50;
const MAX_SHOWN_CHARS = 1_024;

export type Firing = {
  readonly rule: number;
  readonly selections: readonly string[];
  readonly fields: readonly MatchedField[];
};

/** The rules that a logsource concerns. */
type Partition = {
  readonly isIn: Uint8Array;
  readonly alwaysTried: readonly number[];
  readonly usesKeywords: boolean;
};

export class Matcher {
  readonly #infos: readonly RuleInfo[];
  readonly #plan: Plan;
  readonly #partitions = new Map<string, Partition>();
  /** The event's number; what bears it was found in this event. */
  #stamp = 0;
  readonly #seen: Float64Array;
  readonly #computed: Float64Array;
  readonly #results: Uint8Array;
  readonly #tried: Float64Array;
  readonly #selectionComputed: Float64Array;
  readonly #selectionResults: Uint8Array;
  #candidates: number[] = [];
  #isIn: Uint8Array;

  constructor(detections: readonly CompiledDetection[]) {
    this.#infos = detections.map(({ info }) => info);
    this.#plan = new Plan(detections);
    const signals = this.#plan.rulesOfSignal.length;
    this.#seen = new Float64Array(signals);
    this.#computed = new Float64Array(signals);
    this.#results = new Uint8Array(signals);
    this.#tried = new Float64Array(detections.length);
    this.#selectionComputed = new Float64Array(this.#plan.selections);
    this.#selectionResults = new Uint8Array(this.#plan.selections);
    this.#isIn = new Uint8Array(detections.length);
  }

  /** @returns What fires, in the order of the rules. */
  match(event: RuleEvent, logsource: Logsource | undefined): Firing[] {
    const partition = this.#partition(logsource);
    const plan = this.#plan;
    this.#stamp++;
    this.#isIn = partition.isIn;
    this.#candidates = [...partition.alwaysTried];
    const fields = new EventFields(event, plan.fields);
    for (const [index, { folded }] of fields.entries()) {
      const presence = plan.presence.get(index);
      if (presence !== undefined) {
        this.#report(presence);
      }
      const texts = plan.indexes.get(index);
      if (texts !== undefined) {
        for (const text of folded) {
          texts.scan(text, this.#stamp, this.#report);
        }
      }
    }
    if (partition.usesKeywords) {
      const keywords = plan.indexes.get(ALL_FIELDS);
      for (const text of keywords === undefined ? [] : fields.all().folded) {
        keywords?.scan(text, this.#stamp, this.#report);
      }
    }
    return this.#firing(fields);
  }

  /** A signal was seen: the rules that need it become candidates. */
  readonly #report = (signal: number): void => {
    const stamp = this.#stamp;
    if (this.#seen[signal] === stamp) {
      return;
    }
    this.#seen[signal] = stamp;
    const rules = this.#plan.rulesOfSignal[signal] ?? [];
    for (const rule of rules) {
      if (this.#tried[rule] !== stamp && this.#isIn[rule] === 1) {
        this.#tried[rule] = stamp;
        this.#candidates.push(rule);
      }
    }
  };

  #firing(fields: EventFields): Firing[] {
    const firing: Firing[] = [];
    for (const rule of this.#candidates) {
      const condition = this.#plan.conditions[rule];
      if (condition !== undefined && this.#holds(condition, fields)) {
        firing.push(this.#explained(rule, condition, fields));
      }
    }
    return firing.length > 1 ? firing.sort((a, b) => a.rule - b.rule) : firing;
  }

  #holds(condition: PlannedCondition, fields: EventFields): boolean {
    if ("leaf" in condition) {
      return this.#leafHolds(condition, fields);
    }
    switch (condition.kind) {
      case "and":
        for (const each of condition.of) {
          if (!this.#holds(each, fields)) {
            return false;
          }
        }
        return true;
      case "or":
        for (const each of condition.of) {
          if (this.#holds(each, fields)) {
            return true;
          }
        }
        return false;
      case "not":
        return !this.#holds(condition.of, fields);
      case "selection": {
        const { id } = condition;
        if (this.#selectionComputed[id] !== this.#stamp) {
          this.#selectionResults[id] = this.#holds(condition.of, fields) ? 1 : 0;
          this.#selectionComputed[id] = this.#stamp;
        }
        return this.#selectionResults[id] === 1;
      }
    }
  }

  #leafHolds({ leaf, id, field, otherField, isIndexed }: PlannedLeaf, fields: EventFields): boolean {
    if (isIndexed) {
      return this.#seen[id] === this.#stamp;
    }
    if (this.#computed[id] !== this.#stamp) {
      const values = field === ALL_FIELDS ? fields.all() : fields.get(field);
      this.#results[id] = passes(leaf.test, values, fields.get(otherField)) ? 1 : 0;
      this.#computed[id] = this.#stamp;
    }
    return this.#results[id] === 1;
  }

  /** Only for what fires, so that it need not be fast. */
  #explained(rule: number, condition: PlannedCondition, fields: EventFields): Firing {
    const selections = new Set<string>();
    const shown = new Map<string, MatchedField>();
    const visit = (each: PlannedCondition): void => {
      if (shown.size >= MAX_SHOWN_FIELDS || !this.#holds(each, fields)) {
        return;
      }
      if ("leaf" in each) {
        const { leaf, field: index, otherField } = each;
        const values = index === ALL_FIELDS ? fields.all() : fields.get(index);
        const value = passingValue(leaf.test, values, fields.get(otherField)).slice(0, MAX_SHOWN_CHARS);
        const field = leaf.field ?? "*";
        shown.set(`${field}\0${value}`, { field, value });
        return;
      }
      if (each.kind === "selection") {
        selections.add(each.name);
        visit(each.of);
      } else if (each.kind !== "not") {
        each.of.forEach(visit);
      }
    };
    visit(condition);
    return { rule, selections: [...selections], fields: [...shown.values()] };
  }

  #partition(logsource: Logsource | undefined): Partition {
    const { category = "", product = "", service = "" } = logsource ?? {};
    const key = `${category}\0${product}\0${service}`.toLowerCase();
    const known = this.#partitions.get(key);
    if (known !== undefined) {
      return known;
    }
    if (this.#partitions.size >= MAX_PARTITIONS) {
      this.#partitions.clear();
    }
    const isIn = Uint8Array.from(this.#infos, (info) => (concerns(info.logsource, logsource ?? {}) ? 1 : 0));
    const partition = {
      isIn,
      alwaysTried: this.#plan.alwaysTried.filter((rule) => isIn[rule] === 1),
      usesKeywords: this.#plan.usesKeywords.some((uses, rule) => uses && isIn[rule] === 1),
    };
    this.#partitions.set(key, partition);
    return partition;
  }
}

/** A rule is left out only where both say something, and not the same. */
function concerns(rule: Logsource, event: Logsource): boolean {
  return (["category", "product", "service"] as const).every((key) => {
    return rule[key] === undefined || !event[key] || rule[key] === event[key].toLowerCase();
  });
}
