/** Filters that make text. */
import type { FilterDefinition, FunctionTools } from "../contract/function.ts";
import { Fault, type Value } from "../contract/value.ts";
import { formatPercent } from "../values/format.ts";
import { checkJoinedLength, checkTextLength } from "../values/limits.ts";
import { isInteger } from "../values/numbers.ts";
import { printValue } from "../values/print-value.ts";
import { argument, defineFilter } from "./define.ts";
import { capitalize, replaceText, stripText } from "./text-editing.ts";

const lower = defineFilter({
  name: "lower",
  summary: "Text in small letters.",
  examples: [
    { title: "a word", expression: "'Allow' | lower", result: "allow" },
    { title: "a number becomes text", expression: "22 | lower", result: "22" },
    { title: "a name that is not defined", expression: "nothing | lower", result: "" },
  ],
  run: (value) => printValue(value).toLowerCase(),
});

const upper = defineFilter({
  name: "upper",
  summary: "Text in capitals.",
  examples: [{ title: "a word", expression: "'tcp' | upper", result: "TCP" }],
  run: (value) => printValue(value).toUpperCase(),
});

const capitalizeFilter = defineFilter({
  name: "capitalize",
  summary: "The first letter as a capital, the others small.",
  examples: [{ title: "a shouted word", expression: "'DENIED' | capitalize", result: "Denied" }],
  run: (value) => capitalize(printValue(value)),
});

const trim = defineFilter({
  name: "trim",
  summary: "Text without the blanks around it, or without the characters named.",
  examples: [
    { title: "blanks", expression: "'  a b ' | trim", result: "a b" },
    { title: "characters", expression: "'[x]' | trim('[]')", result: "x" },
  ],
  run: (value, args) => {
    const characters = argument(args, 0, "chars");
    return stripText(printValue(value), typeof characters === "string" ? characters : undefined, "both");
  },
});

const string = defineFilter({
  name: "string",
  summary: "The value as text, in Python's notation.",
  examples: [
    { title: "a truth value", expression: "true | string", result: "True" },
    { title: "a list", expression: "[1, 'a'] | string", result: "[1, 'a']" },
  ],
  run: (value) => printValue(value),
});

const replace = defineFilter({
  name: "replace",
  summary: "Text with each occurrence of one text replaced by another; a third argument bounds how many.",
  examples: [
    { title: "all of them", expression: "'a-b-c' | replace('-', '.')", result: "a.b.c" },
    { title: "the first one", expression: "'a-b-c' | replace('-', '.', 1)", result: "a.b-c" },
  ],
  run: (value, args) => {
    const count = argument(args, 2, "count");
    return replaceText(
      printValue(value),
      printValue(argument(args, 0, "old")),
      printValue(argument(args, 1, "new")),
      isInteger(count) ? Number(count) : -1,
    );
  },
});

const format = defineFilter({
  name: "format",
  summary: "A printf pattern filled with the arguments.",
  examples: [
    { title: "digits", expression: "'%d-%03d' | format(7, 5)", result: "7-005" },
    { title: "too few arguments", expression: "'%s %s' | format('a')", fault: true },
  ],
  run: (value, args) => {
    if (args.named.size === 0) {
      return formatPercent(printValue(value), args.positional);
    }
    return formatPercent(printValue(value), [new Map<string, Value>(args.named)]);
  },
});

const HTML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&#39;",
  '"': "&#34;",
};

const escapeHtml = defineFilter({
  name: "e",
  summary: "Text with the characters that HTML gives a meaning to written as entities.",
  examples: [{ title: "a tag", expression: "'<b>' | e", result: "&lt;b&gt;" }],
  run: (value) => {
    const text = printValue(value).replace(/[&<>'"]/g, (character) => HTML[character] ?? character);
    checkTextLength(text.length);
    return text;
  },
});

const escapeByName = defineFilter({
  ...escapeHtml,
  name: "escape",
  summary: "Another name of e.",
  examples: [{ title: "a tag", expression: "'<b>' | escape", result: "&lt;b&gt;" }],
});

const join = defineFilter({
  name: "join",
  summary: "The items as one text, with a separator between them.",
  examples: [
    { title: "a list", expression: "['a', 1] | join('/')", result: "a/1" },
    { title: "a name that is not defined", expression: "nothing | join(',')", result: "" },
    {
      title: "an attribute of each item",
      expression: "[{'n': 1}, {'n': 2}] | join(',', attribute='n')",
      result: "1,2",
    },
    { title: "None", expression: "none | join(',')", fault: true },
  ],
  run: (value, args, tools) => {
    const separator = printValue(argument(args, 0, "d") ?? "");
    const attribute = args.named.get("attribute");
    const list = tools.callFilter("list", value, []);
    const items = attribute === undefined ? list : mapped(list, attribute, tools);
    if (!Array.isArray(items)) {
      return items instanceof Fault ? items : new Fault("only lists can be joined");
    }
    tools.spend(items.length);
    const texts = items.map(printValue);
    checkJoinedLength(texts, separator);
    return texts.join(separator);
  },
});

function mapped(list: Value | Fault, attribute: Value, tools: FunctionTools): Value | Fault {
  if (list instanceof Fault) {
    return list;
  }
  return tools.callFilter("map", list, [null, attribute]);
}

export const TEXT_FILTERS: readonly FilterDefinition[] = [
  lower,
  upper,
  capitalizeFilter,
  trim,
  string,
  replace,
  format,
  escapeHtml,
  escapeByName,
  join,
];
