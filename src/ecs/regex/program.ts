import { RE2JS } from "re2js";

/** Where a match stood: start and end of the whole, then of each capture; -1 for a capture that took no part. */
export type Spans = readonly number[];

const UNANCHORED = 0;

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
  private readonly engine: ReturnType<RE2JS["re2"]>;
  private readonly slots: number;

  constructor(source: string) {
    this.engine = RE2JS.compile(source).re2();
    this.slots = 1 + this.engine.numberOfCapturingGroups();
  }

  run(text: string, from: number): Spans | null {
    const answer: readonly unknown[] = this.engine.matchWithGroup(
      text,
      from,
      text.length,
      UNANCHORED,
      this.slots,
    );
    return answer[0] === true ? (answer[1] as Spans) : null;
  }

  test(text: string): boolean {
    return this.engine.matchWithGroup(text, 0, text.length, UNANCHORED, 0)[0] === true;
  }
}
