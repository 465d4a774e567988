const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/**
 * The items of a JSON array, each as the text it has in the array, without the white space around it.
 * @param text A valid JSON array; that is the caller's to know.
 */
export function arrayItems(text: string): readonly string[] {
  const items: string[] = [];
  const start = text.indexOf("[") + 1;
  const end = text.lastIndexOf("]");
  let depth = 0;
  let itemStart = start;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
    } else if (OPENING.has(code)) {
      depth += 1;
    } else if (CLOSING.has(code)) {
      depth -= 1;
    } else if (code === COMMA && depth === 0) {
      items.push(text.slice(itemStart, at).trim());
      itemStart = at + 1;
    }
  }
  const last = text.slice(itemStart, end).trim();
  return last === "" ? items : [...items, last];
}

/** The index of the quote that closes the string opened at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at;
}
