import { EDGE, LINE_BREAK, WORD } from "./alphabet.ts";
import { LINE_END, LINE_START, type Nfa, NOTE, TEXT_END, TEXT_START, WORD_BOUNDARY } from "./nfa.ts";

/** Whether an assertion lets one pass between two kinds of neighbours. */
export function holds(assertion: number, preceding: number, following: number): boolean {
  switch (assertion) {
    case TEXT_START:
      return preceding === EDGE;
    case TEXT_END:
      return following === EDGE;
    case LINE_START:
      return preceding === EDGE || preceding === LINE_BREAK;
    case LINE_END:
      return following === EDGE || following === LINE_BREAK;
    case WORD_BOUNDARY:
      return (preceding === WORD) !== (following === WORD);
    default:
      return (preceding === WORD) === (following === WORD);
  }
}

/** Whether what stands before a position can matter. */
export function asksBefore({ assertions }: Nfa): boolean {
  return assertions.some((assertion) => assertion !== TEXT_END && assertion !== LINE_END);
}

/** Whether what stands after a position can matter. */
export function asksAfter({ assertions }: Nfa): boolean {
  return assertions.some((assertion) => assertion !== TEXT_START && assertion !== LINE_START);
}

/**
 * By state: 1 if a way on from it leads over a capture.
 * @param into For each kind of step, by state: the states from which it leads there.
 */
export function leadingToNote(nfa: Nfa, into: readonly (readonly (readonly number[])[])[]): Uint8Array {
  const leads = new Uint8Array(nfa.kinds.length);
  const pending = nfa.kinds.flatMap((kind, state) => (kind === NOTE ? [state] : []));
  for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
    if (leads[state] === 1) {
      continue;
    }
    leads[state] = 1;
    for (const ofKind of into) {
      pending.push(...(ofKind[state] ?? []));
    }
  }
  return leads;
}
