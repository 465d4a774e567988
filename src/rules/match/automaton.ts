/**
 * All texts that rules look for in one field, found in one pass over the field's value (Aho and Corasick).
 * What the pass costs depends on the value's length alone, not on how many texts there are.
 */
import type { TextRelation } from "../syntax.ts";

/** Called for each found text with the number that it was added under. */
export type Report = (signal: number) => void;

const ROOT_UNITS = 256;
const NONE: readonly number[] = [];

type Outputs = (readonly number[] | undefined)[];

export class TextIndex {
  readonly #exact = new Map<string, number[]>();
  readonly #builder = new TrieBuilder();
  #automaton: Automaton | undefined;

  /** @param text Folded, and not empty unless exact. */
  add(relation: TextRelation, text: string, signal: number): void {
    if (relation === "exact") {
      const signals = this.#exact.get(text) ?? [];
      signals.push(signal);
      this.#exact.set(text, signals);
    } else {
      this.#builder.add(relation, text, signal);
    }
  }

  /** @param stamp The event's number: what was reported for it is not reported again. */
  scan(text: string, stamp: number, report: Report): void {
    for (const signal of this.#exact.get(text) ?? NONE) {
      report(signal);
    }
    this.#automaton ??= this.#builder.build();
    this.#automaton.scan(text, stamp, report);
  }
}

class TrieBuilder {
  readonly edges = new Map<number, number>();
  readonly parents: number[] = [0];
  readonly units: number[] = [0];
  readonly outputs: Record<"prefix" | "suffix" | "contains", Outputs> = {
    prefix: [],
    suffix: [],
    contains: [],
  };

  add(relation: "prefix" | "suffix" | "contains", text: string, signal: number): void {
    let node = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      const key = node * 65_536 + unit;
      let next = this.edges.get(key);
      if (next === undefined) {
        next = this.parents.length;
        this.edges.set(key, next);
        this.parents.push(node);
        this.units.push(unit);
      }
      node = next;
    }
    const outputs = this.outputs[relation];
    outputs[node] = [...(outputs[node] ?? NONE), signal];
  }

  build(): Automaton {
    return new Automaton(this);
  }
}

class Automaton {
  /** Open addressing: a slot holds a node, a unit and where the edge leads. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #root = new Int32Array(ROOT_UNITS).fill(-1);
  readonly #fallback: Int32Array;
  /** The nearest shorter suffix that reports, by how. */
  readonly #nextContains: Int32Array;
  readonly #nextSuffix: Int32Array;
  readonly #seen: Float64Array;
  readonly #prefix: Outputs;
  readonly #suffix: Outputs;
  readonly #contains: Outputs;
  readonly #isEmpty: boolean;

  constructor({ edges, parents, units, outputs }: TrieBuilder) {
    const size = parents.length;
    let capacity = 8;
    while (capacity < edges.size * 2) {
      capacity *= 2;
    }
    this.#mask = capacity - 1;
    this.#slots = new Int32Array(capacity * 3).fill(-1);
    for (const [key, to] of edges) {
      this.#insert(Math.floor(key / 65_536), key % 65_536, to);
    }
    this.#isEmpty = size === 1;
    this.#fallback = new Int32Array(size);
    this.#nextContains = new Int32Array(size);
    this.#nextSuffix = new Int32Array(size);
    this.#seen = new Float64Array(size);
    ({ prefix: this.#prefix, suffix: this.#suffix, contains: this.#contains } = outputs);
    this.#link(parents, units);
  }

  scan(text: string, stamp: number, report: Report): void {
    if (this.#isEmpty) {
      return;
    }
    const fallback = this.#fallback;
    const nextContains = this.#nextContains;
    let node = 0;
    let isFromStart = true;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      let next = this.#step(node, unit);
      while (next < 0 && node !== 0) {
        node = fallback[node] ?? 0;
        isFromStart = false;
        next = this.#step(node, unit);
      }
      if (next < 0) {
        isFromStart = false;
        continue;
      }
      node = next;
      if (isFromStart) {
        tell(this.#prefix[node], report);
      }
      let found = this.#contains[node] === undefined ? (nextContains[node] ?? 0) : node;
      while (found !== 0 && this.#seen[found] !== stamp) {
        this.#seen[found] = stamp;
        tell(this.#contains[found], report);
        found = nextContains[found] ?? 0;
      }
    }
    for (let end = node; end !== 0; end = this.#nextSuffix[end] ?? 0) {
      tell(this.#suffix[end], report);
    }
  }

  /** In the order of the nodes' depth, which is not that of their numbers. */
  #link(parents: readonly number[], units: readonly number[]): void {
    const depths = new Int32Array(parents.length);
    const order: number[] = [];
    for (let node = 1; node < parents.length; node++) {
      depths[node] = (depths[parents[node] ?? 0] ?? 0) + 1;
      order.push(node);
    }
    order.sort((a, b) => (depths[a] ?? 0) - (depths[b] ?? 0));
    for (const node of order) {
      const parent = parents[node] ?? 0;
      const unit = units[node] ?? 0;
      let from = parent;
      let target = 0;
      while (from !== 0) {
        from = this.#fallback[from] ?? 0;
        const next = this.#step(from, unit);
        if (next >= 0) {
          target = next;
          break;
        }
      }
      this.#fallback[node] = target;
      this.#nextContains[node] =
        this.#contains[target] === undefined ? (this.#nextContains[target] ?? 0) : target;
      this.#nextSuffix[node] = this.#suffix[target] === undefined ? (this.#nextSuffix[target] ?? 0) : target;
    }
  }

  #insert(node: number, unit: number, to: number): void {
    if (node === 0 && unit < ROOT_UNITS) {
      this.#root[unit] = to;
    }
    let slot = hash(node, unit) & this.#mask;
    while (this.#slots[slot * 3] !== -1) {
      slot = (slot + 1) & this.#mask;
    }
    this.#slots[slot * 3] = node;
    this.#slots[slot * 3 + 1] = unit;
    this.#slots[slot * 3 + 2] = to;
  }

  /** @returns -1 where no edge leads on. */
  #step(node: number, unit: number): number {
    if (node === 0 && unit < ROOT_UNITS) {
      return this.#root[unit] ?? -1;
    }
    const slots = this.#slots;
    let slot = hash(node, unit) & this.#mask;
    for (;;) {
      const found = slots[slot * 3];
      if (found === -1) {
        return -1;
      }
      if (found === node && slots[slot * 3 + 1] === unit) {
        return slots[slot * 3 + 2] ?? -1;
      }
      slot = (slot + 1) & this.#mask;
    }
  }
}

function hash(node: number, unit: number): number {
  const mixed = Math.imul(node, 0x9e37_79b1) ^ Math.imul(unit, 0x85eb_ca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

function tell(signals: readonly number[] | undefined, report: Report): void {
  if (signals !== undefined) {
    for (const signal of signals) {
      report(signal);
    }
  }
}
