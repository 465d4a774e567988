/**
 * Whether a text can begin a match at all, found from its first characters: most alternatives of a format's patterns end
 * there. Assertions are taken to hold, so a yes is a guess, and a no is sure.
 */
import type { Alphabet } from "./alphabet.ts";
import { CHARACTER, CHOICE, MATCH, type Nfa } from "./nfa.ts";

/** Characters that are looked at. */
const MAX_CHARS = 32;
/** Sets of states that are remembered; past them the answer is yes. */
const MAX_SETS = 64;
const DEAD = -1;

export class ForwardProbe {
  readonly #nfa: Nfa;
  readonly #alphabet: Alphabet;
  /** Sets of states that take a character, the pattern's start first. */
  readonly #sets: (readonly number[])[] = [];
  readonly #ids = new Map<string, number>();
  /** By set and class: one more than the next set; 0 is not known yet. */
  readonly #table: number[] = [];

  constructor(nfa: Nfa, alphabet: Alphabet) {
    this.#nfa = nfa;
    this.#alphabet = alphabet;
    this.#idOf([nfa.start]);
  }

  mayMatch(text: string): boolean {
    const end = Math.min(text.length, MAX_CHARS);
    const { ascii, size } = this.#alphabet;
    let set = 0;
    for (let at = 0; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code >= ascii.length) {
        return true;
      }
      const cell = set * size + (ascii[code] ?? 0);
      let next = this.#table[cell] ?? 0;
      if (next === 0) {
        next = this.#next(set, ascii[code] ?? 0);
        if (next === 0) {
          return true;
        }
        this.#table[cell] = next;
      }
      if (next === DEAD) {
        return false;
      }
      set = next - 1;
    }
    return true;
  }

  #next(set: number, character: number): number {
    const { next, arguments: args } = this.#nfa;
    const taken = (this.#sets[set] ?? []).filter(
      (state) => this.#alphabet.holds[args[state] ?? 0]?.[character] === 1,
    );
    return taken.length === 0 ? DEAD : this.#idOf(taken.map((state) => next[state] ?? 0)) + 1;
  }

  /** -1 when there are too many sets. */
  #idOf(states: readonly number[]): number {
    const set = this.#taking(states);
    const key = set.join();
    const known = this.#ids.get(key);
    if (known !== undefined) {
      return known;
    }
    if (this.#sets.length >= MAX_SETS) {
      return -1;
    }
    const id = this.#sets.push(set) - 1;
    this.#ids.set(key, id);
    for (let i = 0; i < this.#alphabet.size; i++) {
      this.#table.push(0);
    }
    return id;
  }

  #taking(states: readonly number[]): readonly number[] {
    const { kinds, next, otherwise } = this.#nfa;
    const seen = new Set<number>();
    const pending = [...states];
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      if (seen.has(state)) {
        continue;
      }
      seen.add(state);
      const kind = kinds[state];
      if (kind === CHARACTER || kind === MATCH) {
        continue;
      }
      pending.push(next[state] ?? 0);
      if (kind === CHOICE) {
        pending.push(otherwise[state] ?? 0);
      }
    }
    return [...seen].filter((state) => kinds[state] === CHARACTER).sort((a, b) => a - b);
  }
}
