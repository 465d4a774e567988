/**
 * Finds the bytes that mean something inside a JSON string, four at a time: control characters, quotes, backslashes.
 * Scanner and escaper look for the same ones, one to end a run of plain bytes, the other to escape it.
 */

/**
 * @param word Four bytes, the first one lowest.
 * @returns the top bit of each byte that is under 0x20, a quote or a backslash; above the first such byte it may lie.
 */
export function specialBytes(word: number): number {
  const quote = word ^ 0x2222_2222;
  const backslash = word ^ 0x5c5c_5c5c;
  return (
    ((((word - 0x2020_2020) | 0) & ~word) |
      (((quote - 0x0101_0101) | 0) & ~quote) |
      (((backslash - 0x0101_0101) | 0) & ~backslash)) &
    0x8080_8080
  );
}

/** @returns the index, 0 to 3, of the first byte that `specialBytes` found; it must have found one. */
export function firstSpecial(found: number): number {
  return (31 - Math.clz32(found & -found)) >> 3;
}
