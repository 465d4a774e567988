/** The one form of a date that most events have. */

const LAYOUT = "0000-00-00T00:00:00";
const DIGIT = 0x30;
const NINE = 0x39;
const POINT = 0x2e;
const LETTER_Z = 0x5a;
/** Every month has these. */
const SAFE_DAYS = 28;
const CANONICAL_CHARS = 27;

/**
 * A date of the form `YYYY-MM-DDTHH:MM:SS.ffffffZ` with so many digits of the second's fraction, those missing filled up
 * and further ones cut off.
 * @returns undefined for any other form, and for a day that not every month has: these need a closer look.
 */
export function utcTime(text: string): string | undefined {
  const last = text.length - 1;
  const layoutChars = LAYOUT.length;
  if (last < layoutChars || text.charCodeAt(last) !== LETTER_Z) {
    return undefined;
  }
  for (let at = 0; at < layoutChars; at++) {
    const code = text.charCodeAt(at);
    const mark = LAYOUT.charCodeAt(at);
    if (mark === DIGIT ? code < DIGIT || code > NINE : code !== mark) {
      return undefined;
    }
  }
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const isSafe =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= SAFE_DAYS &&
    twoDigits(text, 11) < 24 &&
    twoDigits(text, 14) < 60 &&
    twoDigits(text, 17) < 60 &&
    !text.startsWith("0000");
  if (!isSafe) {
    return undefined;
  }
  if (last === layoutChars) {
    return `${text.slice(0, layoutChars)}.000000Z`;
  }
  if (text.charCodeAt(layoutChars) !== POINT || last === layoutChars + 1) {
    return undefined;
  }
  for (let at = layoutChars + 1; at < last; at++) {
    const code = text.charCodeAt(at);
    if (code < DIGIT || code > NINE) {
      return undefined;
    }
  }
  if (text.length === CANONICAL_CHARS) {
    return text;
  }
  return `${text.slice(0, Math.min(last, CANONICAL_CHARS - 1)).padEnd(CANONICAL_CHARS - 1, "0")}Z`;
}

function twoDigits(text: string, at: number): number {
  return 10 * text.charCodeAt(at) + text.charCodeAt(at + 1) - 11 * DIGIT;
}
