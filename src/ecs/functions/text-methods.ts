/** Methods of texts. */
import type { MethodDefinition } from "../contract/function.ts";
import { Fault, type Value } from "../contract/value.ts";
import { formatBraces } from "../values/format.ts";
import { checkJoinedLength } from "../values/limits.ts";
import { isInteger } from "../values/numbers.ts";
import { argument, textMethod } from "./define.ts";
import { capitalize, replaceText, type Side, stripText } from "./text-editing.ts";
import { TEXT_SEARCH_METHODS } from "./text-search-methods.ts";
import { TEXT_SHAPE_METHODS } from "./text-shape-methods.ts";

const NO_TEXT = new Fault("the argument must be a text");

const split = textMethod({
  name: "split",
  summary: "The parts between separators, or between blanks; a second argument bounds how often it is cut.",
  examples: [
    { title: "a separator", expression: "'a,b,c'.split(',')", result: ["a", "b", "c"] },
    { title: "blanks", expression: "' a  b '.split()", result: ["a", "b"] },
    { title: "cut once", expression: "'a,b,c'.split(',', 1)", result: ["a", "b,c"] },
    { title: "an empty separator", expression: "'abc'.split('')", fault: true },
  ],
  run: (text, args) => cut(text, argument(args, 0, "sep"), argument(args, 1, "maxsplit"), "left"),
});

const rsplit = textMethod({
  name: "rsplit",
  summary: "As split, but cut from the end.",
  examples: [{ title: "cut once", expression: "'a,b,c'.rsplit(',', 1)", result: ["a,b", "c"] }],
  run: (text, args) => cut(text, argument(args, 0, "sep"), argument(args, 1, "maxsplit"), "right"),
});

function cut(text: string, separator: Value, maxSplit: Value, from: "left" | "right"): Value[] | Fault {
  const limit = isInteger(maxSplit) && maxSplit >= 0 ? Number(maxSplit) : Number.POSITIVE_INFINITY;
  if (separator === undefined || separator === null) {
    return cutAtBlanks(text, limit, from);
  }
  if (typeof separator !== "string" || separator === "") {
    return new Fault("a separator must be a text, and not empty");
  }
  const parts = text.split(separator);
  if (parts.length - 1 <= limit) {
    return parts;
  }
  if (from === "left") {
    return [...parts.slice(0, limit), parts.slice(limit).join(separator)];
  }
  const head = parts.length - limit;
  return [parts.slice(0, head).join(separator), ...parts.slice(head)];
}

function cutAtBlanks(text: string, limit: number, from: "left" | "right"): Value[] {
  const words = [...text.matchAll(/\S+/g)];
  if (words.length - 1 <= limit) {
    return words.map(([word]) => word);
  }
  if (from === "left") {
    const rest = text.slice(words[limit]?.index ?? 0).trimEnd();
    return [...words.slice(0, limit).map(([word]) => word), rest];
  }
  const kept = words.slice(words.length - limit);
  const last = words[words.length - limit - 1];
  const rest = text.slice(0, (last?.index ?? 0) + (last?.[0].length ?? 0)).trimStart();
  return [rest, ...kept.map(([word]) => word)];
}

const replace = textMethod({
  name: "replace",
  summary: "The text with each occurrence of one text replaced by another.",
  examples: [{ title: "all of them", expression: "'a-b-c'.replace('-', '')", result: "abc" }],
  run: (text, args) => {
    const old = argument(args, 0, "old");
    const replacement = argument(args, 1, "new");
    const count = argument(args, 2, "count");
    if (typeof old !== "string" || typeof replacement !== "string") {
      return NO_TEXT;
    }
    return replaceText(text, old, replacement, isInteger(count) ? Number(count) : -1);
  },
});

const lower = textMethod({
  name: "lower",
  summary: "The text in small letters.",
  examples: [{ title: "a word", expression: "'Allow'.lower()", result: "allow" }],
  run: (text) => text.toLowerCase(),
});

const upper = textMethod({
  name: "upper",
  summary: "The text in capitals.",
  examples: [{ title: "a word", expression: "'tcp'.upper()", result: "TCP" }],
  run: (text) => text.toUpperCase(),
});

const capitalizeMethod = textMethod({
  name: "capitalize",
  summary: "The first letter as a capital, the others small.",
  examples: [{ title: "a word", expression: "'DENIED'.capitalize()", result: "Denied" }],
  run: (text) => capitalize(text),
});

function strip(name: string, side: Side, summary: string, example: string, result: string): MethodDefinition {
  return textMethod({
    name,
    summary,
    examples: [{ title: "blanks and characters", expression: example, result }],
    run: (text, args) => {
      const characters = argument(args, 0, "chars");
      if (characters === undefined || characters === null) {
        return stripText(text, undefined, side);
      }
      return typeof characters === "string" ? stripText(text, characters, side) : NO_TEXT;
    },
  });
}

const STRIPS: readonly MethodDefinition[] = [
  strip(
    "strip",
    "both",
    "The text without blanks or given characters around it.",
    "' a '.strip() + '[b]'.strip('[]')",
    "ab",
  ),
  strip(
    "lstrip",
    "left",
    "The text without blanks or given characters before it.",
    "' a '.lstrip() + '[b]'.lstrip('[')",
    "a b]",
  ),
  strip(
    "rstrip",
    "right",
    "The text without blanks or given characters behind it.",
    "' a '.rstrip() + '[b]'.rstrip(']')",
    " a[b",
  ),
];

const removeprefix = textMethod({
  name: "removeprefix",
  summary: "The text without a beginning, if it has it.",
  examples: [{ title: "a scheme", expression: "'mailto:a@b'.removeprefix('mailto:')", result: "a@b" }],
  run: (text, args) => {
    const prefix = argument(args, 0, "prefix");
    if (typeof prefix !== "string") {
      return NO_TEXT;
    }
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
});

const join = textMethod({
  name: "join",
  summary: "A list's texts as one, with this text between them.",
  examples: [
    { title: "texts", expression: "'-'.join(['a', 'b'])", result: "a-b" },
    { title: "a number among them", expression: "'-'.join(['a', 1])", fault: true },
  ],
  run: (text, args, tools) => {
    const items = tools.callFilter("list", argument(args, 0, "iterable"), []);
    if (!Array.isArray(items)) {
      return items instanceof Fault ? items : NO_TEXT;
    }
    tools.spend(items.length);
    if (!items.every((item) => typeof item === "string")) {
      return new Fault("only texts can be joined");
    }
    checkJoinedLength(items, text);
    return items.join(text);
  },
});

const format = textMethod({
  name: "format",
  summary: "The text with its braces replaced by the arguments.",
  examples: [
    { title: "in order", expression: "'{} of {}'.format(1, 2)", result: "1 of 2" },
    { title: "by name, two digits", expression: "'{m:02d}'.format(m=7)", result: "07" },
  ],
  run: (text, args) => formatBraces(text, args.positional, args.named),
});

export const TEXT_METHODS: readonly MethodDefinition[] = [
  split,
  rsplit,
  replace,
  lower,
  upper,
  capitalizeMethod,
  ...STRIPS,
  removeprefix,
  join,
  format,
  ...TEXT_SEARCH_METHODS,
  ...TEXT_SHAPE_METHODS,
];
