/** Characters of strangers that a terminal would obey: controls, and those that turn the direction of text. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through.
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const HIDDEN_RUN = new RegExp(`${HIDDEN.source}+`, "g");
/** Those that JSON leaves as they are. */
const HIDDEN_IN_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A text on one line that a terminal can show: line breaks are blanks too. */
export function plainText(text: string): string {
  return text.replaceAll(HIDDEN_RUN, " ");
}

/** The same JSON, or lines of it, in which nothing is hidden. */
export function plainJson(json: string): string {
  return json.replaceAll(HIDDEN_IN_JSON, (character) => `\\u${codeOf(character)}`);
}

/** Lines of text in which a hidden character is told by its number, so that what was different stays so. */
export function numberedText(text: string): string {
  return text.replaceAll(HIDDEN, (character) => (character === "\n" ? character : `U+${codeOf(character)}`));
}

function codeOf(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, "0");
}
