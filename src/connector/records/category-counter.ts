/** Names that are counted each for itself; input is hostile, so there must be an end. */
const NAMES_MAX = 100;
/** A longer name is not a category of anybody's configuration. */
const NAME_MAX_BYTES = 256;

export type CategoryCount = { readonly category: string; readonly records: number };

type Entry = { readonly quoted: Buffer; records: number };

/** Counts the records of each category as they come, before any filter, by the bytes of the name. */
export class CategoryCounter {
  readonly #entries: Entry[] = [];
  /** The next record mostly has the category of the last. */
  #last: Entry | undefined;
  #without = 0;
  #others = 0;
  #total = 0;

  /** Records seen. */
  get total(): number {
    return this.#total;
  }

  /** Records that name no category. */
  get without(): number {
    return this.#without;
  }

  /** Records of categories that came when there were too many names already. */
  get others(): number {
    return this.#others;
  }

  /**
   * Counts one record.
   * @param start Of the category's JSON string in `bytes`, quotes included; equal to `end` when there is none.
   */
  count(bytes: Buffer, start: number, end: number): void {
    this.#total++;
    if (start === end) {
      this.#without++;
      return;
    }
    const last = this.#last;
    if (last !== undefined && isSame(last.quoted, bytes, start, end)) {
      last.records++;
    } else {
      this.#countNamed(bytes, start, end);
    }
  }

  /** The named categories, the most frequent first. */
  rows(): CategoryCount[] {
    const records = new Map<string, number>();
    for (const { quoted, records: count } of this.#entries) {
      const category = JSON.parse(quoted.toString()) as string;
      // One name may be written in several ways, with escapes and without.
      records.set(category, (records.get(category) ?? 0) + count);
    }
    return [...records]
      .map(([category, count]) => ({ category, records: count }))
      .sort((a, b) => b.records - a.records);
  }

  #countNamed(bytes: Buffer, start: number, end: number): void {
    let entry = this.#entries.find(({ quoted }) => isSame(quoted, bytes, start, end));
    if (entry === undefined) {
      if (this.#entries.length >= NAMES_MAX || end - start > NAME_MAX_BYTES) {
        this.#others++;
        return;
      }
      entry = { quoted: Buffer.from(bytes.subarray(start, end)), records: 0 };
      this.#entries.push(entry);
    }
    entry.records++;
    this.#last = entry;
  }
}

function isSame(quoted: Buffer, bytes: Buffer, start: number, end: number): boolean {
  const { length } = quoted;
  if (length !== end - start) {
    return false;
  }
  for (let index = 0; index < length; index++) {
    if (quoted[index] !== bytes[start + index]) {
      return false;
    }
  }
  return true;
}
