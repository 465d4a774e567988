/** Filters that order items, or choose by their order. */
import type { Arguments, FilterDefinition, FunctionTools } from "../contract/function.ts";
import { Fault, Lazy, type Result, Tuple, type Value } from "../contract/value.ts";
import { compare, isTruthy } from "../values/compare.ts";
import { argument, defineFilter } from "./define.ts";
import { attributeReader, itemsOf } from "./items.ts";

/** Small and large letters count as the same unless a filter is told otherwise. */
function folded(value: Value, isCaseSensitive: boolean): Value {
  return typeof value === "string" && !isCaseSensitive ? value.toLowerCase() : value;
}

/** What an item is ordered by: itself, or its attributes, of which several are named with commas between them. */
function keyReader(attribute: Value, isCaseSensitive: boolean): (item: Value) => Result {
  if (attribute === undefined || attribute === null) {
    return (item) => folded(item, isCaseSensitive);
  }
  const names = typeof attribute === "string" ? attribute.split(",") : [attribute];
  const readers = names.map(attributeReader);
  return (item) => {
    const keys: Value[] = [];
    for (const read of readers) {
      const key = read(item);
      if (key instanceof Fault) {
        return key;
      }
      keys.push(folded(key, isCaseSensitive));
    }
    return keys;
  };
}

/** Stable, as Python's is; a fault when two items have no order. */
function sortedBy(
  items: readonly Value[],
  keyOf: (item: Value) => Result,
  isReversed: boolean,
  tools: FunctionTools,
): Value[] | Fault {
  let fault: Fault | undefined;
  const keyed = items.map((item) => {
    const key = keyOf(item);
    if (key instanceof Fault) {
      fault ??= key;
    }
    return { item, key: key instanceof Fault ? undefined : key };
  });
  keyed.sort((a, b) => {
    tools.spend(1);
    const order = compare(a.key, b.key);
    if (order instanceof Fault) {
      fault ??= order;
    }
    return order instanceof Fault ? 0 : isReversed ? -order : order;
  });
  return fault ?? keyed.map(({ item }) => item);
}

const sort = defineFilter({
  name: "sort",
  summary: "The items in order, by an attribute if one is given; small and large letters count as the same.",
  examples: [
    { title: "texts", expression: "['b', 'A', 'c'] | sort", result: ["A", "b", "c"] },
    { title: "backwards", expression: "[1, 3, 2] | sort(reverse=true)", result: [3, 2, 1] },
    {
      title: "by an attribute",
      expression: "[{'n': 2}, {'n': 1}] | sort(attribute='n')",
      result: [{ n: 1 }, { n: 2 }],
    },
    { title: "numbers and texts have no order", expression: "[1, 'a'] | sort", fault: true },
  ],
  run: (value, args, tools) => {
    const items = itemsOf(value);
    if (items instanceof Fault) {
      return items;
    }
    const keyOf = keyReader(argument(args, 2, "attribute"), isTruthy(argument(args, 1, "case_sensitive")));
    return sortedBy(items, keyOf, isTruthy(argument(args, 0, "reverse")), tools);
  },
});

const dictsort = defineFilter({
  name: "dictsort",
  summary: "A dict's entries as pairs, in the order of their keys or, with `by='value'`, of their values.",
  examples: [
    {
      title: "by key",
      expression: "{'b': 1, 'a': 2} | dictsort",
      result: [
        ["a", 2],
        ["b", 1],
      ],
    },
    { title: "by value", expression: "{'b': 1, 'a': 2} | dictsort(by='value') | first | first", result: "b" },
    { title: "a list", expression: "[1] | dictsort", fault: true },
  ],
  run: (value, args, tools) => {
    if (!(value instanceof Map)) {
      return new Fault("only a dict has entries to order");
    }
    const by = argument(args, 1, "by") ?? "key";
    if (by !== "key" && by !== "value") {
      return new Fault("entries are ordered by `key` or by `value`");
    }
    const isCaseSensitive = isTruthy(argument(args, 0, "case_sensitive"));
    const position = by === "key" ? 0 : 1;
    const entries = [...value].map((entry): Value => Tuple.holding(entry));
    const keyOf = (entry: Value): Value =>
      folded(Array.isArray(entry) ? entry[position] : undefined, isCaseSensitive);
    return sortedBy(entries, keyOf, isTruthy(argument(args, 2, "reverse")), tools);
  },
});

/** The item whose key is furthest to one side; the first of equals. */
function extreme(sign: 1 | -1): (value: Value, args: Arguments, tools: FunctionTools) => Result {
  return (value, args, tools) => {
    const items = itemsOf(value);
    if (items instanceof Fault) {
      return items;
    }
    const keyOf = keyReader(argument(args, 1, "attribute"), isTruthy(argument(args, 0, "case_sensitive")));
    let best: { readonly item: Value; readonly key: Value } | undefined;
    for (const item of items) {
      tools.spend(1);
      const key = keyOf(item);
      if (key instanceof Fault) {
        return key;
      }
      const order = best === undefined ? sign : compare(key, best.key);
      if (order instanceof Fault) {
        return order;
      }
      if (order * sign > 0) {
        best = { item, key };
      }
    }
    return best?.item;
  };
}

const max = defineFilter({
  name: "max",
  summary: "The greatest item, by an attribute if one is given; undefined when there is none.",
  examples: [
    { title: "numbers", expression: "[1, 3, 2] | max", result: 3 },
    { title: "by an attribute", expression: "[{'n': 2}, {'n': 1}] | max(attribute='n')", result: { n: 2 } },
    { title: "an empty list", expression: "[] | max" },
  ],
  run: extreme(1),
});

const min = defineFilter({
  name: "min",
  summary: "The smallest item, by an attribute if one is given; undefined when there is none.",
  examples: [{ title: "numbers", expression: "[2, 1, 3] | min", result: 1 }],
  run: extreme(-1),
});

const reverse = defineFilter({
  name: "reverse",
  summary: "The items, or the characters of a text, from the last to the first.",
  examples: [
    { title: "a list", expression: "[1, 2] | reverse | list", result: [2, 1] },
    { title: "a text", expression: "'abc' | reverse", result: "cba" },
  ],
  run: (value) => {
    if (typeof value === "string") {
      return [...value].reverse().join("");
    }
    const items = itemsOf(value);
    return items instanceof Fault ? items : Lazy.holding([...items].reverse(), false);
  },
});

export const ORDER_FILTERS: readonly FilterDefinition[] = [sort, dictsort, max, min, reverse];
