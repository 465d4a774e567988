/** The characters that a pattern tells apart. */
import { type CharSet, NEWLINE, WORD_CHARACTERS } from "./char-sets.ts";
import { ASSERTION, LINE_END, LINE_START, type Nfa, NO_WORD_BOUNDARY, WORD_BOUNDARY } from "./nfa.ts";

/** What stands beside a position, as far as assertions ask. */
export const EDGE = 0;
const OTHER = 1;
export const LINE_BREAK = 2;
export const WORD = 3;
export const NEIGHBOURS = 4;

const ASCII = 128;

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
    const asked = nfa.kinds.map((kind, state) => (kind === ASSERTION ? (nfa.arguments[state] ?? -1) : -1));
    const asksLines = asked.includes(LINE_START) || asked.includes(LINE_END);
    const asksWords = asked.includes(WORD_BOUNDARY) || asked.includes(NO_WORD_BOUNDARY);
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
    const signatures = signaturesOf(sets, this.#starts);
    const known = new Map<string, number>();
    this.#classes = signatures.map((signature) => {
      const index = known.get(signature) ?? known.size;
      known.set(signature, index);
      return index;
    });
    this.size = known.size;
    const members = [...known.keys()].map((signature) => new Set(signature.split(",").map(Number)));
    const { length } = nfa.sets;
    this.holds = nfa.sets.map((_, set) => Uint8Array.from(members, (held) => (held.has(set + 1) ? 1 : 0)));
    this.neighbours = members.map((held) =>
      held.has(length + 1) ? LINE_BREAK : held.has(length + 2) ? WORD : OTHER,
    );
    for (let code = 0; code < ASCII; code++) {
      this.ascii[code] = this.#find(code);
    }
  }

  classOf(code: number): number {
    return code < ASCII ? (this.ascii[code] ?? 0) : this.#find(code);
  }

  #find(code: number): number {
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
    return this.#classes[low] ?? 0;
  }
}

/** For each interval the sets that hold it, as text; sets count from 1. */
function signaturesOf(sets: readonly CharSet[], starts: readonly number[]): string[] {
  const places = new Map(starts.map((start, index) => [start, index]));
  const signatures = starts.map(() => "0");
  sets.forEach((set, index) => {
    for (let i = 0; i < set.length; i += 2) {
      const from = places.get(set[i] ?? 0) ?? 0;
      const to = places.get((set[i + 1] ?? 0) + 1) ?? starts.length;
      for (let at = from; at < to; at++) {
        signatures[at] += `,${index + 1}`;
      }
    }
  });
  return signatures;
}
