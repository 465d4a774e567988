import type { Alternation, PatternNode } from "./pattern-tree.ts";

const ASCII = 128;
const BLANKS = "\t\n\f\r ";
const DIGITS = "0123456789";
const WORDS = `${DIGITS}ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz`;
const ATOMS: ReadonlyMap<string, string> = new Map([
  ["\\s", BLANKS],
  ["\\d", DIGITS],
  ["\\w", WORDS],
]);

/** What separators mostly are: a row of ASCII characters, or of kinds of them, of which only the last may repeat. */
export class AsciiRow {
  /** Where what was found last ends. */
  end = 0;
  readonly #sets: readonly Uint8Array[];
  /** The row as a text, if it is one. */
  readonly #text: string | undefined;
  /** How often the last of the row is there. */
  readonly #min: number;
  readonly #max: number;

  constructor(parts: readonly string[], min: number, max: number) {
    this.#sets = parts.map((characters) => {
      const set = new Uint8Array(ASCII);
      for (const character of characters) {
        set[character.charCodeAt(0)] = 1;
      }
      return set;
    });
    this.#min = min;
    this.#max = max;
    this.#text =
      min === 1 && max === 1 && parts.every(({ length }) => length === 1) ? parts.join("") : undefined;
  }

  /** Where the first one at or after `from` begins; -1 for none. */
  find(text: string, from: number): number {
    if (this.#text !== undefined) {
      const at = text.indexOf(this.#text, from);
      this.end = at + this.#text.length;
      return at;
    }
    for (let at = from; at <= text.length; at++) {
      if (this.#isAt(text, at)) {
        return at;
      }
    }
    return -1;
  }

  #isAt(text: string, start: number): boolean {
    const last = this.#sets.length - 1;
    let at = start;
    for (let i = 0; i < last; i++) {
      if (this.#sets[i]?.[text.charCodeAt(at++)] !== 1) {
        return false;
      }
    }
    const set = this.#sets[last];
    let times = 0;
    while (times < this.#max && set?.[text.charCodeAt(at)] === 1) {
      at++;
      times++;
    }
    this.end = at;
    return times >= this.#min;
  }
}

/** @returns null for any other pattern. */
export function asciiRow(root: Alternation): AsciiRow | null {
  const [sequence, second] = root;
  const final = sequence?.at(-1);
  if (sequence === undefined || second !== undefined || final === undefined) {
    return null;
  }
  const isRepeated = final.kind === "repeat";
  if (isRepeated && !["*", "+", "?"].includes(final.source)) {
    return null;
  }
  const parts = [...sequence.slice(0, -1), isRepeated ? final.body : final].map(partsOf);
  const last = parts.at(-1);
  if (parts.includes(null) || (isRepeated && last?.length !== 1)) {
    return null;
  }
  const row = parts.flatMap((part) => part ?? []);
  return isRepeated ? new AsciiRow(row, final.min, final.max) : new AsciiRow(row, 1, 1);
}

/** For each character its kinds. */
function partsOf(node: PatternNode): readonly string[] | null {
  if (node.kind === "literal") {
    return [...node.text].every((character) => character.charCodeAt(0) < ASCII) ? [...node.text] : null;
  }
  const characters = node.kind === "atom" ? ATOMS.get(node.source) : undefined;
  return characters === undefined ? null : [characters];
}
