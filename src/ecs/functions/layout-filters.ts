/** Filters that lay text out, or count in it. */
import type { FilterDefinition } from "../contract/function.ts";
import { Fault, type Value } from "../contract/value.ts";
import { isTruthy } from "../values/compare.ts";
import { checkTextLength } from "../values/limits.ts";
import { isInteger } from "../values/numbers.ts";
import { printValue } from "../values/print-value.ts";
import { argument, defineFilter } from "./define.ts";
import { capitalize, centerText } from "./text-editing.ts";

/** A number that was given, or the one that stands for it. */
function numberOr(value: Value, fallback: number): number {
  return isInteger(value) ? Number(value) : fallback;
}

const title = defineFilter({
  name: "title",
  summary: "Each word with a capital first; a word begins after a blank, a dash or an opening bracket.",
  examples: [
    { title: "a name", expression: "'ANN-marie (of) o\\'neil' | title", result: "Ann-Marie (Of) O'neil" },
  ],
  run: (value) =>
    printValue(value)
      .split(/([-\s({[<]+)/)
      .map(capitalize)
      .join(""),
});

const center = defineFilter({
  name: "center",
  summary: "The text in the middle of as many characters, 80 without an argument.",
  examples: [{ title: "a word", expression: "'ab' | center(6)", result: "  ab  " }],
  run: (value, args) => centerText(printValue(value), numberOr(argument(args, 0, "width"), 80), " "),
});

const TRUNCATE_LEEWAY = 5;

const truncate = defineFilter({
  name: "truncate",
  summary:
    "The text cut to a length, 255 without an argument, at the end of a word; a text that is at most five longer stays.",
  examples: [
    { title: "between words", expression: "'one two three four' | truncate(9)", result: "one..." },
    { title: "inside a word", expression: "'one two three four' | truncate(9, true)", result: "one tw..." },
    { title: "a little longer", expression: "'one two three' | truncate(9)", result: "one two three" },
  ],
  run: (value, args) => {
    const text = printValue(value);
    const length = numberOr(argument(args, 0, "length"), 255);
    const end = printValue(argument(args, 2, "end") ?? "...");
    if (length < end.length) {
      return new Fault("a text cannot be cut to less than the end it is given");
    }
    if (text.length <= length + numberOr(argument(args, 3, "leeway"), TRUNCATE_LEEWAY)) {
      return text;
    }
    const cut = text.slice(0, length - end.length);
    if (isTruthy(argument(args, 1, "killwords"))) {
      return cut + end;
    }
    const blank = cut.lastIndexOf(" ");
    return (blank < 0 ? cut : cut.slice(0, blank)) + end;
  },
});

const wordcount = defineFilter({
  name: "wordcount",
  summary: "How many words the text has.",
  examples: [{ title: "words", expression: "'one, two' | wordcount", result: 2 }],
  run: (value) => printValue(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
});

const indent = defineFilter({
  name: "indent",
  summary: "Each line but the first moved to the right, by four blanks, as many as given, or a text.",
  examples: [{ title: "two lines", expression: "'a\\nb' | indent(2)", result: "a\n  b" }],
  run: (value, args) => {
    const text = printValue(value);
    const width = argument(args, 0, "width");
    const size = numberOr(width, 4);
    checkTextLength(size);
    const by = typeof width === "string" ? width : " ".repeat(Math.max(0, size));
    const movesBlank = isTruthy(argument(args, 2, "blank"));
    const lines = text.split(/\r\n|\n|\r/);
    checkTextLength(text.length + lines.length * by.length);
    const moved = lines.map((line, i) => (i === 0 || (line === "" && !movesBlank) ? line : by + line));
    return (isTruthy(argument(args, 1, "first")) ? by : "") + moved.join("\n");
  },
});

/** Letters, digits and `_.-~` stay, and `/` where a path may stand. */
function percentEncoded(text: string, isQuery: boolean): string {
  const encoded = encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return isQuery ? encoded.replaceAll("%20", "+") : encoded.replaceAll("%2F", "/");
}

const urlencode = defineFilter({
  name: "urlencode",
  summary: "The text as it may stand in a URL; a dict becomes a query.",
  examples: [
    { title: "a path", expression: "'a b/ü' | urlencode", result: "a%20b/%C3%BC" },
    { title: "a dict", expression: "{'q': 'a b', 'n': 1} | urlencode", result: "q=a+b&n=1" },
  ],
  run: (value) => {
    if (!(value instanceof Map)) {
      if (Array.isArray(value)) {
        return new Fault("only a text or a dict can be written for a URL");
      }
      return percentEncoded(printValue(value), false);
    }
    const part = (item: Value): string => percentEncoded(printValue(item), true);
    return [...value].map(([key, item]) => `${part(key)}=${part(item)}`).join("&");
  },
});

const safe = defineFilter({
  name: "safe",
  summary: "The value as text; nothing is escaped here, so it says nothing more.",
  examples: [{ title: "a text", expression: "'<b>' | safe", result: "<b>" }],
  run: (value) => printValue(value),
});

export const LAYOUT_FILTERS: readonly FilterDefinition[] = [
  title,
  center,
  truncate,
  wordcount,
  indent,
  urlencode,
  safe,
];
