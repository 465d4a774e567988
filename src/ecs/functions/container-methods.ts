/** Methods of lists and dicts. */
import type { MethodDefinition } from "../contract/function.ts";
import { Fault, Tuple, type Value } from "../contract/value.ts";
import { toKey } from "../values/compare.ts";
import { checkListLength } from "../values/limits.ts";
import { isInteger } from "../values/numbers.ts";
import { argument, dictMethod, listMethod } from "./define.ts";
import { itemsOf } from "./items.ts";

const append = listMethod({
  name: "append",
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
  summary: "Adds another list's items to the list itself; the result is None.",
  examples: [{ title: "the result", expression: "[1].extend([2])", result: null }],
  run: (list, args) => {
    const items = itemsOf(argument(args, 0, "iterable"));
    if (items instanceof Fault) return items;
    checkListLength(list.length + items.length);
    for (const item of [...items]) list.push(item);
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
    const key = toKey(argument(args, 0, "key"));
    const value = key === undefined ? undefined : dict.get(key);
    if (value !== undefined) return value;
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
  run: (dict) => [...dict].map((entry): Value => Tuple.holding(entry)),
});

const keys = dictMethod({
  name: "keys",
  summary: "The keys as a list.",
  examples: [{ title: "a dict", expression: "{'k': 1}.keys()", result: ["k"] }],
  run: (dict) => [...dict.keys()],
});

const values = dictMethod({
  name: "values",
  summary: "The values as a list.",
  examples: [{ title: "a dict", expression: "{'k': 1}.values()", result: [1] }],
  run: (dict) => [...dict.values()],
});

const update = dictMethod({
  name: "update",
  summary: "Adds another dict's entries to the dict itself; the result is None.",
  examples: [{ title: "the result", expression: "{}.update({'k': 1})", result: null }],
  run: (dict, args) => {
    const other = args.positional[0];
    if (other !== undefined && !(other instanceof Map))
      return new Fault("only a dict can be added to a dict");
    checkListLength(dict.size + (other?.size ?? 0) + args.named.size);
    for (const [key, value] of [...(other ?? []), ...args.named]) dict.set(key, value);
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
    if (!isInteger(number) || !dict.has(number)) return new Fault("the match has no such group");
    return dict.get(number);
  },
});

export const CONTAINER_METHODS: readonly MethodDefinition[] = [
  append,
  extend,
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
