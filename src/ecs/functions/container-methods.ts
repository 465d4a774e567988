/** Methods of lists and dicts. */
import type { MethodDefinition } from "../contract/function.ts";
import { Fault, Lazy, Tuple, type Value } from "../contract/value.ts";
import { equals, toKey } from "../values/compare.ts";
import { checkListLength } from "../values/limits.ts";
import { isInteger } from "../values/numbers.ts";
import { argument, dictMethod, listMethod } from "./define.ts";
import { itemsOf } from "./items.ts";

const append = listMethod({
  name: "append",
  changes: true,
  summary: "Adds an item to the list itself; the result is None.",
  examples: [{ title: "the result", expression: "[1].append(2)", result: null }],
  run: (list, args) => {
    checkListLength(list.length + 1);
    list.push(argument(args, 0, "object"));
    return null;
  },
});

const extend = listMethod({
  name: "extend",
  changes: true,
  summary: "Adds another list's items to the list itself; the result is None.",
  examples: [{ title: "the result", expression: "[1].extend([2])", result: null }],
  run: (list, args) => {
    const items = itemsOf(argument(args, 0, "iterable"));
    if (items instanceof Fault) {
      return items;
    }
    checkListLength(list.length + items.length);
    for (const item of [...items]) {
      list.push(item);
    }
    return null;
  },
});

const NOT_HELD = new Fault("the list does not hold the item");

const listIndex = listMethod({
  name: "index",
  summary: "Where an item first stands in the list, counted from 0.",
  examples: [
    { title: "found", expression: "['a', 'b'].index('b')", result: 1 },
    { title: "not found", expression: "['a'].index('b')", fault: true },
  ],
  run: (list, args) => {
    const at = placeOf(list, args.positional[0]);
    return at < 0 ? NOT_HELD : at;
  },
});

function placeOf(list: readonly Value[], item: Value): number {
  return list.findIndex((other) => equals(other, item));
}

const countItems = listMethod({
  name: "count",
  summary: "How often an item stands in the list.",
  examples: [{ title: "twice", expression: "['a', 'b', 'a'].count('a')", result: 2 }],
  run: (list, args) => list.filter((item) => equals(item, args.positional[0])).length,
});

const insert = listMethod({
  name: "insert",
  changes: true,
  summary: "Puts an item before a place of the list itself; the result is None.",
  examples: [{ title: "the result", expression: "[1].insert(0, 2)", result: null }],
  run: (list, args) => {
    const [at, item] = args.positional;
    if (!isInteger(at)) {
      return new Fault("a place is a whole number");
    }
    checkListLength(list.length + 1);
    list.splice(Number(at), 0, item);
    return null;
  },
});

const popItem = listMethod({
  name: "pop",
  changes: true,
  summary: "Takes the last item, or the one at a place, out of the list itself.",
  examples: [
    { title: "the last", expression: "[1, 2].pop()", result: 2 },
    { title: "the first", expression: "[1, 2].pop(0)", result: 1 },
    { title: "no such place", expression: "[1].pop(1)", fault: true },
  ],
  run: (list, args) => {
    const at = args.positional.length === 0 ? -1 : args.positional[0];
    if (!isInteger(at)) {
      return new Fault("a place is a whole number");
    }
    if (at >= list.length || at < -list.length) {
      return NOT_HELD;
    }
    return list.splice(Number(at), 1)[0];
  },
});

const remove = listMethod({
  name: "remove",
  changes: true,
  summary: "Takes the first item that is equal out of the list itself; the result is None.",
  examples: [{ title: "the result", expression: "[1].remove(1)", result: null }],
  run: (list, args) => {
    const at = placeOf(list, args.positional[0]);
    if (at < 0) {
      return NOT_HELD;
    }
    list.splice(at, 1);
    return null;
  },
});

const reverse = listMethod({
  name: "reverse",
  changes: true,
  summary: "Turns the list itself round; the result is None.",
  examples: [{ title: "the result", expression: "[1, 2].reverse()", result: null }],
  run: (list) => {
    list.reverse();
    return null;
  },
});

const sort = listMethod({
  name: "sort",
  changes: true,
  summary: "Brings the list itself into order, capitals first; the result is None.",
  examples: [{ title: "the result", expression: "[2, 1].sort()", result: null }],
  run: (list, args, tools) => {
    const sorted = tools.callFilter("sort", [...list], [args.named.get("reverse") ?? false, true]);
    if (!Array.isArray(sorted)) {
      return sorted;
    }
    list.splice(0, list.length, ...sorted);
    return null;
  },
});

const clearList = listMethod({
  name: "clear",
  changes: true,
  summary: "Takes all items out of the list itself; the result is None.",
  examples: [{ title: "the result", expression: "[1].clear()", result: null }],
  run: (list) => {
    list.length = 0;
    return null;
  },
});

const pop = dictMethod({
  name: "pop",
  changes: true,
  summary:
    "Takes an entry out of the dict itself and gives its value, or a second argument when there is none.",
  examples: [
    { title: "an entry", expression: "{'a': 1}.pop('a')", result: 1 },
    { title: "no entry, a default", expression: "{}.pop('a', 'b')", result: "b" },
    { title: "no entry", expression: "{}.pop('a')", fault: true },
  ],
  run: (dict, args) => {
    const key = toKey(args.positional[0]);
    if (key !== undefined && dict.has(key)) {
      const value = dict.get(key);
      dict.delete(key);
      return value;
    }
    return args.positional.length > 1 ? args.positional[1] : new Fault("the dict has no such entry");
  },
});

const setdefault = dictMethod({
  name: "setdefault",
  changes: true,
  summary: "The entry of a key, which is put into the dict itself when there is none.",
  examples: [{ title: "no entry", expression: "{}.setdefault('a', 1)", result: 1 }],
  run: (dict, args) => {
    const key = toKey(args.positional[0]);
    if (key === undefined) {
      return new Fault("a list or dict cannot be a key");
    }
    checkListLength(dict.size + 1);
    if (!dict.has(key)) {
      dict.set(key, args.positional.length > 1 ? args.positional[1] : null);
    }
    return dict.get(key);
  },
});

const clear = dictMethod({
  name: "clear",
  changes: true,
  summary: "Takes all entries out of the dict itself; the result is None.",
  examples: [{ title: "the result", expression: "{'a': 1}.clear()", result: null }],
  run: (dict) => {
    dict.clear();
    return null;
  },
});

const get = dictMethod({
  name: "get",
  summary: "The entry of a key; None, or a second argument, when there is none.",
  examples: [
    { title: "an entry", expression: "{'a': 1}.get('a')", result: 1 },
    { title: "no entry", expression: "{}.get('a')", result: null },
    { title: "no entry, a default", expression: "{}.get('a', 'b')", result: "b" },
  ],
  run: (dict, args) => {
    if (args.named.size > 0) {
      return new Fault("`get` takes no arguments by name");
    }
    const key = toKey(args.positional[0]);
    const value = key === undefined ? undefined : dict.get(key);
    if (value !== undefined) {
      return value;
    }
    return args.positional.length > 1 ? args.positional[1] : null;
  },
});

const items = dictMethod({
  name: "items",
  summary: "The entries as pairs of key and value.",
  examples: [
    { title: "a dict", expression: "{'k': 1}.items()", result: [["k", 1]] },
    { title: "pairs are tuples", expression: "{'k': 1}.items() | first | string", result: "('k', 1)" },
  ],
  run: (dict) =>
    Lazy.holding(
      [...dict].map((entry) => Tuple.holding(entry)),
      true,
    ),
});

const keys = dictMethod({
  name: "keys",
  summary: "The keys as a list.",
  examples: [{ title: "a dict", expression: "{'k': 1}.keys()", result: ["k"] }],
  run: (dict) => Lazy.holding([...dict.keys()], true),
});

const values = dictMethod({
  name: "values",
  summary: "The values as a list.",
  examples: [{ title: "a dict", expression: "{'k': 1}.values()", result: [1] }],
  run: (dict) => Lazy.holding([...dict.values()], true),
});

const update = dictMethod({
  name: "update",
  changes: true,
  summary: "Adds another dict's entries to the dict itself; the result is None.",
  examples: [{ title: "the result", expression: "{}.update({'k': 1})", result: null }],
  run: (dict, args) => {
    const other = args.positional[0];
    if (other !== undefined && !(other instanceof Map)) {
      return new Fault("only a dict can be added to a dict");
    }
    checkListLength(dict.size + (other?.size ?? 0) + args.named.size);
    for (const [key, value] of [...(other ?? []), ...args.named]) {
      dict.set(key, value);
    }
    return null;
  },
});

const copy = dictMethod({
  name: "copy",
  summary: "Another dict with the same entries.",
  examples: [{ title: "a dict", expression: "{'k': 1}.copy()", result: { k: 1 } }],
  run: (dict) => new Map(dict),
});

const copyList = listMethod({
  name: "copy",
  summary: "Another list with the same items.",
  examples: [{ title: "a list", expression: "[1].copy()", result: [1] }],
  run: (list) => [...list],
});

const groups = dictMethod({
  name: "groups",
  summary: "Of a match of `re`: the groups as a tuple, None for one that took no part.",
  examples: [{ title: "two groups", expression: "re.match('(a)|(b)', 'b').groups()", result: [null, "b"] }],
  run: (dict) => Tuple.holding([...dict].flatMap(([key, value]) => (key === 0 ? [] : [value]))),
});

const group = dictMethod({
  name: "group",
  summary: "Of a match of `re`: one group by number, 0 or none for the whole match.",
  examples: [
    { title: "the first group", expression: "re.search('=([0-9]+)', 'a=12').group(1)", result: "12" },
  ],
  run: (dict, args) => {
    const number = argument(args, 0, "group") ?? 0;
    if (!isInteger(number) || !dict.has(number)) {
      return new Fault("the match has no such group");
    }
    return dict.get(number);
  },
});

export const CONTAINER_METHODS: readonly MethodDefinition[] = [
  append,
  extend,
  listIndex,
  countItems,
  insert,
  popItem,
  remove,
  reverse,
  sort,
  clearList,
  pop,
  setdefault,
  clear,
  get,
  items,
  keys,
  values,
  update,
  copy,
  copyList,
  groups,
  group,
];
