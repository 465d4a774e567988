/** Whether a pattern matches at a text's start, or anywhere in it: one pass forward, which ends at the first match. */
import { DEAD, FOUND, ForwardStates, FULL, UNKNOWN } from "./forward-states.ts";
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
    let { table } = states;
    let base = states.start;
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
      let next = table[2 * (base + character)] ?? UNKNOWN;
      if (next <= UNKNOWN) {
        if (next === UNKNOWN) {
          next = states.advance(base, character);
          table = states.table;
        }
        if (next === DEAD) {
          return false;
        }
        if (next === FOUND) {
          return true;
        }
        if (next === FULL) {
          return undefined;
        }
      }
      base = next;
    }
    return states.endOf(base) !== null;
  }
}
