/** One alternative of a pattern against whole texts. */
import { Automaton } from "./automaton.ts";
import { UnsupportedPattern } from "./char-sets.ts";
import { emitPattern, estimateSize } from "./emit.ts";
import { buildNfa, type Dropped } from "./nfa.ts";
import type { PatternNode, Sequence } from "./pattern-tree.ts";
import { compileProgram, type Program } from "./re2js-program.ts";
import { holdsAll, literalPrefix, literalSuffix, requiredLiterals } from "./required-literals.ts";
import type { Found } from "./searcher.ts";

/** From this size on it pays to leave out what cannot match the text at hand. */
const PRUNE_FROM_SIZE = 120;
/** Automatons kept for a branch, one for each set of parts left out; past them the unpruned one is used. */
const MAX_PRUNED = 32;

type Optional = { readonly part: Sequence | PatternNode; readonly required: readonly string[] };
type Compiled = {
  readonly automaton: Automaton | undefined;
  readonly captures: readonly number[];
};

/** In a full match the first alternative that fits wins, so each may be tried alone. */
export class FullMatchBranch {
  readonly #sequence: Sequence;
  readonly #required: readonly string[];
  readonly #prefix: string;
  readonly #suffix: string;
  readonly #optional: readonly Optional[];
  readonly #compiled = new Map<string, Compiled>();
  #fallback: { readonly program: Program; readonly captures: readonly number[] } | undefined;

  constructor(sequence: Sequence, usesTexts: boolean) {
    this.#sequence = sequence;
    this.#required = usesTexts ? requiredLiterals(sequence) : [];
    this.#prefix = usesTexts ? literalPrefix(sequence) : "";
    this.#suffix = usesTexts ? literalSuffix(sequence) : "";
    const isLarge = usesTexts && estimateSize([sequence]) >= PRUNE_FROM_SIZE;
    this.#optional = isLarge ? optionalParts(sequence) : [];
  }

  match(text: string): Found | null {
    if (!text.startsWith(this.#prefix) || !text.endsWith(this.#suffix) || !holdsAll(text, this.#required)) {
      return null;
    }
    const { automaton, captures } = this.#compiledFor(text);
    if (automaton !== undefined) {
      const notes = automaton.note(text);
      if (notes === null) return null;
      if (notes !== undefined) {
        if (!automaton.isMatchAt(notes, 0)) return null;
        const spans = captures.length === 0 ? [0, text.length] : automaton.follow(notes, 0);
        return { spans, captures };
      }
    }
    return this.#matchByRe2(text);
  }

  /** What is optional and needs a text that is missing can be left out without a change of meaning. */
  #compiledFor(text: string): Compiled {
    let key = "";
    for (let index = 0; index < this.#optional.length; index++) {
      if (!holdsAll(text, this.#optional[index]?.required ?? [])) {
        key += String.fromCharCode(index);
      }
    }
    let compiled = this.#compiled.get(key);
    if (compiled === undefined) {
      if (this.#compiled.size >= MAX_PRUNED) {
        key = "";
        compiled = this.#compiled.get(key);
      }
      compiled ??= compile(this.#sequence, this.#without(key));
      this.#compiled.set(key, compiled);
    }
    return compiled;
  }

  /** @param key One character for each optional part that is left out. */
  #without(key: string): Dropped {
    // A part may be a sequence, itself a list: it is left out as a whole, never its items alone.
    return new Set(
      this.#optional.filter((_, index) => key.includes(String.fromCharCode(index))).map(({ part }) => part),
    );
  }

  #matchByRe2(text: string): Found | null {
    if (this.#fallback === undefined) {
      const { source, captures } = emitPattern([this.#sequence]);
      // The leading ^ lets re2js use its one-pass machine where a pattern allows it.
      this.#fallback = { program: compileProgram(`^(?:${source})$`), captures };
    }
    const spans = this.#fallback.program.run(text, 0);
    return spans === null ? null : { spans, captures: this.#fallback.captures };
  }
}

function compile(sequence: Sequence, dropped: Dropped): Compiled {
  try {
    const nfa = buildNfa([sequence], dropped);
    return { automaton: new Automaton(nfa, false), captures: nfa.captures };
  } catch (error) {
    if (error instanceof UnsupportedPattern) return { automaton: undefined, captures: [] };
    throw error;
  }
}

/** The alternatives and the parts that may be missing, as far as they need some text. */
function optionalParts(sequence: Sequence): Optional[] {
  const found: Optional[] = [];
  const add = (part: Sequence | PatternNode, required: readonly string[]): void => {
    if (required.length > 0) {
      found.push({ part, required });
    }
  };
  const visit = (node: PatternNode): void => {
    if (node.kind === "repeat") {
      if (node.min === 0) {
        add(node, requiredLiterals([node.body]));
      }
      visit(node.body);
    }
    if (node.kind === "group") {
      for (const branch of node.body) {
        if (node.body.length > 1) {
          add(branch, requiredLiterals(branch));
        }
        branch.forEach(visit);
      }
    }
  };
  sequence.forEach(visit);
  return found;
}
