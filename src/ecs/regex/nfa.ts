/** A pattern's tree → a nondeterministic automaton whose choices are in order of preference, as a backtracking engine takes them. */
import {
  ANY,
  type CharSet,
  complement,
  NEWLINE,
  setOfAtom,
  UnsupportedPattern,
  withBothCases,
} from "./char-sets.ts";
import type { Alternation, PatternNode } from "./pattern-tree.ts";

export const CHARACTER = 0;
/** Two ways on, the first preferred. */
export const CHOICE = 1;
/** Notes the position as the start or the end of a capture. */
export const NOTE = 2;
export const ASSERTION = 3;
export const MATCH = 4;
/** Leads on without a character, always. */
const JUMP = 5;
/** A part of the pattern that is not written out yet; `expand` makes a jump of it. */
export const FOLDED = 6;

export const TEXT_START = 0;
export const TEXT_END = 1;
export const LINE_START = 2;
export const LINE_END = 3;
export const WORD_BOUNDARY = 4;
export const NO_WORD_BOUNDARY = 5;

export type Nfa = {
  readonly start: number;
  readonly match: number;
  /** By state: what it is, where it leads, where a choice leads else, and its set, slot or assertion. */
  readonly kinds: readonly number[];
  readonly next: readonly number[];
  readonly otherwise: readonly number[];
  readonly arguments: readonly number[];
  readonly sets: readonly CharSet[];
  /** Those that the pattern holds. */
  readonly assertions: readonly number[];
  /** Indices of the captures in the whole pattern, two slots each. */
  readonly captures: readonly number[];
  /** Writes out a folded state, which adds states. */
  expand(state: number): void;
};

/** RE2 refuses more repeats than these, nested ones multiplied. */
const MAX_REPEATS = 1000;

const NO_NEWLINE = complement(NEWLINE);

type Flags = { readonly i: boolean; readonly m: boolean; readonly s: boolean; readonly U: boolean };
type Part =
  | { readonly kind: "set"; readonly set: number }
  | { readonly kind: "text"; readonly sets: readonly number[] }
  | { readonly kind: "assertion"; readonly assertion: number }
  | { readonly kind: "sequence"; readonly items: readonly Part[] }
  | { readonly kind: "choice"; readonly branches: readonly Part[] }
  | { readonly kind: "capture"; readonly slot: number; readonly body: Part }
  | {
      readonly kind: "repeat";
      readonly body: Part;
      readonly min: number;
      readonly max: number;
      readonly isLazy: boolean;
    };

export type NfaOptions = {
  /** Whether captures are noted; they are, unless this says no. */
  readonly keepsCaptures?: boolean;
  /** Whether a match may begin anywhere in the text, the first being preferred. */
  readonly startsAnywhere?: boolean;
  /** Whether parts of the pattern stay folded until they are needed. */
  readonly isFolded?: boolean;
};

/**
 * @throws UnsupportedPattern for what the automaton cannot hold, such as more repeats than RE2 allows.
 */
export function buildNfa(
  root: Alternation,
  { keepsCaptures = true, startsAnywhere = false, isFolded = false }: NfaOptions = {},
): Nfa {
  const reader = new TreeReader(keepsCaptures);
  const pattern = reader.alternation(root, { i: false, m: false, s: false, U: false }, 1);
  const part = startsAnywhere ? reader.anywhere(pattern) : pattern;
  const writer = new NfaWriter();
  const match = writer.add(MATCH, 0, 0, 0);
  const start = writer.part(part, match);
  const { kinds, next, otherwise, args } = writer;
  const { sets, captures } = reader;
  const expand = (state: number): void => writer.expand(state);
  if (!isFolded) {
    for (let state = 0; state < kinds.length; state++) {
      if (kinds[state] === FOLDED) {
        expand(state);
      }
    }
  }
  const assertions = [...reader.assertions];
  return { start, match, kinds, next, otherwise, arguments: args, sets, assertions, captures, expand };
}

/** Resolves flags and classes. */
class TreeReader {
  readonly sets: CharSet[] = [];
  readonly captures: number[] = [];
  readonly assertions = new Set<number>();
  readonly #known = new Map<string, number>();
  readonly #setParts: Part[] = [];
  /** Of letters by their code, and of atoms by their source, both in one case. */
  readonly #sets = new Map<number | string, number>();
  /** Of bodies without captures, which may stand in the tree more than once. */
  readonly #read = new Map<
    Alternation,
    { readonly flags: Flags; readonly repeats: number; readonly part: Part }
  >();
  readonly #keepsCaptures: boolean;

  constructor(keepsCaptures: boolean) {
    this.#keepsCaptures = keepsCaptures;
  }

  anywhere(pattern: Part): Part {
    const before: Part = {
      kind: "repeat",
      body: this.#set(ANY),
      min: 0,
      max: Number.POSITIVE_INFINITY,
      isLazy: true,
    };
    return { kind: "sequence", items: [before, pattern] };
  }

  /** @param repeats How often what is around may repeat it. */
  alternation(branches: Alternation, outer: Flags, repeats: number): Part {
    let flags = outer;
    const parts = branches.map((branch): Part => {
      const items: Part[] = [];
      for (const node of branch) {
        if (node.kind === "flags") {
          flags = changed(flags, node.flags);
        } else {
          this.#node(node, flags, repeats, items);
        }
      }
      return { kind: "sequence", items };
    });
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "choice", branches: parts };
  }

  #node(node: PatternNode, flags: Flags, repeats: number, into: Part[]): void {
    switch (node.kind) {
      case "literal": {
        const sets: number[] = [];
        for (const character of node.text) {
          const code = character.codePointAt(0) ?? 0;
          sets.push(this.#setOf(code, flags.i, () => (flags.i ? withBothCases([code, code]) : [code, code])));
        }
        into.push({ kind: "text", sets });
        return;
      }
      case "atom":
        into.push(
          node.source === "."
            ? this.#set(flags.s ? ANY : NO_NEWLINE)
            : this.#partOf(this.#setOf(node.source, flags.i, () => setOfAtom(node.source, flags.i))),
        );
        return;
      case "assertion": {
        const assertion = assertionOf(node.source, flags);
        this.assertions.add(assertion);
        into.push({ kind: "assertion", assertion });
        return;
      }
      case "group":
        into.push(this.#group(node, flags, repeats));
        return;
      case "repeat":
        into.push(this.#repeat(node, flags, repeats));
        return;
      case "flags":
        return;
    }
  }

  #group(node: PatternNode & { kind: "group" }, flags: Flags, repeats: number): Part {
    const inner = changed(flags, node.flags);
    if (node.capture === null || !this.#keepsCaptures) {
      return this.#body(node.body, inner, repeats);
    }
    const slot = this.captures.push(node.capture) - 1;
    return { kind: "capture", slot, body: this.#body(node.body, inner, repeats) };
  }

  #body(body: Alternation, flags: Flags, repeats: number): Part {
    const known = this.#read.get(body);
    if (known?.repeats === repeats && isSame(known.flags, flags)) {
      return known.part;
    }
    const captures = this.captures.length;
    const part = this.alternation(body, flags, repeats);
    if (this.captures.length === captures) {
      this.#read.set(body, { flags, repeats, part });
    }
    return part;
  }

  #repeat(node: PatternNode & { kind: "repeat" }, flags: Flags, repeats: number): Part {
    const isCounted = node.source.startsWith("{");
    const times = isCounted ? Math.max(node.min, Number.isFinite(node.max) ? node.max : 0, 1) : 1;
    if (repeats * times > MAX_REPEATS || node.max < node.min) {
      throw new UnsupportedPattern("too many repeats");
    }
    const items: Part[] = [];
    this.#node(node.body, flags, repeats * times, items);
    const body: Part = items.length === 1 && items[0] !== undefined ? items[0] : { kind: "sequence", items };
    const isLazy = (node.source.length > 1 && node.source.endsWith("?")) !== flags.U;
    return { kind: "repeat", body, min: node.min, max: node.max, isLazy };
  }

  /** @param key Of the set, where its letters stand for one case only. */
  #setOf(key: number | string, ignoresCase: boolean, make: () => CharSet): number {
    const known = ignoresCase ? undefined : this.#sets.get(key);
    if (known !== undefined) {
      return known;
    }
    const index = this.#indexOf(make());
    if (!ignoresCase) {
      this.#sets.set(key, index);
    }
    return index;
  }

  #set(set: CharSet): Part {
    return this.#partOf(this.#indexOf(set));
  }

  #partOf(index: number): Part {
    const part = this.#setParts[index] ?? { kind: "set", set: index };
    this.#setParts[index] = part;
    return part;
  }

  #indexOf(set: CharSet): number {
    const key = set.join();
    let index = this.#known.get(key);
    if (index === undefined) {
      index = this.sets.push(set) - 1;
      this.#known.set(key, index);
    }
    return index;
  }
}

function isSame(a: Flags, b: Flags): boolean {
  return a.i === b.i && a.m === b.m && a.s === b.s && a.U === b.U;
}

function changed(flags: Flags, change: string): Flags {
  if (change === "") {
    return flags;
  }
  const [on = "", off = ""] = change.split("-");
  const value = (flag: keyof Flags): boolean => (flags[flag] || on.includes(flag)) && !off.includes(flag);
  return { i: value("i"), m: value("m"), s: value("s"), U: value("U") };
}

function assertionOf(source: string, flags: Flags): number {
  switch (source) {
    case "^":
      return flags.m ? LINE_START : TEXT_START;
    case "$":
      return flags.m ? LINE_END : TEXT_END;
    case "\\A":
      return TEXT_START;
    case "\\z":
      return TEXT_END;
    case "\\b":
      return WORD_BOUNDARY;
    default:
      return NO_WORD_BOUNDARY;
  }
}

/** Whether a part may take no character. */
function isNullable(part: Part): boolean {
  switch (part.kind) {
    case "set":
      return false;
    case "text":
      return part.sets.length === 0;
    case "assertion":
      return true;
    case "sequence":
      return part.items.every(isNullable);
    case "choice":
      return part.branches.some(isNullable);
    case "capture":
      return isNullable(part.body);
    case "repeat":
      return part.min === 0 || isNullable(part.body);
  }
}

/** A part that is not written out, from one of its items on, and the state behind it. */
type Folded = { readonly part: Part; readonly from: number; readonly next: number };

/** Writes states from the end of the pattern to its start, so that each knows where it leads. */
class NfaWriter {
  readonly kinds: number[] = [];
  readonly next: number[] = [];
  readonly otherwise: number[] = [];
  readonly args: number[] = [];
  readonly #folded: (Folded | undefined)[] = [];

  add(kind: number, next: number, otherwise: number, argument: number): number {
    this.kinds.push(kind);
    this.next.push(next);
    this.otherwise.push(otherwise);
    return this.args.push(argument) - 1;
  }

  expand(state: number): void {
    const index = this.args[state] ?? 0;
    const folded = this.#folded[index];
    this.#folded[index] = undefined;
    if (folded !== undefined) {
      this.kinds[state] = JUMP;
      this.next[state] = this.part(folded.part, folded.next, folded.from);
    }
  }

  /**
   * @param from For a sequence, the item to begin with.
   * @returns The state that the part begins with, where `next` is what follows it.
   */
  part(part: Part, next: number, from = 0): number {
    switch (part.kind) {
      case "set":
        return this.add(CHARACTER, next, -1, part.set);
      case "text":
        return part.sets.reduceRight((after, set) => this.add(CHARACTER, after, -1, set), next);
      case "assertion":
        return this.add(ASSERTION, next, -1, part.assertion);
      case "sequence": {
        const item = part.items[from];
        if (item === undefined) {
          return next;
        }
        return this.part(item, from + 1 === part.items.length ? next : this.#fold(part, next, from + 1));
      }
      case "choice": {
        const starts = part.branches.map((branch) => this.#fold(branch, next, 0));
        return starts.reduceRight((others, start) => this.add(CHOICE, start, others, 0));
      }
      case "capture": {
        const body = this.#fold(part.body, this.add(NOTE, next, -1, 2 * part.slot + 1), 0);
        return this.add(NOTE, body, -1, 2 * part.slot);
      }
      case "repeat":
        return this.#repeat(part, next);
    }
  }

  #fold(part: Part, next: number, from: number): number {
    return this.add(FOLDED, -1, -1, this.#folded.push({ part, from, next }) - 1);
  }

  #repeat({ body, min, max, isLazy }: Part & { kind: "repeat" }, next: number): number {
    let start = next;
    if (max === Number.POSITIVE_INFINITY) {
      const choice = this.add(CHOICE, -1, -1, 0);
      const loop = this.#fold(body, choice, 0);
      this.next[choice] = isLazy ? next : loop;
      this.otherwise[choice] = isLazy ? loop : next;
      // Around what may take nothing, "none at all" is a choice of its own, made before the loop is entered.
      const first = isNullable(body) ? this.#choice(loop, next, isLazy) : choice;
      start = min === 0 ? first : loop;
      for (let i = 1; i < min; i++) {
        start = this.#fold(body, start, 0);
      }
      return start;
    }
    for (let i = min; i < max; i++) {
      const once = this.#fold(body, start, 0);
      start = this.#choice(once, next, isLazy);
    }
    for (let i = 0; i < min; i++) {
      start = this.#fold(body, start, 0);
    }
    return start;
  }

  #choice(once: number, none: number, isLazy: boolean): number {
    return isLazy ? this.add(CHOICE, none, once, 0) : this.add(CHOICE, once, none, 0);
  }
}
