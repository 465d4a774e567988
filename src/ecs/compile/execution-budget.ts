/** What reading a value costs an event's budget. */

import type { Context } from "../contract/program.ts";
import type { Value } from "../contract/value.ts";

/** Characters or items that are read in one step. */
const PARTS_A_STEP = 256;

/** Characters of a text or items of a list. */
export function sizeOf(value: Value): number {
  return typeof value === "string" || Array.isArray(value) ? value.length : 0;
}

/**
 * The work of functions and of `in` grows with what they are given, so a loop over a long value spends its steps sooner.
 * @throws LimitExceeded
 */
export function spendOnSize(context: Context, parts: number): void {
  if (parts > PARTS_A_STEP) {
    context.tools.spend(Math.floor(parts / PARTS_A_STEP));
  }
}
