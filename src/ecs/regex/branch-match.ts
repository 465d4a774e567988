/** One alternative of a pattern against whole texts, for patterns that are not run forward as a whole. */
import { Automaton } from "./automaton.ts";
import { orNull } from "./char-sets.ts";
import { emitPattern } from "./emit.ts";
import { buildNfa } from "./nfa.ts";
import type { Sequence } from "./pattern-tree.ts";
import { compileProgram, type Program } from "./re2js-program.ts";
import { holdsAll, literalPrefix, literalSuffix, requiredLiterals } from "./required-literals.ts";
import { trailFor } from "./trail.ts";
import type { Captured } from "./whole-matcher.ts";

export class BranchMatch {
  readonly #sequence: Sequence;
  readonly #required: readonly string[];
  readonly #prefix: string;
  readonly #suffix: string;
  /** Built when a text needs it; null for a pattern that only re2js can run. */
  #automaton: Automaton | null | undefined;
  #captures: readonly number[] = [];
  #program: Program | undefined;

  constructor(sequence: Sequence, usesTexts: boolean) {
    this.#sequence = sequence;
    this.#required = usesTexts ? requiredLiterals(sequence) : [];
    this.#prefix = usesTexts ? literalPrefix(sequence) : "";
    this.#suffix = usesTexts ? literalSuffix(sequence) : "";
  }

  /** Whether the text holds what every match of the alternative holds. */
  mayMatch(text: string): boolean {
    return text.startsWith(this.#prefix) && text.endsWith(this.#suffix) && holdsAll(text, this.#required);
  }

  match(text: string): Captured | null {
    if (!this.mayMatch(text)) {
      return null;
    }
    if (this.#automaton === undefined) {
      this.#automaton = orNull(() => {
        const nfa = buildNfa([this.#sequence]);
        this.#captures = nfa.captures;
        return new Automaton(nfa, false);
      });
    }
    const notes = this.#automaton?.note(text, trailFor(text));
    if (notes === undefined || this.#automaton === null) {
      return this.#matchByRe2(text);
    }
    if (notes === null || !this.#automaton.isMatchAt(notes, 0)) {
      return null;
    }
    return this.#captures.length === 0 ? [] : capturedOf(this.#automaton.follow(notes, 0), this.#captures);
  }

  #matchByRe2(text: string): Captured | null {
    if (this.#program === undefined) {
      const { source, captures } = emitPattern([this.#sequence]);
      // The leading ^ lets re2js use its one-pass machine where a pattern allows it.
      this.#program = compileProgram(`^(?:${source})$`);
      this.#captures = captures;
    }
    const spans = this.#program.run(text, 0);
    return spans === null ? null : capturedOf(spans, this.#captures);
  }
}

function capturedOf(spans: readonly number[], captures: readonly number[]): Captured {
  return captures.flatMap((capture, index) => {
    const start = spans[2 * index + 2] ?? -1;
    return start < 0 ? [] : [capture, start, spans[2 * index + 3] ?? 0];
  });
}
