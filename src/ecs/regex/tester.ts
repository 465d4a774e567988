/** Whether a pattern matches at a text's start, or anywhere in it: one pass forward, which ends at the first match. */
import { FOUND, ForwardStates, FULL, UNKNOWN } from "./forward-states.ts";
import type { Nfa } from "./nfa.ts";

export class Tester {
  readonly #states: ForwardStates;

  constructor(nfa: Nfa) {
    this.#states = new ForwardStates(nfa, true);
  }

  /** @returns undefined when the text would take more memory than it may. */
  test(text: string): boolean | undefined {
    this.#states.begin();
    const states = this.#states;
    const { ascii } = states.alphabet;
    let { quick, table } = states;
    let state: number = states.start;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      let character: number;
      if (code < ascii.length) {
        character = ascii[code] ?? 0;
      } else {
        const whole = text.codePointAt(at) ?? code;
        character = states.alphabet.classOf(whole);
        if (whole > 0xffff) {
          at++;
        }
      }
      let next: number;
      if (quick[state] === character) {
        next = quick[state + 1] ?? UNKNOWN;
      } else {
        const row = quick[state + 3] ?? 0;
        next = row === 0 ? UNKNOWN : (table[row + 2 * character] ?? UNKNOWN);
        if (next === UNKNOWN) {
          next = states.advance(state, character);
          quick = states.quick;
          table = states.table;
        }
      }
      if (next < UNKNOWN) {
        return next === FULL ? undefined : next === FOUND;
      }
      state = next;
    }
    return states.endOf(state) !== null;
  }
}
