import type { Query } from "../query/query.ts";
import { type Evaluation, evaluationOf, type Verify } from "./evaluate.ts";
import type { Bitmap, Segment } from "./segment.ts";

/** Event numbers from `from`, inclusive, to `to`, exclusive. */
export type NumberRange = { readonly from: number; readonly to: number };

export type ValueCount = { readonly value: string; readonly events: number };

/** Values counted a field and segment; a field of ids would otherwise fill the memory. */
const MAX_VALUES = 20_000;

/** The events that a search finds, as sets of rows, oldest segment first. */
export class Found {
  readonly #parts: readonly { readonly segment: Segment; readonly rows: Bitmap }[];

  /** @throws QueryInvalid */
  constructor(segments: readonly Segment[], query: Query | Evaluation, range: NumberRange, verify: Verify) {
    const evaluate = typeof query === "function" ? query : evaluationOf(query);
    // The newest first: the verification of long values is bounded, and the newest count most.
    this.#parts = segments
      .filter(({ firstNumber, rows }) => firstNumber < range.to && firstNumber + rows > range.from)
      .toReversed()
      .map((segment) => {
        const rows = evaluate(segment, verify);
        clearOutside(rows, range.from - segment.firstNumber, range.to - segment.firstNumber);
        return { segment, rows };
      })
      .toReversed();
  }

  get total(): number {
    return this.#parts.reduce((sum, { rows }) => sum + countRows(rows, 0, rows.length * 32), 0);
  }

  /** Numbers of events, newest first. */
  newest(limit: number): readonly number[] {
    const numbers: number[] = [];
    for (const { segment, rows } of this.#parts.toReversed()) {
      for (let at = rows.length - 1; at >= 0 && numbers.length < limit; at--) {
        let word = rows[at] as number;
        while (word !== 0 && numbers.length < limit) {
          const bit = 31 - Math.clz32(word);
          numbers.push(segment.firstNumber + at * 32 + bit);
          word &= ~(1 << bit);
        }
      }
    }
    return numbers;
  }

  /** How many events there are from each number to the next one. */
  counts(bounds: readonly number[]): readonly number[] {
    return bounds.slice(1).map((to, index) => {
      const from = bounds[index] as number;
      let sum = 0;
      for (const { segment, rows } of this.#parts) {
        if (segment.firstNumber < to && segment.firstNumber + segment.rows > from) {
          sum += countRows(rows, from - segment.firstNumber, to - segment.firstNumber);
        }
      }
      return sum;
    });
  }

  /** The commonest values of a field among the events, those of the newest `MAX_VALUES` distinct ones. */
  values(field: string, limit: number, prefix = ""): readonly ValueCount[] {
    const counts = new Map<string, number>();
    for (const { segment, rows } of this.#parts.toReversed()) {
      if (counts.size >= MAX_VALUES) {
        break;
      }
      if (segment.countOf(field) === 0 || rows.every((word) => word === 0)) {
        continue;
      }
      const { values, folded } = segment.values(field);
      const pairs = segment.pairs(field);
      const found = new Uint32Array(values.length);
      for (let at = 0; at < pairs.length; at += 2) {
        const row = pairs[at] as number;
        if (((rows[row >>> 5] as number) & (1 << (row & 31))) !== 0) {
          const number = pairs[at + 1] as number;
          found[number] = (found[number] as number) + 1;
        }
      }
      for (const [number, events] of found.entries()) {
        if (events > 0 && (folded[number] as string).startsWith(prefix)) {
          const value = values[number] as string;
          counts.set(value, (counts.get(value) ?? 0) + events);
        }
      }
    }
    return [...counts]
      .sort(([a, manyA], [b, manyB]) => manyB - manyA || (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([value, events]) => ({ value, events }));
  }
}

function clearOutside(rows: Bitmap, from: number, to: number): void {
  for (let at = 0; at < rows.length; at++) {
    rows[at] = (rows[at] as number) & maskOf(at * 32, from, to);
  }
}

function countRows(rows: Bitmap, from: number, to: number): number {
  let count = 0;
  const end = Math.min(rows.length, Math.ceil(to / 32));
  for (let at = Math.max(0, Math.floor(from / 32)); at < end; at++) {
    let word = (rows[at] as number) & maskOf(at * 32, from, to);
    word -= (word >>> 1) & 0x5555_5555;
    word = (word & 0x3333_3333) + ((word >>> 2) & 0x3333_3333);
    count += Math.imul((word + (word >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
  }
  return count;
}

/** The bits of the word that begins at row `start` whose rows lie within the range. */
function maskOf(start: number, from: number, to: number): number {
  const low = Math.max(0, Math.min(32, from - start));
  const high = Math.max(0, Math.min(32, to - start));
  if (high <= low) {
    return 0;
  }
  const below = (bits: number) => (bits === 32 ? -1 : (1 << bits) - 1);
  return below(high) & ~below(low);
}
