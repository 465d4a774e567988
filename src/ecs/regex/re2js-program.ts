/** The pattern engine re2js, for the patterns and texts that the automaton leaves to it. */
import { RE2JS } from "re2js";
import type { Spans } from "./automaton.ts";

const UNANCHORED = 0;
/**
 * Instructions of a program times characters of a text: above this re2js captures with its slow machine, and asking its
 * automaton first, whether there is a match at all, takes a hundredth of the time.
 */
const SLOW_FROM_WORK = 300_000;

export type Program = {
  /** Why the engine refused the pattern, which then matches nothing; null if it did not. */
  readonly problem: string | null;
  /** Characters are UTF-16 units. The first match at or after `from`. */
  run(text: string, from: number): Spans | null;
  /** Whether there is a match; without captures re2js runs its fast automaton. */
  test(text: string): boolean;
};

/** @param source RE2 syntax. */
export function compileProgram(source: string): Program {
  try {
    return new Re2Program(source);
  } catch (error) {
    // re2js throws classes of its own for patterns it refuses, such as a repeat over 1,000.
    const problem = error instanceof Error ? error.message : String(error);
    return { problem, run: () => null, test: () => false };
  }
}

/**
 * One compiled pattern of re2js. Captures come from the internal `matchWithGroup`: the public `exec()`, and
 * `matches()` with `group()`, match twice. The package is pinned, and a test guards this call.
 */
class Re2Program implements Program {
  readonly problem = null;
  readonly #engine: ReturnType<RE2JS["re2"]>;
  readonly #slots: number;
  readonly #instructions: number;

  constructor(source: string) {
    const compiled = RE2JS.compile(source);
    this.#engine = compiled.re2();
    this.#instructions = compiled.programSize();
    this.#slots = 1 + this.#engine.numberOfCapturingGroups();
  }

  run(text: string, from: number): Spans | null {
    const work = this.#instructions * (text.length - from);
    if (work > SLOW_FROM_WORK && !this.#isMatch(text, from)) {
      return null;
    }
    const answer: readonly unknown[] = this.#engine.matchWithGroup(
      text,
      from,
      text.length,
      UNANCHORED,
      this.#slots,
    );
    return answer[0] === true ? (answer[1] as Spans) : null;
  }

  test(text: string): boolean {
    return this.#isMatch(text, 0);
  }

  #isMatch(text: string, from: number): boolean {
    return this.#engine.matchWithGroup(text, from, text.length, UNANCHORED, 0)[0] === true;
  }
}
