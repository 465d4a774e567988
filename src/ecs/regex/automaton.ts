/**
 * Matches in two passes, each of which looks at a character once. The first goes from the text's end to its start
 * through a deterministic automaton, built as texts need it, and notes for each position the states from which the rest
 * of the text can still match. The second goes forward from the pattern's start and takes at each choice the
 * preferred way that the notes allow, so it never turns back, and finds the very captures that a backtracking
 * engine would find first. (Frisch and Cardelli, "Greedy Regular Expression Matching", 2004.)
 */
import { Alphabet, EDGE, NEIGHBOURS } from "./alphabet.ts";
import { automatonMemory, type Holder, MAX_PATTERN_CELLS } from "./automaton-memory.ts";
import { ASSERTION, CHARACTER, CHOICE, MATCH, type Nfa, NOTE } from "./nfa.ts";
import { asksAfter, asksBefore, holds, leadingToNote } from "./ways.ts";

const FIRST_RESTS = 4;
/** What the pass stands in where nothing can match any more; a cell of the table that is 0 is not known yet. */
const DEAD = -1;

/** The states from which the rest matches, once what stands before the position is known. */
type Viable = {
  /** Those that some character leads to. */
  readonly reached: readonly number[];
  readonly bits: Uint32Array;
};

/** What the second pass does at one position: notes it in slots, and takes a character. */
type Step = {
  readonly slots: readonly number[];
  /** The state behind the character; -1 at the end of the match. */
  readonly next: number;
};

/** What the rest of a text comes to: the states that take its first character, and what that is. */
type Rest = {
  readonly id: number;
  readonly seeds: readonly number[];
  readonly following: number;
  /** By what stands before. */
  readonly viable: (Viable | undefined)[];
  /** By state and what stands before. */
  readonly steps: Map<number, Step>;
  /** The step used last, and its key. */
  lastKey: number;
  lastStep: Step;
};

/** Where a match stood: start and end of the whole, then of each capture; -1 for a capture that took no part. */
export type Spans = readonly number[];

/** What the first pass noted: for each position the rest of the text; 0 inside of a pair of surrogates. */
export type Notes = { readonly text: string; readonly trail: Int32Array; readonly generation: number };

const NO_STEP: Step = { slots: [], next: -1 };

export class Automaton implements Holder {
  readonly #nfa: Nfa;
  readonly alphabet: Alphabet;
  /** Whether a match may end before the text does. */
  readonly #endsAnywhere: boolean;
  readonly #asksBefore: boolean;
  readonly #asksAfter: boolean;
  /** By state: the states that lead there without a character, and those with one. */
  readonly #silentInto: number[][];
  readonly #takingInto: number[][];
  /** By state: whether a way on leads over a capture. */
  readonly #leadsToNote: Uint8Array;
  readonly #marks: Uint32Array;
  #mark = 0;
  #restsByKey = new Map<string, Rest>();
  /** By id, from 1. */
  #rests: (Rest | undefined)[] = [undefined];
  /** By id and class of the character before: the id of the rest with it. */
  #table = new Int32Array(0);
  #cells = 0;
  #generation = 0;
  #usedAt = 0;

  constructor(nfa: Nfa, endsAnywhere: boolean) {
    this.#nfa = nfa;
    this.#endsAnywhere = endsAnywhere;
    this.alphabet = new Alphabet(nfa);
    this.#asksBefore = asksBefore(nfa);
    this.#asksAfter = asksAfter(nfa);
    this.#silentInto = nfa.kinds.map(() => []);
    this.#takingInto = nfa.kinds.map(() => []);
    this.#marks = new Uint32Array(nfa.kinds.length);
    nfa.kinds.forEach((kind, state) => {
      if (kind === MATCH) {
        return;
      }
      const into = kind === CHARACTER ? this.#takingInto : this.#silentInto;
      into[nfa.next[state] ?? 0]?.push(state);
      if (kind === CHOICE) {
        into[nfa.otherwise[state] ?? 0]?.push(state);
      }
    });
    this.#leadsToNote = leadingToNote(nfa, [this.#silentInto, this.#takingInto]);
    automatonMemory.join(this);
  }

  get cells(): number {
    return this.#cells;
  }

  get usedAt(): number {
    return this.#usedAt;
  }

  /** Notes from before are void then. */
  forget(): void {
    this.#restsByKey = new Map();
    this.#rests = [undefined];
    this.#table = new Int32Array(0);
    this.#cells = 0;
    this.#generation++;
  }

  isCurrent(notes: Notes): boolean {
    return notes.generation === this.#generation;
  }

  /**
   * The first pass.
   * @param trail One longer than the text, at least; overwritten.
   * @returns null when nothing in it matches at all, undefined when the text needs more memory than a pattern may have.
   */
  note(text: string, trail: Int32Array): Notes | null | undefined {
    automatonMemory.makeRoom();
    this.#usedAt = automatonMemory.tick();
    let outcome = this.#pass(text, trail);
    if (outcome === undefined) {
      this.forget();
      outcome = this.#pass(text, trail);
    }
    if (outcome === undefined) {
      return undefined;
    }
    return outcome ? { text, trail, generation: this.#generation } : null;
  }

  /** Whether a match begins at `at`. */
  isMatchAt({ text, trail }: Notes, at: number): boolean {
    const rest = this.#rests[trail[at] ?? 0];
    if (rest === undefined) {
      return false;
    }
    const { bits } = this.#viable(rest, this.#neighbourBefore(text, at));
    return isSet(bits, this.#nfa.start);
  }

  /** Where the first match at or after `from` begins; -1 when there is none. */
  firstMatch(notes: Notes, from: number): number {
    const { text, trail } = notes;
    for (let at = from; at <= text.length; at++) {
      // Most of a text begins no match, whatever stands before it.
      const viable = this.#asksBefore ? undefined : this.#rests[trail[at] ?? 0]?.viable[EDGE];
      const isMatch = viable === undefined ? this.isMatchAt(notes, at) : isSet(viable.bits, this.#nfa.start);
      if (isMatch) {
        return at;
      }
    }
    return -1;
  }

  /** The second pass: the preferred match of those that begin at `at`, where one does. */
  follow({ text, trail }: Notes, at: number): Spans {
    const rests = this.#rests;
    const isBeforeAsked = this.#asksBefore;
    const spans = new Array<number>(2 * this.#nfa.captures.length + 2).fill(-1);
    spans[0] = at;
    let state = this.#nfa.start;
    for (;;) {
      const rest = rests[trail[at] ?? 0];
      if (rest === undefined) {
        // The second half of a pair: its first half was taken.
        at++;
        continue;
      }
      const key = isBeforeAsked ? state * NEIGHBOURS + this.#neighbourBefore(text, at) : state * NEIGHBOURS;
      const step = rest.lastKey === key ? rest.lastStep : this.#stepOf(rest, key);
      for (const slot of step.slots) {
        spans[slot + 2] = at;
      }
      state = step.next;
      if (state < 0) {
        spans[1] = at;
        return spans;
      }
      if (!this.#endsAnywhere && this.#leadsToNote[state] === 0) {
        spans[1] = text.length;
        return spans;
      }
      at++;
    }
  }

  /** @returns Whether anything can match; undefined when there is no memory left. */
  #pass(text: string, trail: Int32Array): boolean | undefined {
    const { ascii, size } = this.alphabet;
    let at = text.length;
    let id = this.#restOf([this.#nfa.match], EDGE).id;
    let table = this.#table;
    trail[at] = id;
    while (at > 0) {
      const code = text.charCodeAt(--at);
      let character: number;
      if (code < ascii.length) {
        character = ascii[code] ?? 0;
      } else {
        const whole = code >= 0xdc00 && code < 0xe000 && at > 0 ? (text.codePointAt(at - 1) ?? code) : code;
        if (whole > 0xffff) {
          trail[at--] = 0;
        }
        character = this.alphabet.classOf(whole > 0xffff ? whole : code);
      }
      let before = table[id * size + character] ?? 0;
      if (before === 0) {
        if (this.#cells > MAX_PATTERN_CELLS) {
          return undefined;
        }
        before = this.#before(id, character);
        table = this.#table;
      }
      if (before === DEAD) {
        return false;
      }
      id = before;
      trail[at] = id;
    }
    return true;
  }

  #neighbourBefore(text: string, at: number): number {
    if (!this.#asksBefore || at === 0) {
      return EDGE;
    }
    const low = text.charCodeAt(at - 1);
    const isPair = low >= 0xdc00 && low < 0xe000 && at > 1 && (text.codePointAt(at - 2) ?? 0) > 0xffff;
    const code = isPair ? (text.codePointAt(at - 2) ?? 0) : low;
    return this.alphabet.neighbours[this.alphabet.classOf(code)] ?? EDGE;
  }

  /** The id of a rest with one more character before it, or DEAD. */
  #before(id: number, character: number): number {
    const rest = this.#rests[id];
    if (rest === undefined) {
      throw new RangeError(`there is no rest ${id}`);
    }
    const neighbour = this.#asksBefore ? (this.alphabet.neighbours[character] ?? EDGE) : EDGE;
    const { reached } = this.#viable(rest, neighbour);
    const { holds } = this.alphabet;
    const args = this.#nfa.arguments;
    const mark = ++this.#mark;
    const seeds: number[] = [];
    for (const state of reached) {
      for (const taking of this.#takingInto[state] ?? []) {
        if (this.#marks[taking] !== mark && holds[args[taking] ?? 0]?.[character] === 1) {
          this.#marks[taking] = mark;
          seeds.push(taking);
        }
      }
    }
    if (this.#endsAnywhere) {
      seeds.push(this.#nfa.match);
    }
    const following = this.#asksAfter ? (this.alphabet.neighbours[character] ?? EDGE) : EDGE;
    seeds.sort((a, b) => a - b);
    const before = seeds.length === 0 ? DEAD : this.#restOf(seeds, following).id;
    this.#table[id * this.alphabet.size + character] = before;
    return before;
  }

  #restOf(seeds: readonly number[], following: number): Rest {
    const key = `${following},${seeds.join()}`;
    const known = this.#restsByKey.get(key);
    if (known !== undefined) {
      return known;
    }
    const id = this.#rests.length;
    const { size } = this.alphabet;
    const rest: Rest = {
      id,
      seeds,
      following,
      viable: new Array(NEIGHBOURS),
      steps: new Map(),
      lastKey: -1,
      lastStep: NO_STEP,
    };
    this.#rests.push(rest);
    this.#restsByKey.set(key, rest);
    if ((id + 1) * size > this.#table.length) {
      const table = new Int32Array(Math.max(FIRST_RESTS * size, 2 * this.#table.length));
      table.set(this.#table);
      this.#table = table;
    }
    this.#grow(2 * seeds.length + size + 40);
    return rest;
  }

  /** Goes back from the seeds as far as no character is needed. */
  #viable(rest: Rest, preceding: number): Viable {
    const known = rest.viable[preceding];
    if (known !== undefined) {
      return known;
    }
    const { kinds, arguments: args } = this.#nfa;
    const bits = new Uint32Array((kinds.length + 31) >> 5);
    const pending = [...rest.seeds];
    const reached: number[] = [];
    for (const seed of pending) {
      bits[seed >> 5] = (bits[seed >> 5] ?? 0) | (1 << (seed & 31));
    }
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      if ((this.#takingInto[state]?.length ?? 0) > 0) {
        reached.push(state);
      }
      for (const silent of this.#silentInto[state] ?? []) {
        if (isSet(bits, silent)) {
          continue;
        }
        if (kinds[silent] === ASSERTION && !holds(args[silent] ?? 0, preceding, rest.following)) {
          continue;
        }
        bits[silent >> 5] = (bits[silent >> 5] ?? 0) | (1 << (silent & 31));
        pending.push(silent);
      }
    }
    const viable = { reached, bits };
    rest.viable[preceding] = viable;
    this.#grow(bits.length / 2 + reached.length + 20);
    return viable;
  }

  /** @param key A state, and what stands before. */
  #stepOf(rest: Rest, key: number): Step {
    let step = rest.steps.get(key);
    if (step === undefined) {
      step = this.#firstWayOn(Math.floor(key / NEIGHBOURS), this.#viable(rest, key % NEIGHBOURS).bits);
      rest.steps.set(key, step);
      this.#grow(step.slots.length + 10);
    }
    rest.lastKey = key;
    rest.lastStep = step;
    return step;
  }

  /** The preferred viable way from a state to a character or the end; a loop that takes nothing is gone round once at most. */
  #firstWayOn(from: number, bits: Uint32Array): Step {
    const { kinds, next, otherwise, arguments: args } = this.#nfa;
    const mark = ++this.#mark;
    const slots: number[] = [];
    const turns: { readonly state: number; readonly slotCount: number }[] = [{ state: from, slotCount: 0 }];
    for (let turn = turns.pop(); turn !== undefined; turn = turns.pop()) {
      let { state } = turn;
      slots.length = turn.slotCount;
      while (this.#marks[state] !== mark && isSet(bits, state)) {
        this.#marks[state] = mark;
        const kind = kinds[state];
        if (kind === CHARACTER) {
          return { slots, next: next[state] ?? 0 };
        }
        if (kind === MATCH) {
          return { slots, next: -1 };
        }
        if (kind === CHOICE) {
          turns.push({ state: otherwise[state] ?? 0, slotCount: slots.length });
        }
        if (kind === NOTE) {
          slots.push(args[state] ?? 0);
        }
        state = next[state] ?? 0;
      }
    }
    throw new RangeError(`no match leads on from state ${from}`);
  }

  #grow(cells: number): void {
    this.#cells += cells;
    automatonMemory.grow(cells);
  }
}

function isSet(bits: Uint32Array, index: number): boolean {
  return (((bits[index >> 5] ?? 0) >>> (index & 31)) & 1) === 1;
}
