/** Filters on lists as a whole. */
import type { FilterDefinition } from "../contract/function.ts";
import { Fault, Float, Lazy, type Result, Tuple, type Value } from "../contract/value.ts";
import { add } from "../values/arithmetic.ts";
import { equals, isTruthy } from "../values/compare.ts";
import { checkListLength } from "../values/limits.ts";
import { isInteger } from "../values/numbers.ts";
import { argument, defineFilter, hasArgument } from "./define.ts";
import { attributeReader, itemsOf } from "./items.ts";
import { characterCount } from "./text-editing.ts";

const NO_LENGTH = new Fault("what a filter gives has no length until it is made a `list`");

const length = defineFilter({
  name: "length",
  summary: "How many items, entries or characters there are.",
  examples: [
    { title: "a list", expression: "['a', 'b'] | length", result: 2 },
    { title: "a text", expression: "'abc' | length", result: 3 },
    { title: "a name that is not defined", expression: "nothing | length", result: 0 },
    { title: "a number", expression: "5 | length", fault: true },
    { title: "what another filter gives", expression: "['a'] | map('upper') | length", fault: true },
    { title: "made a list", expression: "['a'] | map('upper') | list | length", result: 1 },
  ],
  run: (value) => {
    if (value === undefined) {
      return 0;
    }
    if (typeof value === "string") {
      return characterCount(value);
    }
    if (Array.isArray(value)) {
      return value instanceof Lazy && !value.hasLength ? NO_LENGTH : value.length;
    }
    return value instanceof Map ? value.size : new Fault("only texts, lists and dicts have a length");
  },
});

const count = defineFilter({
  ...length,
  name: "count",
  summary: "Another name of length.",
  examples: [{ title: "a list", expression: "['a', 'b'] | count", result: 2 }],
});

const first = defineFilter({
  name: "first",
  summary: "The first item; undefined when there is none.",
  examples: [
    { title: "a list", expression: "['a', 'b'] | first", result: "a" },
    { title: "an empty list", expression: "[] | first" },
  ],
  run: (value) => {
    if (Array.isArray(value)) {
      return value[0];
    }
    const items = itemsOf(value);
    return items instanceof Fault ? items : items[0];
  },
});

const last = defineFilter({
  name: "last",
  summary: "The last item; undefined when there is none.",
  examples: [{ title: "a list", expression: "['a', 'b'] | last", result: "b" }],
  run: (value) => {
    if (value instanceof Lazy && !value.hasLength) {
      return NO_LENGTH;
    }
    if (Array.isArray(value)) {
      return value.at(-1);
    }
    const items = itemsOf(value);
    return items instanceof Fault ? items : items.at(-1);
  },
});

const list = defineFilter({
  name: "list",
  summary: "The items as a list: characters of a text, keys of a dict.",
  examples: [
    { title: "a text", expression: "'ab' | list", result: ["a", "b"] },
    { title: "a dict", expression: "{'k': 1} | list", result: ["k"] },
    { title: "a name that is not defined", expression: "nothing | list", result: [] },
  ],
  run: (value) => {
    const items = itemsOf(value);
    return items instanceof Fault ? items : [...items];
  },
});

const NO_HASH = new Fault("lists and dicts cannot be told apart by `unique`");

/** What stands for a value among others: 1, 1.0 and True are the same. */
function hashed(value: Value): Value {
  if (value instanceof Float) {
    return value.value;
  }
  return typeof value === "boolean" ? Number(value) : value;
}

const unique = defineFilter({
  name: "unique",
  summary: "The items without repetitions; large and small letters count as the same.",
  examples: [
    { title: "texts", expression: "['a', 'A', 'b'] | unique | list", result: ["a", "b"] },
    {
      title: "as they are",
      expression: "['a', 'A'] | unique(case_sensitive=true) | list",
      result: ["a", "A"],
    },
    {
      title: "by an attribute",
      expression: "[{'n': 1}, {'n': 1}] | unique(attribute='n') | list",
      result: [{ n: 1 }],
    },
    { title: "equal numbers", expression: "[1, true, 1.0, 2] | unique | list", result: [1, 2] },
    { title: "dicts", expression: "[{}, {}] | unique | list", fault: true },
  ],
  run: (value, args, tools) => {
    const items = itemsOf(value);
    if (items instanceof Fault) {
      return items;
    }
    const isCaseSensitive = isTruthy(argument(args, 0, "case_sensitive"));
    const attribute = argument(args, 1, "attribute");
    const read = attribute === undefined || attribute === null ? undefined : attributeReader(attribute);
    const seen = new Set<Value>();
    const kept: Value[] = [];
    for (const item of items) {
      tools.spend(1);
      const of = read === undefined ? item : read(item);
      if (of instanceof Fault) {
        return of;
      }
      const key = typeof of === "string" ? (isCaseSensitive ? of : of.toLowerCase()) : hashed(of);
      if (key instanceof Tuple) {
        // Tuples are the same when their contents are.
        tools.spend(seen.size);
        if ([...seen].some((other) => equals(other, key))) {
          continue;
        }
      } else if (typeof key === "object" && key !== null) {
        return NO_HASH;
      } else if (seen.has(key)) {
        continue;
      }
      seen.add(key);
      kept.push(item);
    }
    return Lazy.holding(kept, false);
  },
});

const sum = defineFilter({
  name: "sum",
  summary: "The items added up, from `start` on; of dicts an attribute can be added.",
  examples: [
    { title: "numbers", expression: "[1, 2.5] | sum", result: 3.5 },
    { title: "an attribute", expression: "[{'n': 1}, {'n': 2}] | sum(attribute='n')", result: 3 },
    { title: "lists", expression: "[['a'], ['b']] | sum(start=[])", result: ["a", "b"] },
    { title: "texts", expression: "['a'] | sum", fault: true },
  ],
  run: (value, args, tools) => {
    const items = itemsOf(value);
    if (items instanceof Fault) {
      return items;
    }
    const attribute = argument(args, 0, "attribute");
    const read = attribute === undefined ? undefined : attributeReader(attribute);
    let total: Result = hasArgument(args, 1, "start") ? argument(args, 1, "start") : 0;
    for (const item of items) {
      tools.spend(Array.isArray(total) ? total.length + 1 : 1);
      const addend = read === undefined ? item : read(item);
      if (addend instanceof Fault) {
        return addend;
      }
      total = add(total, addend);
      if (total instanceof Fault) {
        return total;
      }
    }
    return total;
  },
});

const batch = defineFilter({
  name: "batch",
  summary: "The items in lists of that many; the last one is filled up when a filling is given.",
  examples: [
    { title: "pairs", expression: "[1, 2, 3] | batch(2) | list", result: [[1, 2], [3]] },
    {
      title: "filled up",
      expression: "[1, 2, 3] | batch(2, 0) | list",
      result: [
        [1, 2],
        [3, 0],
      ],
    },
  ],
  run: (value, args, tools) => {
    const items = itemsOf(value);
    if (items instanceof Fault) {
      return items;
    }
    const size = argument(args, 0, "linecount");
    if (!isInteger(size) || size < 1) {
      return new Fault("a batch needs a size of at least 1");
    }
    const filling = argument(args, 1, "fill_with");
    tools.spend(items.length);
    const batches: Value[][] = [];
    for (let i = 0; i < items.length; i += Number(size)) {
      batches.push(items.slice(i, i + Number(size)));
    }
    const tail = batches.at(-1);
    if (filling !== undefined && filling !== null && tail !== undefined) {
      checkListLength(Number(size));
      while (tail.length < Number(size)) {
        tail.push(filling);
      }
    }
    return Lazy.holding(batches, false);
  },
});

const slice = defineFilter({
  name: "slice",
  summary:
    "The items in that many lists of about equal length; shorter ones get a filling when one is given.",
  examples: [
    { title: "two lists", expression: "[1, 2, 3] | slice(2) | list", result: [[1, 2], [3]] },
    {
      title: "filled up",
      expression: "[1, 2, 3] | slice(2, 0) | list",
      result: [
        [1, 2],
        [3, 0],
      ],
    },
    { title: "more lists than items", expression: "[1] | slice(3) | list", result: [[1], [], []] },
    {
      title: "equal lists are filled too",
      expression: "[1, 2] | slice(2, 0) | list",
      result: [
        [1, 0],
        [2, 0],
      ],
    },
    { title: "no list at all", expression: "[1] | slice(0)", fault: true },
  ],
  run: (value, args, tools) => {
    const items = itemsOf(value);
    if (items instanceof Fault) {
      return items;
    }
    const count = argument(args, 0, "slices");
    if (!isInteger(count) || count < 1) {
      return new Fault("it needs a number of lists of at least 1");
    }
    const filling = argument(args, 1, "fill_with");
    tools.spend(items.length + Number(count));
    checkListLength(Number(count));
    const shortLength = Math.floor(items.length / Number(count));
    const longCount = items.length % Number(count);
    const slices: Value[][] = [];
    let from = 0;
    for (let i = 0; i < Number(count); i++) {
      const part = items.slice(from, from + shortLength + (i < longCount ? 1 : 0));
      from += part.length;
      if (filling !== undefined && filling !== null && i >= longCount) {
        part.push(filling);
      }
      slices.push(part);
    }
    return Lazy.holding(slices, false);
  },
});

const items = defineFilter({
  name: "items",
  summary: "A dict's entries as pairs of key and value.",
  examples: [
    { title: "a dict", expression: "{'k': 1} | items | list", result: [["k", 1]] },
    { title: "a name that is not defined", expression: "nothing | items | list", result: [] },
    { title: "a list", expression: "[1] | items", fault: true },
  ],
  run: (value) => {
    if (value === undefined) {
      return Lazy.holding([], false);
    }
    if (!(value instanceof Map)) {
      return new Fault("only a dict has entries");
    }
    return Lazy.holding(
      [...value].map((entry) => Tuple.holding(entry)),
      false,
    );
  },
});

const defaultFilter = defineFilter({
  name: "default",
  summary: "Another value for an undefined one; with a true second argument for any empty one too.",
  examples: [
    { title: "a name that is not defined", expression: "nothing | default('none')", result: "none" },
    { title: "an empty text stays", expression: "'' | default('none')", result: "" },
    { title: "an empty text is replaced", expression: "'' | default('none', true)", result: "none" },
  ],
  run: (value, args) => {
    const isReplaced = value === undefined || (isTruthy(argument(args, 1, "boolean")) && !isTruthy(value));
    if (!isReplaced) {
      return value;
    }
    return hasArgument(args, 0, "default_value") ? argument(args, 0, "default_value") : "";
  },
});

const d = defineFilter({
  ...defaultFilter,
  name: "d",
  summary: "Another name of default.",
  examples: [{ title: "a name that is not defined", expression: "nothing | d('none')", result: "none" }],
});

export const LIST_FILTERS: readonly FilterDefinition[] = [
  length,
  count,
  first,
  last,
  list,
  unique,
  sum,
  batch,
  slice,
  items,
  defaultFilter,
  d,
];
