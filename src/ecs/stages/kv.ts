import { type StageDefinition, StageFailure } from "../contract/stage.ts";
import type { Dict } from "../contract/value.ts";
import { compileRegex, MAX_MATCHED_CHARS, type Regex } from "../regex/index.ts";
import { KeyValueScan } from "./kv-scan.ts";
import { inputText, isTrue, textOf } from "./properties.ts";

const NO_TEXT = new StageFailure("there is no text to split");
const NO_PAIR = new StageFailure("the text holds no key with a value");
const TOO_LONG = new StageFailure(`the text is longer than ${MAX_MATCHED_CHARS} characters`);

/** `kv.parse-kv`: keys and values in a row. */
export const kvParse: StageDefinition = {
  name: "kv.parse-kv",
  summary: "Splits keys and values in a row; a quoted value may hold the separators.",
  properties: [
    {
      name: "item_sep",
      kind: "text",
      summary: "A pattern between two pairs; one blank character without it.",
    },
    { name: "value_sep", kind: "text", summary: "A pattern between key and value; `=` without it." },
    { name: "groups", kind: "boolean", summary: "Whether `[name key=value]` is a dict of its own." },
    { name: "reversed", kind: "boolean", summary: "Known to the platform, of no effect here." },
  ],
  examples: [
    { title: "pairs", properties: {}, input: "a=1 b='x y=z'", result: { a: "1", b: "x y=z" } },
    {
      title: "what has no value belongs to the value before",
      properties: {},
      input: "msg=hello big world x=1",
      result: { msg: "hello big world", x: "1" },
    },
    {
      title: "until two separators follow each other",
      properties: {},
      input: "msg=hello big  world x=1",
      result: { msg: "hello big", x: "1" },
    },
    {
      title: "quotes before two separators are text",
      properties: {},
      input: 'a="b"  c=1',
      result: { a: '"b"', c: "1" },
    },
    {
      title: "quotes with quotes inside are text",
      properties: {},
      input: 'a="<b c="d">" e=1',
      result: { a: '"<b', c: '"d">"', e: "1" },
    },
    {
      title: "between other separators it belongs to none",
      properties: { item_sep: "," },
      input: "a= 1 ,hello,b=2",
      result: { a: "1", b: "2" },
    },
    { title: "quotes in quotes", properties: {}, input: 'a=""x""', result: { a: '"x"' } },
    {
      title: "separators are patterns",
      properties: { item_sep: ",\\s", value_sep: ":\\s?" },
      input: "first key: 1, b:2",
      result: { "first key": "1", b: "2" },
    },
    {
      title: "or plain text, when they are not a pattern",
      properties: { item_sep: "*,*" },
      input: "a=1*,*b=2",
      result: { a: "1", b: "2" },
    },
    {
      title: "groups",
      properties: { groups: true },
      input: "id=1 [message=all gone n=2 ][conn [from ip=192.0.2.1 ]port=9]",
      result: { id: "1", message: "all gone", n: "2", conn: { from: { ip: "192.0.2.1" }, port: "9" } },
    },
    { title: "no pair at all", properties: {}, input: "hello", result: "failure" },
  ],
  prepare(properties) {
    const hasGroups = isTrue(properties["groups"]);
    const itemSeparator = textOf(properties["item_sep"]) ?? "\\s";
    const valueSeparator = textOf(properties["value_sep"]) ?? "=";
    let separators: Separators | undefined;
    return ({ value }) => {
      const text = inputText(value);
      if (text === undefined) {
        return NO_TEXT;
      }
      separators ??= [compileSeparator(itemSeparator), compileSeparator(valueSeparator)];
      if (!separators.every((separator) => separator.isSearchable(text))) {
        return TOO_LONG;
      }
      const dict: Dict = new Map();
      if (hasGroups) {
        splitGroups(text, dict, separators);
      } else {
        splitPairs(text, dict, separators);
      }
      return dict.size === 0 ? NO_PAIR : dict;
    };
  },
};

/** Between two pairs, and between key and value. */
type Separators = readonly [Regex, Regex];

function splitPairs(text: string, dict: Dict, [itemSeparator, valueSeparator]: Separators): void {
  new KeyValueScan(text, itemSeparator, valueSeparator).readInto(dict);
}

/** A separator that is not a pattern stands for itself. */
function compileSeparator(pattern: string): Regex {
  const regex = compileRegex(pattern, { keepUnnamed: false });
  if (!(regex instanceof StageFailure) && regex.problem() === null) {
    return regex;
  }
  const literal = compileRegex(pattern.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&"), { keepUnnamed: false });
  if (literal instanceof StageFailure) {
    throw new TypeError(`an escaped separator was refused: ${literal.reason}`);
  }
  return literal;
}

/** A bracket, or a quoted value, in which brackets are text. */
const STRUCTURE = /[[\]]|="[^"\\]*(?:\\.[^"\\]*)*"/gs;
/** The name of a group: its first word, unless that is a key. */
const GROUP_NAME = /[^\S\n]*([^\s=[\]]+)(?=[\s[\]]|$)/y;

/** Splits the text between brackets; a group without a name belongs to the one around it. */
function splitGroups(text: string, root: Dict, separators: Separators): void {
  const open: Dict[] = [];
  let current = root;
  let from = 0;
  for (const { 0: found, index } of text.matchAll(STRUCTURE)) {
    if (found.length > 1 || index < from) {
      continue;
    }
    splitPairs(text.slice(from, index), current, separators);
    from = index + 1;
    if (found === "]") {
      current = open.pop() ?? root;
      continue;
    }
    open.push(current);
    GROUP_NAME.lastIndex = from;
    const name = GROUP_NAME.exec(text);
    if (name === null) {
      continue;
    }
    from += name[0].length;
    current = groupIn(current, name[1] ?? "");
  }
  splitPairs(text.slice(from), current, separators);
}

function groupIn(dict: Dict, name: string): Dict {
  const known = dict.get(name);
  if (known instanceof Map) {
    return known;
  }
  const group: Dict = new Map();
  dict.set(name, group);
  return group;
}
