/** Methods that ask what a text is made of, and those that lay it out. */
import type { MethodDefinition } from "../contract/function.ts";
import { Fault } from "../contract/value.ts";
import { checkTextLength } from "../values/limits.ts";
import { isInteger } from "../values/numbers.ts";
import { argument, textMethod } from "./define.ts";
import { centerText, padding } from "./text-editing.ts";

/** A question about all characters; of an empty text the answer is no, unless said otherwise. */
function kind(
  name: string,
  summary: string,
  pattern: RegExp,
  example: { readonly yes: string; readonly no: string },
): MethodDefinition {
  return textMethod({
    name,
    summary,
    examples: [
      { title: "it is", expression: `'${example.yes}'.${name}()`, result: true },
      { title: "it is not", expression: `'${example.no}'.${name}()`, result: false },
    ],
    run: (text) => pattern.test(text),
  });
}

const KINDS: readonly MethodDefinition[] = [
  kind("isdigit", "Whether the text is digits and nothing else.", /^[\p{Nd}²³¹⁰-⁹₀-₉]+$/u, {
    yes: "042",
    no: "-1",
  }),
  kind("isdecimal", "Whether the text is decimal digits and nothing else.", /^\p{Nd}+$/u, {
    yes: "042",
    no: "4²",
  }),
  kind("isnumeric", "Whether the text is digits, fractions and other numerals.", /^\p{N}+$/u, {
    yes: "42½",
    no: "1.5",
  }),
  kind("isalpha", "Whether the text is letters and nothing else.", /^\p{L}+$/u, { yes: "abc", no: "a1" }),
  kind("isalnum", "Whether the text is letters and digits and nothing else.", /^[\p{L}\p{N}]+$/u, {
    yes: "a1",
    no: "a-1",
  }),
  kind("isspace", "Whether the text is blanks and nothing else.", /^[\s\u0085]+$/, {
    yes: " ",
    no: "a b",
  }),
  // The empty text is plain too.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII has them
  kind("isascii", "Whether the text has ASCII characters only.", /^[\u0000-\u007f]*$/, {
    yes: "abc",
    no: "é",
  }),
  kind("islower", "Whether the text has small letters and no capitals.", /^(?!.*[\p{Lu}\p{Lt}]).*\p{Ll}/su, {
    yes: "abc 1",
    no: "aB",
  }),
  kind("isupper", "Whether the text has capitals and no small letters.", /^(?!.*[\p{Ll}\p{Lt}]).*\p{Lu}/su, {
    yes: "ABC 1",
    no: "aB",
  }),
];

const removesuffix = textMethod({
  name: "removesuffix",
  summary: "The text without an ending, if it has it.",
  examples: [{ title: "an ending", expression: "'a.exe'.removesuffix('.exe')", result: "a" }],
  run: (text, args) => {
    const suffix = argument(args, 0, "suffix");
    if (typeof suffix !== "string") {
      return new Fault("the argument must be a text");
    }
    return suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  },
});

const title = textMethod({
  name: "title",
  summary: "Each row of letters with a capital first.",
  examples: [{ title: "a name", expression: '"ann o\'neil".title()', result: "Ann O'Neil" }],
  run: (text) =>
    text.replace(/\p{L}+/gu, (word) => {
      const [first = ""] = word;
      return first.toUpperCase() + word.slice(first.length).toLowerCase();
    }),
});

const swapcase = textMethod({
  name: "swapcase",
  summary: "Capitals as small letters, and the other way round.",
  examples: [{ title: "a word", expression: "'aB'.swapcase()", result: "Ab" }],
  run: (text) =>
    text.replace(/\p{L}/gu, (letter) =>
      /\p{Lu}/u.test(letter) ? letter.toLowerCase() : letter.toUpperCase(),
    ),
});

const casefold = textMethod({
  name: "casefold",
  summary: "The text in small letters, for comparisons.",
  examples: [{ title: "a sharp s", expression: "'Straße'.casefold()", result: "strasse" }],
  run: (text) => text.toLowerCase().replaceAll("ß", "ss").replaceAll("ς", "σ"),
});

function laidOut(
  name: string,
  summary: string,
  example: { readonly expression: string; readonly result: string },
  lay: (text: string, width: number, fill: string) => string,
): MethodDefinition {
  return textMethod({
    name,
    summary,
    examples: [{ title: "a word", ...example }],
    run: (text, args) => {
      const width = argument(args, 0, "width");
      const fill = argument(args, 1, "fillchar") ?? " ";
      if (!isInteger(width)) {
        return new Fault("a width is a whole number");
      }
      if (typeof fill !== "string" || [...fill].length !== 1) {
        return new Fault("a text is filled with one character");
      }
      return lay(text, Number(width), fill);
    },
  });
}

const LAID_OUT: readonly MethodDefinition[] = [
  laidOut(
    "ljust",
    "The text with blanks, or another character, behind it up to a width.",
    { expression: "'ab'.ljust(4, '.')", result: "ab.." },
    (text, width, fill) => text + padding(text, width, fill),
  ),
  laidOut(
    "rjust",
    "The text with blanks, or another character, before it up to a width.",
    { expression: "'7'.rjust(3, '0')", result: "007" },
    (text, width, fill) => padding(text, width, fill) + text,
  ),
  laidOut(
    "center",
    "The text in the middle of as many characters.",
    { expression: "'ab'.center(6, '-')", result: "--ab--" },
    centerText,
  ),
];

const zfill = textMethod({
  name: "zfill",
  summary: "The text with zeros before it up to a width, behind its sign.",
  examples: [{ title: "a number", expression: "'7'.zfill(3) + '-7'.zfill(3)", result: "007-07" }],
  run: (text, args) => {
    const width = argument(args, 0, "width");
    if (!isInteger(width)) {
      return new Fault("a width is a whole number");
    }
    const sign = /^[+-]/.exec(text)?.[0] ?? "";
    return sign + padding(text, Number(width), "0") + text.slice(sign.length);
  },
});

const expandtabs = textMethod({
  name: "expandtabs",
  summary:
    "The text with blanks in place of its tabs, up to the next column of eight or of as many as given.",
  examples: [{ title: "a tab", expression: "'ab\\tc'.expandtabs(4)", result: "ab  c" }],
  run: (text, args) => {
    const given = argument(args, 0, "tabsize") ?? 8;
    const size = isInteger(given) ? Math.max(0, Number(given)) : 8;
    checkTextLength(text.length + (text.split("\t").length - 1) * size);
    let column = 0;
    return text.replace(/\t|[\r\n]|[^\t\r\n]+/g, (part) => {
      if (part === "\n" || part === "\r") {
        column = 0;
        return part;
      }
      const written = part === "\t" ? " ".repeat(size === 0 ? 0 : size - (column % size)) : part;
      column += written.length;
      return written;
    });
  },
});

/** Where Python ends a line. */
const LINE = /[^\n\r\v\f\u0085\u2028\u2029]*(?:\r\n|[\n\r\v\f\u0085\u2028\u2029]|$)/g;

const splitlines = textMethod({
  name: "splitlines",
  summary: "The lines, without their breaks unless these are asked for.",
  examples: [
    { title: "two lines", expression: "'a\\r\\nb\\n'.splitlines()", result: ["a", "b"] },
    { title: "with their breaks", expression: "'a\\nb'.splitlines(true)", result: ["a\n", "b"] },
  ],
  run: (text, args) => {
    const lines = (text.match(LINE) ?? []).filter((line) => line !== "");
    const keeps = argument(args, 0, "keepends") === true;
    return keeps ? lines : lines.map((line) => line.replace(/(?:\r\n|[\n\r\v\f\u0085\u2028\u2029])$/, ""));
  },
});

export const TEXT_SHAPE_METHODS: readonly MethodDefinition[] = [
  ...KINDS,
  removesuffix,
  title,
  swapcase,
  casefold,
  ...LAID_OUT,
  zfill,
  expandtabs,
  splitlines,
];
