/** The known word that a misspelt one was most likely meant to be. */

const MAX_DISTANCE = 3;
/** Longer words are not misspelt ones. */
const MAX_WORD_CHARS = 100;
/** Known words that are looked at; no format of people has more stages. */
const MAX_KNOWN = 500;

export function closest(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_WORD_CHARS) {
    return undefined;
  }
  let best: string | undefined;
  let bestDistance = Math.min(MAX_DISTANCE, Math.floor(word.length / 2)) + 1;
  for (const candidate of known.slice(0, MAX_KNOWN)) {
    if (Math.abs(candidate.length - word.length) > MAX_DISTANCE) {
      continue;
    }
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Letters to insert, remove or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
