/** A pattern somewhere in a text, or at its start. */
import { Automaton, type Notes, type Spans } from "./automaton.ts";
import { orNull } from "./char-sets.ts";
import { emitPattern } from "./emit.ts";
import { buildNfa } from "./nfa.ts";
import type { Alternation } from "./pattern-tree.ts";
import { compileProgram, type Program } from "./re2js-program.ts";
import { holdsAll, literalPrefix, requiredLiterals } from "./required-literals.ts";
import { Tester } from "./tester.ts";
import { trailFor } from "./trail.ts";

/** Spans, and for each of their captures its index in the whole pattern. */
export type Found = { readonly spans: Spans; readonly captures: readonly number[] };

/** From this length on a text's notes serve its next search too, so that many searches of it stay linear together. */
const REMEMBERED_FROM_CHARS = 64;

export class Searcher {
  readonly #root: Alternation;
  /** Each built when it is needed; null for a pattern that only re2js can run. */
  #automaton: Automaton | null | undefined;
  #testerAnywhere: Tester | null | undefined;
  #testerAtStart: Tester | null | undefined;
  #captures: readonly number[] = [];
  /** A text took too much of going forward, so that going back is tried from then on. */
  #isTooLarge = false;
  /** Texts that every match holds, or begins with. */
  readonly #required: readonly string[];
  readonly #prefix: string;
  /** Whether a match begins where the text does. */
  readonly #isAnchored: boolean;
  #anywhere: Program | undefined;
  #atStart: Program | undefined;
  #notes: Notes | undefined;
  #trail = new Int32Array(0);

  /** @param usesTexts Whether the pattern's texts stand for themselves, in one case only. */
  constructor(root: Alternation, usesTexts: boolean) {
    this.#root = root;
    const [sequence, second] = root;
    const only = sequence !== undefined && second === undefined && usesTexts ? sequence : undefined;
    this.#required = only === undefined ? [] : requiredLiterals(only);
    this.#prefix = only === undefined ? "" : literalPrefix(only);
    const first = only?.[0];
    this.#isAnchored = first?.kind === "assertion" && (first.source === "^" || first.source === "\\A");
  }

  get problem(): string | null {
    return this.#anywhereTester() === null ? this.#re2Anywhere().problem : null;
  }

  isFound(text: string): boolean {
    if (this.#isAnchored) {
      return this.isStartMatch(text);
    }
    if (!holdsAll(text, this.#required)) {
      return false;
    }
    const verdict = this.#tested(this.#anywhereTester(), text);
    if (verdict !== undefined) {
      return verdict;
    }
    const automaton = this.#automatonOf();
    const notes = this.#note(automaton, text);
    return automaton === null || notes === undefined
      ? this.#re2Anywhere().test(text)
      : this.#firstMatch(automaton, notes, 0) >= 0;
  }

  isStartMatch(text: string): boolean {
    if (!this.#mayStart(text)) {
      return false;
    }
    const verdict = this.#tested(this.#startTester(), text);
    if (verdict !== undefined) {
      return verdict;
    }
    const automaton = this.#automatonOf();
    const notes = this.#note(automaton, text);
    return automaton === null || notes === undefined
      ? this.#re2AtStart().test(text)
      : automaton.isMatchAt(notes, 0);
  }

  startMatch(text: string): Found | null {
    if (!this.#mayStart(text)) {
      return null;
    }
    const automaton = this.#automatonOf();
    const notes = this.#note(automaton, text);
    if (automaton === null || notes === undefined) {
      return this.#found(this.#re2AtStart().run(text, 0));
    }
    return automaton.isMatchAt(notes, 0) ? this.#found(automaton.follow(notes, 0)) : null;
  }

  /** The first match at or after `from`. */
  search(text: string, from: number): Found | null {
    if (from === 0 && !holdsAll(text, this.#required)) {
      return null;
    }
    if (this.#isAnchored && (from > 0 || !this.#mayStart(text))) {
      return null;
    }
    const automaton = this.#automatonOf();
    const notes = this.#note(automaton, text);
    if (automaton === null || notes === undefined) {
      return this.#found(this.#re2Anywhere().run(text, from));
    }
    const at = this.#isAnchored
      ? automaton.isMatchAt(notes, 0)
        ? 0
        : -1
      : this.#firstMatch(automaton, notes, from);
    return at < 0 ? null : this.#found(automaton.follow(notes, at));
  }

  /** -1 when there is none. */
  #firstMatch(automaton: Automaton, notes: Notes, from: number): number {
    const { text } = notes;
    const prefix = this.#prefix;
    if (prefix === "") {
      return automaton.firstMatch(notes, from);
    }
    for (let at = text.indexOf(prefix, from); at >= 0; at = text.indexOf(prefix, at + 1)) {
      if (automaton.isMatchAt(notes, at)) {
        return at;
      }
    }
    return -1;
  }

  #mayStart(text: string): boolean {
    return text.startsWith(this.#prefix) && holdsAll(text, this.#required);
  }

  #found(spans: Spans | null): Found | null {
    return spans === null ? null : { spans, captures: this.#captures };
  }

  #automatonOf(): Automaton | null {
    if (this.#automaton === undefined) {
      this.#automaton = orNull(() => {
        const nfa = buildNfa(this.#root);
        this.#captures = nfa.captures;
        return new Automaton(nfa, true);
      });
      if (this.#automaton === null) {
        this.#captures = emitPattern(this.#root).captures;
      }
    }
    return this.#automaton;
  }

  #anywhereTester(): Tester | null {
    if (this.#testerAnywhere === undefined) {
      this.#testerAnywhere = orNull(() => testerOf(this.#root, true));
    }
    return this.#testerAnywhere;
  }

  #startTester(): Tester | null {
    if (this.#testerAtStart === undefined) {
      this.#testerAtStart = orNull(() => testerOf(this.#root, false));
    }
    return this.#testerAtStart;
  }

  /** @returns undefined from the first text on that took too much, and without a tester. */
  #tested(tester: Tester | null, text: string): boolean | undefined {
    const verdict = this.#isTooLarge ? undefined : tester?.test(text);
    this.#isTooLarge ||= verdict === undefined;
    return verdict;
  }

  #note(automaton: Automaton | null, text: string): Notes | undefined {
    const known = this.#notes;
    if (known?.text === text && automaton?.isCurrent(known) === true) {
      return known;
    }
    const isRemembered = text.length >= REMEMBERED_FROM_CHARS;
    if (isRemembered && this.#trail.length <= text.length) {
      this.#trail = new Int32Array(2 * text.length);
    }
    const notes = automaton?.note(text, isRemembered ? this.#trail : trailFor(text)) ?? undefined;
    this.#notes = isRemembered ? notes : undefined;
    return notes;
  }

  #re2Anywhere(): Program {
    this.#anywhere ??= compileProgram(emitPattern(this.#root).source);
    return this.#anywhere;
  }

  #re2AtStart(): Program {
    this.#atStart ??= compileProgram(`^(?:${emitPattern(this.#root).source})`);
    return this.#atStart;
  }
}

function testerOf(root: Alternation, startsAnywhere: boolean): Tester {
  return new Tester(buildNfa(root, { keepsCaptures: false, startsAnywhere, isFolded: true }));
}
