/**
 * Which rules an event can make fire at all. A rule has a set of signals of which at least one must be seen: a text found in
 * a field, or the field itself. Rules without such a set are tried for every event.
 */
import type { CompiledDetection, Condition, Leaf, Test, TextRelation } from "../syntax.ts";
import { fold } from "../values/fold.ts";
import { TextIndex } from "./automaton.ts";
import { FieldNames } from "./event.ts";

/** How often something is seen in events, guessed; only the order matters. */
const PRESENCE_COST = 1;
const EXACT_COST = 0.02;
const USE_COST = 0.004;

/** The pseudo-field of keywords: every text of the event. */
export const ALL_FIELDS = -1;

export type PlannedLeaf = {
  readonly leaf: Leaf;
  readonly id: number;
  /** `ALL_FIELDS` for keywords. */
  readonly field: number;
  readonly otherField: number;
  /** Its signal says all: a text that was found in the field. */
  readonly isIndexed: boolean;
};

export type PlannedCondition =
  | PlannedLeaf
  | { readonly kind: "and" | "or"; readonly of: readonly PlannedCondition[] }
  | { readonly kind: "not"; readonly of: PlannedCondition }
  | { readonly kind: "selection"; readonly id: number; readonly name: string; readonly of: PlannedCondition };

type Signals = { readonly ids: readonly number[]; readonly cost: number };

export class Plan {
  readonly fields = new FieldNames();
  readonly conditions: readonly PlannedCondition[];
  readonly indexes = new Map<number, TextIndex>();
  /** For each signal the rules that it makes candidates. */
  readonly rulesOfSignal: number[][] = [];
  /** For each field the signal that says that it is there. */
  readonly presence = new Map<number, number>();
  readonly alwaysTried: readonly number[];
  readonly usesKeywords: readonly boolean[];
  selections = 0;
  readonly #leaves = new Map<string, PlannedLeaf>();
  readonly #hints = new Map<string, number>();
  /** In how many places each signal is looked for: what many rules look for is likely common. */
  readonly #uses: number[] = [];
  readonly #lengths: number[] = [];

  constructor(detections: readonly CompiledDetection[]) {
    this.conditions = detections.map(({ condition }) => this.#condition(condition, new Map()));
    this.usesKeywords = this.conditions.map((condition) => hasKeywords(condition, new Set()));
    const always: number[] = [];
    this.conditions.forEach((condition, rule) => {
      const signals = this.#necessary(condition, new Map());
      if (signals === undefined) {
        always.push(rule);
      }
      for (const id of new Set(signals?.ids)) {
        this.rulesOfSignal[id]?.push(rule);
      }
    });
    this.alwaysTried = always;
  }

  #signal(length: number): number {
    this.#lengths.push(length);
    this.#uses.push(0);
    return this.rulesOfSignal.push([]) - 1;
  }

  #condition(condition: Condition, known: Map<Condition, PlannedCondition>): PlannedCondition {
    const done = known.get(condition);
    if (done !== undefined) {
      return done;
    }
    let planned: PlannedCondition;
    switch (condition.kind) {
      case "leaf":
        planned = this.#leaf(condition);
        break;
      case "not":
        planned = { kind: "not", of: this.#condition(condition.of, known) };
        break;
      case "selection":
        planned = {
          kind: "selection",
          id: this.selections++,
          name: condition.name,
          of: this.#condition(condition.of, known),
        };
        break;
      default:
        planned = { kind: condition.kind, of: condition.of.map((each) => this.#condition(each, known)) };
    }
    known.set(condition, planned);
    return planned;
  }

  /** The same question of two rules is one leaf. */
  #leaf(leaf: Leaf): PlannedLeaf {
    const key = `${leaf.field ?? ""}\0${leaf.field === undefined}\0${testKey(leaf.test)}`;
    let planned = this.#leaves.get(key);
    if (planned === undefined) {
      const field = leaf.field === undefined ? ALL_FIELDS : this.fields.add(leaf.field);
      const { test } = leaf;
      const isIndexed =
        test.kind === "text" && test.isFolded && (test.text !== "" || test.relation === "exact");
      const id = this.#signal(isIndexed ? (test.relation === "exact" ? 0 : test.text.length) : 1);
      const otherField = test.kind === "field" ? this.fields.add(test.other) : ALL_FIELDS;
      planned = { leaf, id, field, otherField, isIndexed };
      this.#leaves.set(key, planned);
      if (isIndexed) {
        this.#index(field).add(test.relation, test.text, id);
      }
    }
    this.#uses[planned.id] = (this.#uses[planned.id] ?? 0) + 1;
    return planned;
  }

  #index(field: number): TextIndex {
    const index = this.indexes.get(field) ?? new TextIndex();
    this.indexes.set(field, index);
    return index;
  }

  #presence(field: number): number {
    const signal = this.presence.get(field) ?? this.#signal(0);
    this.presence.set(field, signal);
    return signal;
  }

  /** A signal for a text that is part of what a leaf asks for. */
  #hint(field: number, relation: TextRelation, text: string): number {
    const key = `${field}\0${relation}\0${text}`;
    const known = this.#hints.get(key);
    if (known !== undefined) {
      return known;
    }
    const signal = this.#signal(text.length);
    this.#hints.set(key, signal);
    this.#index(field).add(relation, text, signal);
    return signal;
  }

  #necessary(
    condition: PlannedCondition,
    known: Map<PlannedCondition, Signals | undefined>,
  ): Signals | undefined {
    if (known.has(condition)) {
      return known.get(condition);
    }
    let signals: Signals | undefined;
    if ("leaf" in condition) {
      signals = this.#necessaryOfLeaf(condition);
    } else if (condition.kind === "selection") {
      signals = this.#necessary(condition.of, known);
    } else if (condition.kind === "and") {
      for (const each of condition.of) {
        const found = this.#necessary(each, known);
        if (found !== undefined && (signals === undefined || found.cost < signals.cost)) {
          signals = found;
        }
      }
    } else if (condition.kind === "or") {
      const all = condition.of.map((each) => this.#necessary(each, known));
      const found = all.filter((each) => each !== undefined);
      if (found.length === all.length) {
        signals = {
          ids: found.flatMap(({ ids }) => ids),
          cost: found.reduce((sum, { cost }) => sum + cost, 0),
        };
      }
    }
    known.set(condition, signals);
    return signals;
  }

  #necessaryOfLeaf({ leaf, id, field, isIndexed }: PlannedLeaf): Signals | undefined {
    if (isIndexed) {
      return this.#weighed(id);
    }
    if (leaf.test.kind === "absent") {
      return undefined;
    }
    const literal = literalOf(leaf.test);
    if (literal !== "") {
      return this.#weighed(this.#hint(field, "contains", literal));
    }
    return field === ALL_FIELDS ? undefined : { ids: [this.#presence(field)], cost: PRESENCE_COST };
  }

  #weighed(id: number): Signals {
    const length = this.#lengths[id] ?? 0;
    const rarity = length === 0 ? EXACT_COST : 1 / (length * length + 1);
    return { ids: [id], cost: Math.min(0.9, rarity + (this.#uses[id] ?? 0) * USE_COST) };
  }
}

/** A folded text that is part of every value that passes; empty if none is known. */
function literalOf(test: Test): string {
  switch (test.kind) {
    case "text":
      return fold(test.text);
    case "regex":
      return test.literal;
    case "wildcard": {
      const texts = test.parts.flat().filter((part) => part !== null);
      return fold(texts.reduce((longest, text) => (text.length > longest.length ? text : longest), ""));
    }
    default:
      return "";
  }
}

function testKey(test: Test): string {
  if (test.kind === "regex") {
    return `regex\0${test.isWhole}\0${test.source}`;
  }
  return test.kind === "network" ? `network\0${test.source}` : JSON.stringify(test);
}

function hasKeywords(condition: PlannedCondition, seen: Set<PlannedCondition>): boolean {
  if (seen.has(condition)) {
    return false;
  }
  seen.add(condition);
  if ("leaf" in condition) {
    return condition.field === ALL_FIELDS;
  }
  const below = Array.isArray(condition.of) ? condition.of : [condition.of];
  return below.some((each) => hasKeywords(each, seen));
}
