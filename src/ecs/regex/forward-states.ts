/**
 * A pattern's nondeterministic automaton made deterministic as texts need it. One state stands for all ways into the
 * pattern that the characters so far leave open, in the order in which a backtracking engine would try them; where two
 * of them meet, the later one is gone, since what follows is the same for both.
 */
import { Alphabet, EDGE } from "./alphabet.ts";
import { automatonMemory, type Holder } from "./automaton-memory.ts";
import {
  ASSERTION,
  CHARACTER,
  CHOICE,
  FOLDED,
  LINE_END,
  LINE_START,
  MATCH,
  type Nfa,
  NOTE,
  TEXT_END,
  TEXT_START,
} from "./nfa.ts";
import { holds } from "./ways.ts";

/** Cells of memory, about, with which a pattern is begun anew at the next text. */
const MAX_CELLS = 1_000_000;
/** Cells that one text may add; a text of a format's own events takes some thousand at most, even when it is the first. */
const MAX_TEXT_CELLS = 200_000;
const FIRST_STATES = 8;
const FIRST_MARKS = 256;

/** In the table: not known yet; nothing matches any more; a match that may end here; this text would take too much. */
export const UNKNOWN = 0;
export const DEAD = -1;
export const FOUND = -2;
export const FULL = -3;

/** Slots that are noted on the way to a character, if any. */
type Notes = readonly number[] | null;

/** How the ways of a state come from those of the state before. */
type Move = {
  /** By way: the way that it goes on from. */
  readonly from: readonly number[];
  /** By way: what is noted before the character. */
  readonly notes: readonly Notes[];
};

type State = {
  /** The states of the pattern's automaton right behind the last character. */
  readonly ways: readonly number[];
  /** What the last character is to assertions. */
  readonly preceding: number;
  /** The way that matches at the text's end, null for none; undefined while nobody asked. */
  end: End | null | undefined;
};
type End = { readonly way: number; readonly notes: Notes };

const NO_STATE: State = { ways: [], preceding: EDGE, end: null };
const NO_MOVE: Move = { from: [], notes: [] };

export class ForwardStates implements Holder {
  readonly alphabet: Alphabet;
  /**
   * By state times classes plus class, two numbers: the next state times classes, or one of the constants above; and its
   * move, where it is other than that all ways go on as they are.
   */
  table = new Int32Array(0);
  moves: Move[] = [NO_MOVE];
  /** The first state times classes. */
  readonly start: number;
  readonly #nfa: Nfa;
  /** A match may end anywhere, and only that there is one matters. */
  readonly #isTest: boolean;
  readonly #keepsOrder: boolean;
  readonly #asksBefore: boolean;
  readonly #asksAfter: boolean;
  /** By id; the first is none. */
  #states: State[] = [NO_STATE];
  #ids = new Map<number, number[]>();
  #cells = 0;
  #cellsBefore = 0;
  #usedAt = 0;
  /** By state of the pattern's automaton, for one step: whether it was passed, and whether the step led there. */
  #passed = new Uint32Array(FIRST_MARKS);
  #reached = new Uint32Array(FIRST_MARKS);
  #mark = 0;
  #slots: number[] = [];

  constructor(nfa: Nfa, isTest: boolean) {
    this.#nfa = nfa;
    this.#isTest = isTest;
    this.#keepsOrder = nfa.captures.length > 0;
    this.alphabet = new Alphabet(nfa);
    const asked = nfa.assertions;
    this.#asksBefore = asked.some((assertion) => assertion !== TEXT_END && assertion !== LINE_END);
    this.#asksAfter = asked.some((assertion) => assertion !== TEXT_START && assertion !== LINE_START);
    this.start = this.alphabet.size;
    if (nfa.kinds.length > FIRST_MARKS) {
      this.#addMarks();
    }
    automatonMemory.join(this);
  }

  get cells(): number {
    return this.#cells;
  }

  get usedAt(): number {
    return this.#usedAt;
  }

  /** To be called before each text. */
  begin(): void {
    automatonMemory.makeRoom();
    this.#usedAt = automatonMemory.tick();
    if (this.#cells > MAX_CELLS) {
      this.forget();
    }
    this.#cellsBefore = this.#cells;
    if (this.#states.length === 1) {
      this.#idOf([this.#nfa.start], EDGE);
    }
  }

  forget(): void {
    this.table = new Int32Array(0);
    this.moves = [NO_MOVE];
    this.#states = [NO_STATE];
    this.#ids = new Map();
    this.#cells = 0;
  }

  /** The table's entry for a state, times classes, and a class of characters. */
  advance(base: number, character: number): number {
    if (this.#cells - this.#cellsBefore > MAX_TEXT_CELLS) {
      return FULL;
    }
    const { size, neighbours } = this.alphabet;
    const state = this.#states[base / size] ?? NO_STATE;
    const following = this.#asksAfter ? (neighbours[character] ?? EDGE) : EDGE;
    const ways: number[] = [];
    const from: number[] = [];
    const notes: Notes[] = [];
    const isFound = this.#follow(state, following, character, ways, from, notes);
    const cell = 2 * (base + character);
    if (isFound || ways.length === 0) {
      const outcome = isFound ? FOUND : DEAD;
      this.table[cell] = outcome;
      return outcome;
    }
    if (!this.#keepsOrder) {
      ways.sort((a, b) => a - b);
    }
    const preceding = this.#asksBefore ? (neighbours[character] ?? EDGE) : EDGE;
    const next = this.#idOf(ways, preceding) * size;
    this.table[cell] = next;
    if (
      this.#keepsOrder &&
      !(notes.every((slots) => slots === null) && from.every((way, index) => way === index))
    ) {
      this.table[cell + 1] = this.moves.push({ from, notes }) - 1;
      this.#grow(2 * from.length + 10);
    }
    return next;
  }

  /** The way that matches where the text ends in a state. */
  endOf(base: number): End | null {
    const state = this.#states[base / this.alphabet.size] ?? NO_STATE;
    if (state.end === undefined) {
      const notes: Notes[] = [];
      const from: number[] = [];
      const isFound = this.#follow(state, EDGE, -1, [], from, notes);
      state.end = isFound ? { way: from[0] ?? 0, notes: notes[0] ?? null } : null;
    }
    return state.end;
  }

  /**
   * Goes on from each way of a state, in order, as far as one character leads, or to the pattern's end.
   * @param character -1 at the text's end.
   * @returns Whether a match may end before the character; its way is the last of `from` and `notes` then.
   */
  #follow(
    state: State,
    following: number,
    character: number,
    ways: number[],
    from: number[],
    notes: Notes[],
  ): boolean {
    const { kinds, next, otherwise, arguments: args } = this.#nfa;
    const { holds: held } = this.alphabet;
    let passed = this.#passed;
    let reached = this.#reached;
    const mark = ++this.#mark;
    const slots = this.#slots;
    const stopsAtMatch = this.#isTest || character < 0;
    /** States to go on from later, each with the number of slots noted before it. */
    const pending: number[] = [];
    for (let way = 0; way < state.ways.length; way++) {
      pending.push(state.ways[way] ?? 0, 0);
      while (pending.length > 0) {
        slots.length = pending.pop() ?? 0;
        let at = pending.pop() ?? 0;
        while (passed[at] !== mark) {
          passed[at] = mark;
          const kind = kinds[at];
          if (kind === CHARACTER) {
            const target = next[at] ?? 0;
            if (character >= 0 && held[args[at] ?? 0]?.[character] === 1 && reached[target] !== mark) {
              reached[target] = mark;
              ways.push(target);
              from.push(way);
              notes.push(slots.length === 0 ? null : [...slots]);
            }
            break;
          }
          if (kind === MATCH) {
            if (stopsAtMatch) {
              from.push(way);
              notes.push(slots.length === 0 ? null : [...slots]);
              return true;
            }
            break;
          }
          if (kind === FOLDED) {
            this.#nfa.expand(at);
            if (kinds.length > passed.length) {
              this.#addMarks();
              passed = this.#passed;
              reached = this.#reached;
            }
          } else if (kind === ASSERTION && !holds(args[at] ?? 0, state.preceding, following)) {
            break;
          }
          if (kind === CHOICE) {
            pending.push(otherwise[at] ?? 0, slots.length);
          } else if (kind === NOTE) {
            slots.push(args[at] ?? 0);
          }
          at = next[at] ?? 0;
        }
      }
    }
    return false;
  }

  #addMarks(): void {
    const length = 2 * this.#nfa.kinds.length;
    const passed = new Uint32Array(length);
    const reached = new Uint32Array(length);
    passed.set(this.#passed);
    reached.set(this.#reached);
    this.#passed = passed;
    this.#reached = reached;
  }

  #idOf(ways: readonly number[], preceding: number): number {
    let hash = preceding;
    for (const way of ways) {
      hash = (Math.imul(hash, 31) + way) | 0;
    }
    const ids = this.#ids.get(hash);
    const known = ids?.find((id) => this.#isState(id, ways, preceding));
    if (known !== undefined) {
      return known;
    }
    const id = this.#states.push({ ways, preceding, end: undefined }) - 1;
    if (ids === undefined) {
      this.#ids.set(hash, [id]);
    } else {
      ids.push(id);
    }
    const { size } = this.alphabet;
    const needed = 2 * (id + 1) * size;
    if (needed > this.table.length) {
      const table = new Int32Array(Math.max(2 * FIRST_STATES * size, 2 * this.table.length));
      table.set(this.table);
      this.table = table;
    }
    this.#grow(ways.length + size + 40);
    return id;
  }

  #isState(id: number, ways: readonly number[], preceding: number): boolean {
    const state = this.#states[id] ?? NO_STATE;
    if (state.preceding !== preceding || state.ways.length !== ways.length) {
      return false;
    }
    for (let i = 0; i < ways.length; i++) {
      if (state.ways[i] !== ways[i]) {
        return false;
      }
    }
    return true;
  }

  #grow(cells: number): void {
    this.#cells += cells;
    automatonMemory.grow(cells);
  }
}
