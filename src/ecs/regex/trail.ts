/** Notes of a text that serve one match only are taken here, whatever the pattern. */
const FIRST_CHARS = 16_384;
const shared = new Int32Array(FIRST_CHARS + 1);

/** Room for the notes of a text, until the next one is asked for. */
export function trailFor(text: string): Int32Array {
  return text.length < shared.length ? shared : new Int32Array(text.length + 1);
}
