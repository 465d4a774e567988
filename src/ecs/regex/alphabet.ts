/** The characters that a pattern tells apart. */
import { type CharSet, NEWLINE, WORD_CHARACTERS } from "./char-sets.ts";
import { LINE_END, LINE_START, type Nfa, NO_WORD_BOUNDARY, WORD_BOUNDARY } from "./nfa.ts";

/** What stands beside a position, as far as assertions ask. */
export const EDGE = 0;
const OTHER = 1;
export const LINE_BREAK = 2;
export const WORD = 3;
export const NEIGHBOURS = 4;

const ASCII = 128;
/** Behind every code point. */
const END = 0x110000;

/** Code points in classes that no set of the pattern divides. */
export class Alphabet {
  readonly size: number;
  /** By class: what it is beside a position. */
  readonly neighbours: readonly number[];
  /** By set, by class: whether the set holds it. */
  readonly holds: readonly Uint8Array[];
  /** By code: the classes of ASCII's characters. */
  readonly ascii = new Uint16Array(ASCII);
  /** Where the intervals of code points begin, and their classes. */
  readonly #starts: readonly number[];
  readonly #classes: readonly number[];

  constructor(nfa: Nfa) {
    const { assertions } = nfa;
    const asksLines = assertions.includes(LINE_START) || assertions.includes(LINE_END);
    const asksWords = assertions.includes(WORD_BOUNDARY) || assertions.includes(NO_WORD_BOUNDARY);
    const nothing: CharSet = [];
    const sets = [...nfa.sets, asksLines ? NEWLINE : nothing, asksWords ? WORD_CHARACTERS : nothing];
    const cuts = new Set([0]);
    for (const set of sets) {
      for (let i = 0; i < set.length; i += 2) {
        cuts.add(set[i] ?? 0);
        cuts.add((set[i + 1] ?? 0) + 1);
      }
    }
    this.#starts = [...cuts].sort((a, b) => a - b);
    const { classes, size } = classesOf(sets, this.#starts);
    this.#classes = classes;
    this.size = size;
    const heldBy = (set: CharSet): Uint8Array => {
      const held = new Uint8Array(size);
      for (let i = 0; i < set.length; i += 2) {
        for (let at = this.#placeOf(set[i] ?? 0); (this.#starts[at] ?? END) <= (set[i + 1] ?? 0); at++) {
          held[classes[at] ?? 0] = 1;
        }
      }
      return held;
    };
    this.holds = nfa.sets.map(heldBy);
    const lines = heldBy(asksLines ? NEWLINE : nothing);
    const words = heldBy(asksWords ? WORD_CHARACTERS : nothing);
    this.neighbours = Array.from(lines, (isLine, index) =>
      isLine === 1 ? LINE_BREAK : words[index] === 1 ? WORD : OTHER,
    );
    for (let code = 0; code < ASCII; code++) {
      this.ascii[code] = this.#find(code);
    }
  }

  classOf(code: number): number {
    return code < ASCII ? (this.ascii[code] ?? 0) : this.#find(code);
  }

  #find(code: number): number {
    return this.#classes[this.#placeOf(code)] ?? 0;
  }

  /** The interval that holds the code. */
  #placeOf(code: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= code) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}

/** For each interval its class: set after set divides the classes so far by whether it holds an interval. */
function classesOf(sets: readonly CharSet[], starts: readonly number[]): { classes: number[]; size: number } {
  const places = new Map(starts.map((start, index) => [start, index]));
  const classes = starts.map(() => 0);
  let size = 1;
  for (const set of sets) {
    /** By class: how it is called where the set holds it. */
    const inside = new Map<number, number>();
    for (let i = 0; i < set.length; i += 2) {
      const from = places.get(set[i] ?? 0) ?? 0;
      const to = places.get((set[i + 1] ?? 0) + 1) ?? starts.length;
      for (let at = from; at < to; at++) {
        const outer = classes[at] ?? 0;
        const inner = inside.get(outer) ?? size++;
        inside.set(outer, inner);
        classes[at] = inner;
      }
    }
  }
  // Where a set holds all of a class, its old name is left over.
  const names = new Map<number, number>();
  for (const [at, name] of classes.entries()) {
    const index = names.get(name) ?? names.size;
    names.set(name, index);
    classes[at] = index;
  }
  return { classes, size: names.size };
}
