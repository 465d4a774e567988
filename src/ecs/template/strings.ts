/** The content of quoted texts. */

const ESCAPE = /\\(?:\r?\n|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|(.))/gs;

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
  ["a", "\u0007"],
  ["b", "\b"],
  ["f", "\f"],
  ["v", "\v"],
]);

/** The text of a literal with its quotes. Escapes that Python does not know keep their backslash: `"\d"` is `\d`. */
export function decodeString(literal: string): string {
  const body = literal.slice(1, -1);
  if (!body.includes("\\")) {
    return body;
  }
  return body.replace(
    ESCAPE,
    (all, x?: string, u?: string, wide?: string, octal?: string, simple?: string) => {
      const hex = x ?? u ?? wide;
      if (hex !== undefined) {
        const code = Number.parseInt(hex, 16);
        return code > 0x10ffff ? all : String.fromCodePoint(code);
      }
      if (octal !== undefined) {
        return String.fromCharCode(Number.parseInt(octal, 8));
      }
      return simple === undefined ? "" : (SIMPLE.get(simple) ?? all);
    },
  );
}
