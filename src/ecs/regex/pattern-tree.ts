/**
 * The pattern language of the formats as a tree: RE2's syntax, plus what authors write by habit
 * (stray braces, `\Z`, `\u00e9`). Look-around, back-references, atomic groups and possessive
 * quantifiers are refused, since nothing linear can run them.
 */

export type PatternNode =
  | { readonly kind: "literal"; readonly text: string }
  /** Something that takes one character: a class, a dot, `\d`. */
  | { readonly kind: "atom"; readonly source: string }
  /** Something that takes none: `^`, `\b`. */
  | { readonly kind: "assertion"; readonly source: string }
  /** Flags for the rest of the enclosing group, such as `(?i)`. */
  | { readonly kind: "flags"; readonly flags: string }
  | {
      readonly kind: "group";
      /** Index of the capture, from 0 in order of the opening brackets; null for none. */
      readonly capture: number | null;
      readonly flags: string;
      readonly body: Alternation;
    }
  | {
      readonly kind: "repeat";
      readonly body: PatternNode;
      readonly source: string;
      readonly min: number;
      readonly max: number;
    };

export type Sequence = readonly PatternNode[];
/** At least one branch, each of which may be empty. */
export type Alternation = readonly Sequence[];

/** A group whose pattern stands elsewhere. */
export type PatternReference =
  | { readonly length: number; readonly name: string; readonly pattern: string }
  /** Why it leads nowhere. */
  | { readonly problem: string };

export type PatternTree = {
  readonly root: Alternation;
  /** For each capture its name, or null for an unnamed one. */
  readonly names: readonly (string | null)[];
  readonly ignoresCase: boolean;
};

/** The pattern cannot be used. Kept inside the room: callers get a `StageFailure`. */
export class PatternError extends Error {}

/** Deeper nesting than any hand-written pattern needs; the parser descends once for each level. */
const MAX_DEPTH = 200;
const CLASS_ESCAPES = "dDwWsS";
const CONTROL_ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  f: "\f",
  v: "\v",
  a: "\x07",
};
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Patterns that patterns refer to, inside each other; one that names itself would never end. */
const MAX_REFERENCES = 50;

export type ParseOptions = {
  /** Whether `(x)` captures; otherwise only `(?P<name>x)` and `(?<name>x)` do. */
  readonly keepUnnamed: boolean;
  /** Whether a named group captures. */
  readonly isKept?: (name: string) => boolean;
  readonly referenceAt?: (pattern: string, at: number) => PatternReference | null;
  /** Characters of the pattern and of those it refers to. */
  readonly maxChars: number;
};

/** @throws PatternError for what is not a pattern. */
export function parsePattern(pattern: string, options: ParseOptions): PatternTree {
  const shared: Shared = { names: [], ignoresCase: false, charsLeft: options.maxChars, plain: new Map() };
  const root = new PatternParser(pattern, options, shared, 0).whole();
  return { root, names: shared.names, ignoresCase: shared.ignoresCase };
}

/** What the parsers of a pattern and of those it refers to have in common. */
type Shared = {
  readonly names: (string | null)[];
  ignoresCase: boolean;
  charsLeft: number;
  /** Trees of patterns without captures, which serve each reference to them. */
  readonly plain: Map<string, Alternation>;
};

class PatternParser {
  position = 0;
  readonly #pattern: string;
  readonly #options: ParseOptions;
  readonly #shared: Shared;
  /** How many patterns this one is inside of. */
  readonly #references: number;

  constructor(pattern: string, options: ParseOptions, shared: Shared, references: number) {
    this.#pattern = pattern;
    this.#options = options;
    this.#shared = shared;
    this.#references = references;
    shared.charsLeft -= pattern.length;
    if (references > MAX_REFERENCES || shared.charsLeft < 0) {
      throw new PatternError("the patterns name each other without end, or are too large together");
    }
  }

  whole(): Alternation {
    const root = this.alternation(0);
    if (!this.isAtEnd()) {
      throw new PatternError(`unbalanced ")" at character ${this.position + 1}`);
    }
    return root;
  }

  isAtEnd(): boolean {
    return this.position >= this.#pattern.length;
  }

  alternation(depth: number): Alternation {
    if (depth > MAX_DEPTH) {
      throw new PatternError(`more than ${MAX_DEPTH} brackets inside each other`);
    }
    const branches: Sequence[] = [];
    let nodes: PatternNode[] = [];
    for (;;) {
      const character = this.#pattern[this.position];
      if (character === undefined || character === ")") {
        break;
      }
      if (character === "|") {
        this.position++;
        branches.push(mergeLiterals(nodes));
        nodes = [];
        continue;
      }
      nodes.push(this.#repeated(this.#item(depth)));
    }
    branches.push(mergeLiterals(nodes));
    return branches;
  }

  #item(depth: number): PatternNode {
    const start = this.position;
    const character = String.fromCodePoint(this.#pattern.codePointAt(start) ?? 0);
    const reference = character === "%" ? this.#reference() : null;
    if (reference !== null) {
      return reference;
    }
    switch (character) {
      case "(":
        return this.#group(depth);
      case "[":
        return this.#characterClass();
      case "\\":
        return this.#escape();
      case ".":
        this.position++;
        return { kind: "atom", source: "." };
      case "^":
      case "$":
        this.position++;
        return { kind: "assertion", source: character };
      case "*":
      case "+":
      case "?":
        throw new PatternError(`nothing to repeat at character ${start + 1}`);
      default:
        this.position += character.length;
        return { kind: "literal", text: character };
    }
  }

  #repeated(body: PatternNode): PatternNode {
    const bounds = this.#quantifier();
    if (bounds === null) {
      return body;
    }
    if (body.kind === "flags") {
      throw new PatternError(`nothing to repeat at character ${this.position}`);
    }
    let source = bounds.source;
    if (this.#pattern[this.position] === "?") {
      source += "?";
      this.position++;
    }
    if (this.#quantifier() !== null) {
      throw new PatternError(`two quantifiers in a row at character ${this.position}`);
    }
    return { kind: "repeat", body, source, min: bounds.min, max: bounds.max };
  }

  /** A brace that opens no repetition is text. */
  #quantifier(): { source: string; min: number; max: number } | null {
    const character = this.#pattern[this.position];
    if (character === "*" || character === "+" || character === "?") {
      this.position++;
      const max = character === "?" ? 1 : Number.POSITIVE_INFINITY;
      return { source: character, min: character === "+" ? 1 : 0, max };
    }
    if (character !== "{") {
      return null;
    }
    const counted = COUNTED.exec(this.#pattern.slice(this.position, this.position + 20));
    if (counted === null) {
      return null;
    }
    this.position += counted[0].length;
    const min = Number(counted[1]);
    const open = counted[2] !== undefined;
    const max = open ? (counted[3] === "" ? Number.POSITIVE_INFINITY : Number(counted[3])) : min;
    return { source: counted[0], min, max };
  }

  #group(depth: number): PatternNode {
    const opening = GROUP_OPENING.exec(this.#pattern.slice(this.position, this.position + 200));
    if (opening === null) {
      if (this.#pattern[this.position + 1] === "?") {
        throw new PatternError(
          `unsupported "(?" at character ${this.position + 1}: no look-around, no atomic group`,
        );
      }
      this.position++;
      const capture = this.#options.keepUnnamed ? this.#shared.names.push(null) - 1 : null;
      return this.#closed({ kind: "group", capture, flags: "", body: this.alternation(depth + 1) });
    }
    const [whole, name, flags = "", end] = opening;
    this.position += whole.length;
    if (name !== undefined) {
      const capture = this.#captureOf(name);
      return this.#closed({ kind: "group", capture, flags: "", body: this.alternation(depth + 1) });
    }
    if (flags.includes("i")) {
      this.#shared.ignoresCase = true;
    }
    if (end === ")") {
      return { kind: "flags", flags };
    }
    return this.#closed({ kind: "group", capture: null, flags, body: this.alternation(depth + 1) });
  }

  /** The index of a named group's capture. */
  #captureOf(name: string): number | null {
    return this.#options.isKept?.(name) === false ? null : this.#shared.names.push(name) - 1;
  }

  #reference(): PatternNode | null {
    const reference = this.#options.referenceAt?.(this.#pattern, this.position) ?? null;
    if (reference === null) {
      return null;
    }
    if ("problem" in reference) {
      throw new PatternError(reference.problem);
    }
    this.position += reference.length;
    const { names, plain } = this.#shared;
    const capture = this.#captureOf(reference.name);
    let body = plain.get(reference.pattern);
    if (body === undefined) {
      const captures = names.length;
      body = new PatternParser(reference.pattern, this.#options, this.#shared, this.#references + 1).whole();
      if (names.length === captures) {
        plain.set(reference.pattern, body);
      }
    }
    return { kind: "group", capture, flags: "", body };
  }

  #closed(group: PatternNode): PatternNode {
    if (this.#pattern[this.position] !== ")") {
      throw new PatternError('a "(" is never closed');
    }
    this.position++;
    return group;
  }

  #characterClass(): PatternNode {
    let source = "[";
    let at = this.position + 1;
    if (this.#pattern[at] === "^") {
      source += this.#pattern[at++];
    }
    let first = true;
    for (;;) {
      const character = this.#pattern[at];
      if (character === undefined) {
        throw new PatternError('a "[" is never closed');
      }
      if (character === "]" && !first) {
        break;
      }
      first = false;
      const named = character === "[" ? POSIX_CLASS.exec(this.#pattern.slice(at, at + 20)) : null;
      if (named !== null) {
        source += named[0];
        at += named[0].length;
      } else if (character === "\\") {
        this.position = at;
        source += this.#classEscape();
        at = this.position;
      } else {
        source += character === "]" || character === "[" ? `\\${character}` : character;
        at++;
      }
    }
    this.position = at + 1;
    return { kind: "atom", source: `${source}]` };
  }

  #classEscape(): string {
    if (this.#pattern[this.position + 1] === "b") {
      this.position += 2;
      return "\\x08";
    }
    const node = this.#escape();
    if (node.kind === "literal") {
      return `\\x{${(node.text.codePointAt(0) ?? 0).toString(16)}}`;
    }
    if (node.kind === "atom") {
      return node.source;
    }
    throw new PatternError(`unsupported escape in a class at character ${this.position}`);
  }

  #escape(): PatternNode {
    const character = this.#pattern[this.position + 1];
    if (character === undefined) {
      throw new PatternError("a backslash at the end");
    }
    const start = this.position;
    this.position += 2;
    if (CLASS_ESCAPES.includes(character)) {
      return { kind: "atom", source: `\\${character}` };
    }
    if (character === "b" || character === "B" || character === "A") {
      return { kind: "assertion", source: `\\${character}` };
    }
    if (character === "z" || character === "Z") {
      return { kind: "assertion", source: "\\z" };
    }
    const control = CONTROL_ESCAPES[character];
    if (control !== undefined) {
      return { kind: "literal", text: control };
    }
    const digits = HEX_DIGITS[character];
    if (digits !== undefined) {
      return this.#hexEscape(start, digits);
    }
    if (character === "p" || character === "P") {
      const property = PROPERTY.exec(this.#pattern.slice(start, start + 40));
      if (property === null) {
        throw new PatternError(`unfinished \\${character} at character ${start + 1}`);
      }
      this.position = start + property[0].length;
      return { kind: "atom", source: property[0] };
    }
    if (character === "0") {
      return { kind: "literal", text: "\0" };
    }
    if (/[0-9A-Za-z]/.test(character)) {
      throw new PatternError(`unsupported escape \\${character} at character ${start + 1}`);
    }
    const text = String.fromCodePoint(this.#pattern.codePointAt(start + 1) ?? 0);
    this.position = start + 1 + text.length;
    return { kind: "literal", text };
  }

  #hexEscape(start: number, digits: number): PatternNode {
    const rest = this.#pattern.slice(start + 2, start + 12);
    const found = /^\{([0-9A-Fa-f]{1,6})\}/.exec(rest) ?? new RegExp(`^([0-9A-Fa-f]{${digits}})`).exec(rest);
    const code = Number.parseInt(found?.[1] ?? "", 16);
    if (found === null || code > 0x10ffff) {
      throw new PatternError(`bad character code at character ${start + 1}`);
    }
    this.position = start + 2 + found[0].length;
    return { kind: "literal", text: String.fromCodePoint(code) };
  }
}

const COUNTED = /^\{(\d+)(,(\d*))?\}/;
const GROUP_OPENING = /^\(\?(?:P?<([^>=!][^>]*)>|([imsU]*(?:-[imsU]+)?)([:)]))/;
const POSIX_CLASS = /^\[:\^?[a-z]+:\]/;
const PROPERTY = /^\\[pP](?:[A-Z]|\{\^?\w+\})/;

/** Neighbouring characters become one text, so that a matcher can look for it as a whole. */
function mergeLiterals(nodes: readonly PatternNode[]): Sequence {
  const merged: PatternNode[] = [];
  for (const node of nodes) {
    const last = merged.at(-1);
    if (node.kind === "literal" && last?.kind === "literal") {
      merged[merged.length - 1] = { kind: "literal", text: last.text + node.text };
    } else {
      merged.push(node);
    }
  }
  return merged;
}
