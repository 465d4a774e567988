/** Methods that look for a text in another. */
import type { Arguments, MethodDefinition } from "../contract/function.ts";
import { Fault, Tuple, type Value } from "../contract/value.ts";
import { isInteger } from "../values/numbers.ts";
import { argument, textMethod } from "./define.ts";

const NO_TEXT = new Fault("the argument must be a text");
const NOT_FOUND = new Fault("the text does not hold the other one");

/** The part of a text that the second and third argument bound, and where it begins. */
function bounded(text: string, args: Arguments): { readonly part: string; readonly from: number } {
  const bound = (position: number, name: string, otherwise: number): number => {
    const value = argument(args, position, name);
    if (!isInteger(value)) {
      return otherwise;
    }
    return value < 0 ? Math.max(0, Number(value) + text.length) : Math.min(Number(value), text.length);
  };
  const from = bound(1, "start", 0);
  return { part: text.slice(from, bound(2, "end", text.length)), from };
}

/** Where the wanted text stands, from the text's start; -1 for nowhere. */
function place(text: string, args: Arguments, side: "first" | "last"): number | Fault {
  const wanted = argument(args, 0, "sub");
  if (typeof wanted !== "string") {
    return NO_TEXT;
  }
  const { part, from } = bounded(text, args);
  const found = side === "first" ? part.indexOf(wanted) : part.lastIndexOf(wanted);
  return found < 0 ? -1 : found + from;
}

function orFault(found: number | Fault): number | Fault {
  return found === -1 ? NOT_FOUND : found;
}

const index = textMethod({
  name: "index",
  summary: "Where another text first stands in it, counted from 0.",
  examples: [
    { title: "found", expression: "'a=b'.index('=')", result: 1 },
    { title: "not found", expression: "'ab'.index('=')", fault: true },
  ],
  run: (text, args) => orFault(place(text, args, "first")),
});

const rindex = textMethod({
  name: "rindex",
  summary: "Where another text last stands in it, counted from 0.",
  examples: [{ title: "found", expression: "'a=b=c'.rindex('=')", result: 3 }],
  run: (text, args) => orFault(place(text, args, "last")),
});

const find = textMethod({
  name: "find",
  summary: "Where another text first stands in it, counted from 0; -1 for nowhere.",
  examples: [
    { title: "found", expression: "'a=b'.find('=')", result: 1 },
    { title: "not found", expression: "'ab'.find('=')", result: -1 },
    { title: "from a place on", expression: "'a=b=c'.find('=', 2)", result: 3 },
  ],
  run: (text, args) => place(text, args, "first"),
});

const rfind = textMethod({
  name: "rfind",
  summary: "Where another text last stands in it, counted from 0; -1 for nowhere.",
  examples: [{ title: "found", expression: "'a=b=c'.rfind('=')", result: 3 }],
  run: (text, args) => place(text, args, "last"),
});

const count = textMethod({
  name: "count",
  summary: "How often another text stands in it.",
  examples: [{ title: "dots", expression: "'a.b.c'.count('.')", result: 2 }],
  run: (text, args) => {
    const wanted = argument(args, 0, "sub");
    if (typeof wanted !== "string") {
      return NO_TEXT;
    }
    const { part } = bounded(text, args);
    return wanted === "" ? [...part].length + 1 : part.split(wanted).length - 1;
  },
});

/** One text, or a tuple of texts of which any may be it; Python takes no list here. */
function anyOf(candidates: Value, holds: (candidate: string) => boolean): boolean | Fault {
  if (typeof candidates === "string") {
    return holds(candidates);
  }
  if (!(candidates instanceof Tuple)) {
    return NO_TEXT;
  }
  return candidates.some((candidate) => typeof candidate === "string" && holds(candidate));
}

const startswith = textMethod({
  name: "startswith",
  summary: "Whether the text begins with another, or with any of several.",
  examples: [
    { title: "one", expression: "'https://a'.startswith('https')", result: true },
    { title: "several", expression: "'ftp://a'.startswith(('http', 'ftp'))", result: true },
    { title: "from a place on", expression: "'https://a'.startswith('://', 5)", result: true },
    { title: "a list is not a tuple", expression: "'ftp://a'.startswith(['ftp'])", fault: true },
  ],
  run: (text, args) => {
    const { part } = bounded(text, args);
    return anyOf(argument(args, 0, "prefix"), (prefix) => part.startsWith(prefix));
  },
});

const endswith = textMethod({
  name: "endswith",
  summary: "Whether the text ends with another, or with any of several.",
  examples: [{ title: "one", expression: "'a.exe'.endswith('.exe')", result: true }],
  run: (text, args) => {
    const { part } = bounded(text, args);
    return anyOf(argument(args, 0, "suffix"), (suffix) => part.endsWith(suffix));
  },
});

/** The text before a separator, the separator, and the text behind it. */
function parted(
  side: "first" | "last",
  none: (text: string) => readonly Value[],
): (text: string, args: Arguments) => Value | Fault {
  return (text, args) => {
    const separator = argument(args, 0, "sep");
    if (typeof separator !== "string") {
      return NO_TEXT;
    }
    if (separator === "") {
      return new Fault("a separator must not be empty");
    }
    const at = side === "first" ? text.indexOf(separator) : text.lastIndexOf(separator);
    if (at < 0) {
      return Tuple.holding(none(text));
    }
    return Tuple.holding([text.slice(0, at), separator, text.slice(at + separator.length)]);
  };
}

const partition = textMethod({
  name: "partition",
  summary: "The text before the first separator, the separator, and the text behind it.",
  examples: [
    { title: "found", expression: "'a=b=c'.partition('=')", result: ["a", "=", "b=c"] },
    { title: "not found", expression: "'a'.partition('=')", result: ["a", "", ""] },
  ],
  run: parted("first", (text) => [text, "", ""]),
});

const rpartition = textMethod({
  name: "rpartition",
  summary: "The text before the last separator, the separator, and the text behind it.",
  examples: [
    { title: "found", expression: "'a=b=c'.rpartition('=')", result: ["a=b", "=", "c"] },
    { title: "not found", expression: "'a'.rpartition('=')", result: ["", "", "a"] },
  ],
  run: parted("last", (text) => ["", "", text]),
});

export const TEXT_SEARCH_METHODS: readonly MethodDefinition[] = [
  startswith,
  endswith,
  index,
  rindex,
  find,
  rfind,
  count,
  partition,
  rpartition,
];
