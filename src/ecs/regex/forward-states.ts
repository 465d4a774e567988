/**
 * A pattern's nondeterministic automaton made deterministic as texts need it. One state stands for all ways into the
 * pattern that the characters so far leave open, in the order in which a backtracking engine would try them; where two
 * of them meet, the later one is gone, since what follows is the same for both.
 */
import { Alphabet, EDGE } from "./alphabet.ts";
import { automatonMemory, type Holder, MAX_PATTERN_CELLS } from "./automaton-memory.ts";
import { ASSERTION, CHARACTER, CHOICE, FOLDED, MATCH, type Nfa, NOTE } from "./nfa.ts";
import { asksAfter, asksBefore, holds } from "./ways.ts";

/** Cells that one text may add; a text of a format's own events takes some thousand at most, even when it is the first. */
const MAX_TEXT_CELLS = 200_000;
const FIRST_STATES = 16;
const FIRST_ROWS = 4;
const FIRST_MARKS = 256;

/** In the tables: not known yet; nothing matches any more; a match that may end here; this text would take too much. */
export const UNKNOWN = 0;
const DEAD = -1;
export const FOUND = -2;
export const FULL = -3;

/** Numbers that a state has in `quick`: a class of characters, the next state, its move, and where its row of the table is. */
const QUICK = 4;
const NO_CHARACTER = -1;
/** In place of a character. */
const AT_END = -1;

/** Slots that are noted on the way to a character, if any. */
type Notes = readonly number[] | null;

/** How the ways of a state come from those of the state before. */
type Move = {
  /** By way: the way that it goes on from; null when each goes on from the one in its place. */
  readonly from: readonly number[] | null;
  /** By way: what is noted before the character; null when nothing is. */
  readonly notes: readonly Notes[] | null;
};

type State = {
  /** The states of the pattern's automaton right behind the last character. */
  readonly ways: readonly number[];
  /** What the last character is to assertions. */
  readonly preceding: number;
  /** Another state with the same hash; 0 for none. */
  readonly sibling: number;
  /** The way that matches at the text's end, null for none; undefined while nobody asked. */
  end: End | null | undefined;
};
type End = { readonly way: number; readonly notes: Notes };

const NO_STATE: State = { ways: [], preceding: EDGE, sibling: 0, end: null };
const NO_MOVE: Move = { from: null, notes: null };

export class ForwardStates implements Holder {
  readonly alphabet: Alphabet;
  /**
   * By state, which is counted in steps of QUICK: what the first character seen in it leads to. Most states see no
   * other, and those of a text stand in a row here.
   */
  quick = new Int32Array(0);
  /** The rows of states that saw several: by class the next state, or one of the constants above, and the move. */
  table = new Int32Array(0);
  /** The first is that all ways go on as they are. */
  moves: Move[] = [NO_MOVE];
  /** The move of what was found last. */
  lastMove = 0;
  readonly start = QUICK;
  readonly #nfa: Nfa;
  /** A match may end anywhere, and only that there is one matters. */
  readonly #isTest: boolean;
  readonly #keepsOrder: boolean;
  readonly #asksBefore: boolean;
  readonly #asksAfter: boolean;
  /** By set of characters times classes plus class. */
  readonly #held: Uint8Array;
  /** By id; the first is none. */
  #states: State[] = [NO_STATE];
  #ids = new Map<number, number>();
  /** Numbers of the table in use; the first row is none. */
  #tableLength = 1;
  #cells = 0;
  #cellsBefore = 0;
  #usedAt = 0;
  /** By state of the pattern's automaton, for one step: whether it was passed, and whether the step led there. */
  #passed = new Uint32Array(FIRST_MARKS);
  #reached = new Uint32Array(FIRST_MARKS);
  #mark = 0;
  /** What one step is made of. */
  readonly #ways: number[] = [];
  readonly #slots: number[] = [];
  readonly #pending: number[] = [];
  #from: number[] | null = null;
  #notes: Notes[] | null = null;
  #endWay = 0;
  #endNotes: Notes = null;

  constructor(nfa: Nfa, isTest: boolean) {
    this.#nfa = nfa;
    this.#isTest = isTest;
    this.#keepsOrder = nfa.captures.length > 0;
    this.alphabet = new Alphabet(nfa);
    const { size, holds: held } = this.alphabet;
    this.#held = new Uint8Array(held.length * size);
    held.forEach((classes, set) => {
      this.#held.set(classes, set * size);
    });
    this.#asksBefore = asksBefore(nfa);
    this.#asksAfter = asksAfter(nfa);
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
    if (this.#cells > MAX_PATTERN_CELLS) {
      this.forget();
    }
    this.#cellsBefore = this.#cells;
    if (this.#states.length === 1) {
      this.#idOf([this.#nfa.start], EDGE);
    }
  }

  forget(): void {
    this.quick = new Int32Array(0);
    this.table = new Int32Array(0);
    this.moves = [NO_MOVE];
    this.#states = [NO_STATE];
    this.#ids = new Map();
    this.#tableLength = 1;
    this.#cells = 0;
  }

  /**
   * Finds what a class of characters leads to in a state where it was not seen before, and notes it.
   * @returns The next state or one of the constants; its move is in `lastMove`.
   */
  advance(state: number, character: number): number {
    if (this.#cells - this.#cellsBefore > MAX_TEXT_CELLS) {
      return FULL;
    }
    const { neighbours } = this.alphabet;
    const before = this.#states[state / QUICK] ?? NO_STATE;
    const following = this.#asksAfter ? (neighbours[character] ?? EDGE) : EDGE;
    const isFound = this.#follow(before, following, character);
    const ways = this.#ways;
    let next = isFound ? FOUND : DEAD;
    let move = 0;
    if (!isFound && ways.length > 0) {
      const ordered = ways.slice();
      if (!this.#keepsOrder) {
        ordered.sort((a, b) => a - b);
      }
      const preceding = this.#asksBefore ? (neighbours[character] ?? EDGE) : EDGE;
      next = this.#idOf(ordered, preceding) * QUICK;
      if (this.#keepsOrder && (this.#from !== null || this.#notes !== null)) {
        move = this.moves.push({ from: this.#from, notes: this.#notes }) - 1;
        this.#grow((this.#from?.length ?? 0) + (this.#notes?.length ?? 0) + 10);
      }
    }
    this.#note(state, character, next, move);
    return next;
  }

  /** The way that matches where the text ends in a state. */
  endOf(state: number): End | null {
    const last = this.#states[state / QUICK] ?? NO_STATE;
    if (last.end === undefined) {
      last.end = this.#follow(last, EDGE, AT_END) ? { way: this.#endWay, notes: this.#endNotes } : null;
    }
    return last.end;
  }

  /**
   * Goes on from each way of a state, in order, as far as one character leads, or to the pattern's end; the ways behind
   * the character are in `#ways` then.
   * @returns Whether a match may end before the character, where that ends it.
   */
  #follow(state: State, following: number, character: number): boolean {
    const { kinds, next, otherwise, arguments: args } = this.#nfa;
    const { size } = this.alphabet;
    const held = this.#held;
    let passed = this.#passed;
    let reached = this.#reached;
    const mark = ++this.#mark;
    const ways = this.#ways;
    const slots = this.#slots;
    /** States to go on from later, each with the number of slots noted before it. */
    const pending = this.#pending;
    const stopsAtMatch = this.#isTest || character === AT_END;
    ways.length = 0;
    this.#from = null;
    this.#notes = null;
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
            if (
              character !== AT_END &&
              held[(args[at] ?? 0) * size + character] === 1 &&
              reached[target] !== mark
            ) {
              reached[target] = mark;
              this.#addWay(target, way);
            }
            break;
          }
          if (kind === MATCH) {
            if (stopsAtMatch) {
              this.#endWay = way;
              this.#endNotes = slots.length === 0 ? null : slots.slice();
              pending.length = 0;
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

  #addWay(target: number, from: number): void {
    const place = this.#ways.push(target) - 1;
    if (!this.#keepsOrder) {
      return;
    }
    if (this.#from === null && from !== place) {
      this.#from = Array.from({ length: place }, (_, index) => index);
    }
    this.#from?.push(from);
    if (this.#notes === null && this.#slots.length > 0) {
      this.#notes = new Array<Notes>(place).fill(null);
    }
    this.#notes?.push(this.#slots.length === 0 ? null : this.#slots.slice());
  }

  #note(state: number, character: number, next: number, move: number): void {
    this.lastMove = move;
    const { quick } = this;
    if (quick[state] === NO_CHARACTER) {
      quick[state] = character;
      quick[state + 1] = next;
      quick[state + 2] = move;
      return;
    }
    let row = quick[state + 3] ?? 0;
    if (row === 0) {
      row = this.#addRow();
      quick[state + 3] = row;
    }
    this.table[row + 2 * character] = next;
    this.table[row + 2 * character + 1] = move;
  }

  #addRow(): number {
    const row = this.#tableLength;
    const { size } = this.alphabet;
    this.#tableLength += 2 * size;
    if (this.#tableLength > this.table.length) {
      const table = new Int32Array(Math.max(FIRST_ROWS * 2 * size, 2 * this.table.length));
      table.set(this.table);
      this.table = table;
    }
    this.#grow(size);
    return row;
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
    const first = this.#ids.get(hash) ?? 0;
    for (let id = first; id > 0; id = this.#states[id]?.sibling ?? 0) {
      if (this.#isState(id, ways, preceding)) {
        return id;
      }
    }
    const id = this.#states.push({ ways, preceding, sibling: first, end: undefined }) - 1;
    this.#ids.set(hash, id);
    if ((id + 1) * QUICK > this.quick.length) {
      const quick = new Int32Array(Math.max(FIRST_STATES * QUICK, 2 * this.quick.length));
      quick.set(this.quick);
      this.quick = quick;
    }
    this.quick[id * QUICK] = NO_CHARACTER;
    this.#grow(ways.length + 20);
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
