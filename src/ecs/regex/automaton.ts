/**
 * Matches in two passes, each of which looks at a character once. The first goes from the text's end to its start
 * through a deterministic automaton, built as texts need it, and notes for each position the states from which the rest
 * of the text can still match. The second goes forward from the pattern's start and takes at each choice the
 * preferred way that the notes allow, so it never turns back, and finds the very captures that a backtracking
 * engine would find first. (Frisch and Cardelli, "Greedy Regular Expression Matching", 2004.)
 */
import { Alphabet, EDGE, LINE_BREAK, NEIGHBOURS, WORD } from "./alphabet.ts";
import {
  ASSERTION,
  CHARACTER,
  CHOICE,
  LINE_END,
  LINE_START,
  MATCH,
  type Nfa,
  NOTE,
  TEXT_END,
  TEXT_START,
  WORD_BOUNDARY,
} from "./nfa.ts";

/** Cells of memory, about, that the deterministic automaton of one pattern may take before it is restarted. */
const MAX_CELLS = 1_000_000;
/** A text that makes it restart more often is left to the other engine. */
const MAX_RESTARTS = 1;

/** The states from which the rest matches, once what stands before the position is known. */
type Viable = {
  /** Those that some character leads to. */
  readonly reached: readonly number[];
  readonly bits: Uint32Array;
};

/** What the rest of a text comes to: the states that take its first character, and what that is. */
type Rest = {
  readonly seeds: readonly number[];
  readonly following: number;
  /** By what stands before. */
  readonly viable: (Viable | undefined)[];
  /** By class of the character before; null where nothing can match any more. */
  readonly before: (Rest | null | undefined)[];
};

/** Where a match stood: start and end of the whole, then of each capture; -1 for a capture that took no part. */
export type Spans = readonly number[];

export type Notes = { readonly text: string; readonly rests: readonly (Rest | undefined)[] };

export class Automaton {
  readonly #nfa: Nfa;
  readonly #alphabet: Alphabet;
  /** Whether a match may end before the text does. */
  readonly #endsAnywhere: boolean;
  readonly #asksBefore: boolean;
  readonly #asksAfter: boolean;
  /** By state: the states that lead there without a character, and those with one. */
  readonly #silentInto: number[][];
  readonly #takingInto: number[][];
  readonly #marks: Uint32Array;
  #mark = 0;
  #rests = new Map<string, Rest>();
  #cells = 0;
  #last: Rest | undefined;

  constructor(nfa: Nfa, endsAnywhere: boolean) {
    this.#nfa = nfa;
    this.#endsAnywhere = endsAnywhere;
    this.#alphabet = new Alphabet(nfa);
    const asked = nfa.kinds.flatMap((kind, state) => (kind === ASSERTION ? [nfa.arguments[state] ?? 0] : []));
    this.#asksBefore = asked.some((assertion) => assertion !== TEXT_END && assertion !== LINE_END);
    this.#asksAfter = asked.some((assertion) => assertion !== TEXT_START && assertion !== LINE_START);
    this.#silentInto = nfa.kinds.map(() => []);
    this.#takingInto = nfa.kinds.map(() => []);
    this.#marks = new Uint32Array(nfa.kinds.length);
    nfa.kinds.forEach((kind, state) => {
      if (kind === MATCH) return;
      const into = kind === CHARACTER ? this.#takingInto : this.#silentInto;
      into[nfa.next[state] ?? 0]?.push(state);
      if (kind === CHOICE) into[nfa.otherwise[state] ?? 0]?.push(state);
    });
  }

  /**
   * The first pass.
   * @returns null when nothing in it matches at all, undefined when the text needs more memory than a pattern may have.
   */
  note(text: string): Notes | null | undefined {
    // Of its full size at once: an array that grows downwards becomes a table of keys, which is slow.
    const rests = new Array<Rest | undefined>(text.length + 1);
    let restarts = 0;
    let rest = this.#atEnd();
    const alphabet = this.#alphabet;
    for (let at = text.length; ; ) {
      rests[at] = rest;
      if (at === 0) break;
      let code = text.charCodeAt(--at);
      if (code >= 0xdc00 && code < 0xe000 && at > 0) {
        const whole = text.codePointAt(at - 1) ?? code;
        if (whole > 0xffff) {
          code = whole;
          at--;
        }
      }
      const character = alphabet.classOf(code);
      let before = rest.before[character];
      if (before === undefined) {
        if (this.#cells > MAX_CELLS) {
          if (++restarts > MAX_RESTARTS) return undefined;
          this.#forget();
        }
        before = this.#step(rest, character);
      }
      if (before === null) return null;
      rest = before;
    }
    return { text, rests };
  }

  /** Whether a match begins at `at`. */
  isMatchAt({ text, rests }: Notes, at: number): boolean {
    const rest = rests[at];
    if (rest === undefined) return false;
    const { bits } = this.#viable(rest, this.#neighbourBefore(text, at));
    const { start } = this.#nfa;
    return (((bits[start >> 5] ?? 0) >>> (start & 31)) & 1) === 1;
  }

  /** The second pass: the preferred match of those that begin at `at`, where one does. */
  follow({ text, rests }: Notes, at: number): Spans {
    const { kinds, next, otherwise, captures } = this.#nfa;
    const args = this.#nfa.arguments;
    const spans = new Array<number>(2 * captures.length + 2).fill(-1);
    spans[0] = at;
    let state = this.#nfa.start;
    let bits = this.#viableAt(text, rests, at).bits;
    let bitsAt = at;
    for (;;) {
      switch (kinds[state]) {
        case CHARACTER: {
          const code = text.charCodeAt(at++);
          if (code >= 0xd800 && code < 0xdc00 && (text.codePointAt(at - 1) ?? 0) > 0xffff) at++;
          state = next[state] ?? 0;
          break;
        }
        case CHOICE: {
          if (bitsAt !== at) {
            bits = this.#viableAt(text, rests, at).bits;
            bitsAt = at;
          }
          const preferred = next[state] ?? 0;
          const isOpen = ((bits[preferred >> 5] ?? 0) >>> (preferred & 31)) & 1;
          state = isOpen === 1 ? preferred : (otherwise[state] ?? 0);
          break;
        }
        case NOTE:
          spans[(args[state] ?? 0) + 2] = at;
          state = next[state] ?? 0;
          break;
        case ASSERTION:
          state = next[state] ?? 0;
          break;
        default:
          spans[1] = at;
          return spans;
      }
    }
  }

  #viableAt(text: string, rests: Notes["rests"], at: number): Viable {
    const rest = rests[at];
    if (rest === undefined) throw new RangeError(`nothing was noted at ${at}`);
    return this.#asksBefore
      ? this.#viable(rest, this.#neighbourBefore(text, at))
      : (rest.viable[EDGE] ?? this.#viable(rest, EDGE));
  }

  #neighbourBefore(text: string, at: number): number {
    if (!this.#asksBefore || at === 0) return EDGE;
    const low = text.charCodeAt(at - 1);
    const isPair = low >= 0xdc00 && low < 0xe000 && at > 1 && (text.codePointAt(at - 2) ?? 0) > 0xffff;
    const code = isPair ? (text.codePointAt(at - 2) ?? 0) : low;
    return this.#alphabet.neighbours[this.#alphabet.classOf(code)] ?? EDGE;
  }

  #atEnd(): Rest {
    this.#last ??= this.#restOf([this.#nfa.match], EDGE);
    return this.#last;
  }

  #forget(): void {
    this.#rests = new Map();
    this.#cells = 0;
    this.#last = undefined;
  }

  #step(rest: Rest, character: number): Rest | null {
    const neighbour = this.#asksBefore ? (this.#alphabet.neighbours[character] ?? EDGE) : EDGE;
    const { reached } = this.#viable(rest, neighbour);
    const { holds } = this.#alphabet;
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
    if (this.#endsAnywhere) seeds.push(this.#nfa.match);
    const before =
      seeds.length === 0
        ? null
        : this.#restOf(
            seeds.sort((a, b) => a - b),
            this.#asksAfter ? (this.#alphabet.neighbours[character] ?? EDGE) : EDGE,
          );
    rest.before[character] = before;
    return before;
  }

  #restOf(seeds: readonly number[], following: number): Rest {
    const key = `${following},${seeds.join()}`;
    let rest = this.#rests.get(key);
    if (rest === undefined) {
      rest = { seeds, following, viable: new Array(NEIGHBOURS), before: new Array(this.#alphabet.size) };
      this.#rests.set(key, rest);
      this.#cells += 2 * seeds.length + this.#alphabet.size + 20;
    }
    return rest;
  }

  /** Goes back from the seeds as far as no character is needed. */
  #viable(rest: Rest, preceding: number): Viable {
    const known = rest.viable[preceding];
    if (known !== undefined) return known;
    const bits = new Uint32Array((this.#nfa.kinds.length + 31) >> 5);
    const pending = [...rest.seeds];
    const reached: number[] = [];
    for (const seed of pending) bits[seed >> 5] = (bits[seed >> 5] ?? 0) | (1 << (seed & 31));
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      if ((this.#takingInto[state]?.length ?? 0) > 0) reached.push(state);
      for (const silent of this.#silentInto[state] ?? []) {
        const word = bits[silent >> 5] ?? 0;
        if (((word >>> (silent & 31)) & 1) === 1) continue;
        if (
          this.#nfa.kinds[silent] === ASSERTION &&
          !this.#holds(this.#nfa.arguments[silent] ?? 0, preceding, rest.following)
        )
          continue;
        bits[silent >> 5] = word | (1 << (silent & 31));
        pending.push(silent);
      }
    }
    const viable = { reached, bits };
    rest.viable[preceding] = viable;
    this.#cells += bits.length / 2 + reached.length + 20;
    return viable;
  }

  #holds(assertion: number, preceding: number, following: number): boolean {
    switch (assertion) {
      case TEXT_START:
        return preceding === EDGE;
      case TEXT_END:
        return following === EDGE;
      case LINE_START:
        return preceding === EDGE || preceding === LINE_BREAK;
      case LINE_END:
        return following === EDGE || following === LINE_BREAK;
      case WORD_BOUNDARY:
        return (preceding === WORD) !== (following === WORD);
      default:
        return (preceding === WORD) === (following === WORD);
    }
  }
}
