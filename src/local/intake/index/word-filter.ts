import { hashOf, spread } from "./words.ts";

/** Two in a hundred words that are not there pass. */
const BITS_A_WORD = 10;
const PROBES = 3;

/** Bits that tell of a word that it is not in a segment, without reading the segment (a Bloom filter). */
export type WordFilter = Uint8Array;

/** @param hashes Of the segment's words, by `hashOf`. */
export function makeFilter(hashes: Int32Array): WordFilter {
  const filter = new Uint8Array(Math.max(8, Math.ceil((hashes.length * BITS_A_WORD) / 8)));
  const bits = filter.length * 8;
  for (const hash of hashes) {
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = bitOf(hash, probe, bits);
      filter[bit >>> 3] = (filter[bit >>> 3] as number) | (1 << (bit & 7));
    }
  }
  return filter;
}

/** @param word Folded, and cut as the index cuts it. */
export function mayContain(filter: WordFilter, word: string): boolean {
  const bits = filter.length * 8;
  const hash = hashOf(word, 0, word.length);
  for (let probe = 0; probe < PROBES; probe++) {
    const bit = bitOf(hash, probe, bits);
    if (((filter[bit >>> 3] as number) & (1 << (bit & 7))) === 0) {
      return false;
    }
  }
  return true;
}

function bitOf(hash: number, probe: number, bits: number): number {
  const step = Math.imul(hash ^ (hash >>> 13), 0x85eb_ca6b) | 1;
  return ((spread(hash) + Math.imul(step, probe)) >>> 0) % bits;
}
