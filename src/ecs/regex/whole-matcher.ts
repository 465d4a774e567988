/**
 * A pattern against whole texts, all its alternatives at once: one pass forward finds whether it matches and by which way,
 * and a look back along that way, at the few characters where it was noted or changed, finds the captures.
 */
import { ForwardStates, FULL, UNKNOWN } from "./forward-states.ts";
import type { Nfa } from "./nfa.ts";

/** Of each group that took part, in their order: its index, its start and its end. */
export type Captured = readonly number[];

const NOTHING: Captured = [];
/** Characters of a text for which room is kept. */
const FIRST_CHARS = 16_384;
/** For each character with a move: where it stands, and the move. */
let steps = new Int32Array(2 * FIRST_CHARS);

export class WholeMatcher {
  readonly #states: ForwardStates;
  readonly #captures: readonly number[];
  /** Start and end of each capture; -1 between two texts. */
  readonly #spans: Int32Array;

  constructor(nfa: Nfa) {
    this.#states = new ForwardStates(nfa, false);
    this.#captures = nfa.captures;
    this.#spans = new Int32Array(2 * nfa.captures.length).fill(-1);
  }

  /** @returns undefined when the text would take more memory than it may. */
  match(text: string): Captured | null | undefined {
    this.#states.begin();
    const states = this.#states;
    const { ascii } = states.alphabet;
    if (2 * text.length > steps.length) {
      steps = new Int32Array(2 * text.length);
    }
    let { quick, table } = states;
    let state: number = states.start;
    let count = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const start = at;
      let character: number;
      if (code < ascii.length) {
        character = ascii[code] ?? 0;
      } else {
        const whole = text.codePointAt(at) ?? code;
        character = states.alphabet.classOf(whole);
        if (whole > 0xffff) {
          at++;
        }
      }
      let next: number;
      let move: number;
      if (quick[state] === character) {
        next = quick[state + 1] ?? UNKNOWN;
        move = quick[state + 2] ?? 0;
      } else {
        const row = quick[state + 3] ?? 0;
        next = row === 0 ? UNKNOWN : (table[row + 2 * character] ?? UNKNOWN);
        if (next === UNKNOWN) {
          next = states.advance(state, character);
          move = states.lastMove;
          quick = states.quick;
          table = states.table;
        } else {
          move = table[row + 2 * character + 1] ?? 0;
        }
      }
      if (next < UNKNOWN) {
        return next === FULL ? undefined : null;
      }
      if (move !== 0) {
        steps[count++] = start;
        steps[count++] = move;
      }
      state = next;
    }
    const end = states.endOf(state);
    if (end === null) {
      return null;
    }
    return this.#captures.length === 0 ? NOTHING : this.#lookBack(text.length, end.way, end.notes, count);
  }

  #lookBack(length: number, endWay: number, endNotes: readonly number[] | null, count: number): Captured {
    const { moves } = this.#states;
    const spans = this.#spans;
    const taken: number[] = [];
    let way = endWay;
    let notes = endNotes;
    let at = length;
    for (;;) {
      if (notes !== null) {
        for (const slot of notes) {
          // Of several turns of a loop the last one counts, which is met first.
          if (spans[slot] === -1) {
            spans[slot] = at;
            if ((slot & 1) === 1) {
              taken.push(slot >> 1);
            }
          }
        }
      }
      if (count === 0) {
        break;
      }
      const move = moves[steps[--count] ?? 0];
      at = steps[--count] ?? 0;
      notes = move?.notes?.[way] ?? null;
      way = move?.from?.[way] ?? way;
    }
    taken.sort((a, b) => a - b);
    const captured: number[] = [];
    for (const index of taken) {
      captured.push(this.#captures[index] ?? 0, spans[2 * index] ?? 0, spans[2 * index + 1] ?? 0);
      spans[2 * index] = -1;
      spans[2 * index + 1] = -1;
    }
    return captured;
  }
}
