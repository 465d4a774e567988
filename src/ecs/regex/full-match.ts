/** One alternative of a pattern against whole texts. */
import { Automaton } from "./automaton.ts";
import { UnsupportedPattern } from "./char-sets.ts";
import { emitPattern } from "./emit.ts";
import { ForwardProbe } from "./forward-probe.ts";
import { buildNfa } from "./nfa.ts";
import type { Sequence } from "./pattern-tree.ts";
import { compileProgram, type Program } from "./re2js-program.ts";
import { holdsAll, literalPrefix, literalSuffix, requiredLiterals } from "./required-literals.ts";
import type { Found } from "./searcher.ts";
import { trailFor } from "./trail.ts";

type Machine = {
  readonly probe: ForwardProbe;
  readonly automaton: Automaton;
  readonly captures: readonly number[];
};

/** In a full match the first alternative that fits wins, so each may be tried alone. */
export class FullMatchBranch {
  readonly #sequence: Sequence;
  readonly #required: readonly string[];
  readonly #prefix: string;
  readonly #suffix: string;
  /** Built when a text needs it; null for a pattern that only re2js can run. */
  #machine: Machine | null | undefined;
  #fallback: { readonly program: Program; readonly captures: readonly number[] } | undefined;

  constructor(sequence: Sequence, usesTexts: boolean) {
    this.#sequence = sequence;
    this.#required = usesTexts ? requiredLiterals(sequence) : [];
    this.#prefix = usesTexts ? literalPrefix(sequence) : "";
    this.#suffix = usesTexts ? literalSuffix(sequence) : "";
  }

  match(text: string): Found | null {
    if (!text.startsWith(this.#prefix) || !text.endsWith(this.#suffix) || !holdsAll(text, this.#required)) {
      return null;
    }
    if (this.#machine === undefined) {
      this.#machine = build(this.#sequence);
    }
    if (this.#machine === null) {
      return this.#matchByRe2(text);
    }
    const { probe, automaton, captures } = this.#machine;
    if (!probe.mayMatch(text)) {
      return null;
    }
    const notes = automaton.note(text, trailFor(text));
    if (notes === undefined) {
      return this.#matchByRe2(text);
    }
    if (notes === null || !automaton.isMatchAt(notes, 0)) {
      return null;
    }
    return { spans: captures.length === 0 ? [0, text.length] : automaton.follow(notes, 0), captures };
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

function build(sequence: Sequence): Machine | null {
  try {
    const nfa = buildNfa([sequence]);
    const automaton = new Automaton(nfa, false);
    return { probe: new ForwardProbe(nfa, automaton.alphabet), automaton, captures: nfa.captures };
  } catch (error) {
    if (error instanceof UnsupportedPattern) {
      return null;
    }
    throw error;
  }
}
