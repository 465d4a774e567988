/** A text without case: what equals another but for case folds to the same. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  // A final sigma depends on what follows, which is not the same in a rule and in an event; a long s is an s.
  return /[ςſ]/.test(lower) ? lower.replaceAll("ς", "σ").replaceAll("ſ", "s") : lower;
}
