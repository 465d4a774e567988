import type { RepairKind } from "./repair.ts";

/** Rows that are kept; input is hostile, so there must be an end. */
const ROWS_MAX = 100;
const NAME_MAX_LENGTH = 256;

export type RepairCount = {
  readonly kind: RepairKind;
  /** Of the message's first record; empty when it names none, or when there were too many names already. */
  readonly category: string;
  readonly messages: number;
};

/** Counts repaired messages by what was wrong with them and by their category. */
export class RepairCounts {
  readonly #rows = new Map<string, { kind: RepairKind; category: string; messages: number }>();

  count(kinds: readonly RepairKind[], category: string | undefined): void {
    for (const kind of kinds) {
      this.#rowOf(kind, category ?? "").messages++;
    }
  }

  rows(): RepairCount[] {
    return [...this.#rows.values()].map((row) => ({ ...row }));
  }

  #rowOf(kind: RepairKind, category: string): { messages: number } {
    const key = `${kind} ${category}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      const isTooMuch = this.#rows.size >= ROWS_MAX || category.length > NAME_MAX_LENGTH;
      if (category !== "" && isTooMuch) {
        return this.#rowOf(kind, "");
      }
      row = { kind, category, messages: 0 };
      this.#rows.set(key, row);
    }
    return row;
  }
}
