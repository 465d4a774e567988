/** Filters that apply a filter or a test to each item. */
import type { Arguments, FilterDefinition, FunctionTools } from "../contract/function.ts";
import { Fault, Lazy, type Value } from "../contract/value.ts";
import { isTruthy } from "../values/compare.ts";
import { argument, defineFilter } from "./define.ts";
import { attributeReader, itemsOf } from "./items.ts";

/** These filters alone take any empty value, None among them, for one without items. */
function itemsOrNone(value: Value): readonly Value[] | Fault {
  return isTruthy(value) ? itemsOf(value) : [];
}

const map = defineFilter({
  name: "map",
  summary: "One attribute of each item, or a filter applied to each item.",
  examples: [
    { title: "an attribute", expression: "[{'n': 1}, {'n': 2}] | map(attribute='n') | list", result: [1, 2] },
    { title: "a filter", expression: "['A', 'B'] | map('lower') | list", result: ["a", "b"] },
    {
      title: "a filter with arguments",
      expression: "['a-b'] | map('replace', '-', '') | list",
      result: ["ab"],
    },
    { title: "a default", expression: "[{}] | map(attribute='n', default=0) | list", result: [0] },
  ],
  run: (value, args, tools) => {
    const items = itemsOrNone(value);
    if (items instanceof Fault) {
      return items;
    }
    const [name, ...rest] = args.positional;
    // A filter without a name stands for an attribute, as `join` asks for one.
    const attribute = args.named.get("attribute") ?? (name === null ? rest[0] : undefined);
    const read = attribute === undefined ? undefined : attributeReader(attribute);
    const fallback = args.named.get("default");
    const results: Value[] = [];
    for (const item of items) {
      tools.spend(1);
      const result =
        read !== undefined
          ? (read(item) ?? fallback)
          : tools.callFilter(typeof name === "string" ? name : "", item, rest);
      if (result instanceof Fault) {
        return result;
      }
      results.push(result);
    }
    return Lazy.holding(results, false);
  },
});

type Chosen = (item: Value) => Value | Fault;

/** Keeps the items of which a test says what is wanted; without a test their truth counts. */
function choose(
  value: Value,
  [name, ...rest]: readonly Value[],
  tools: FunctionTools,
  isWanted: boolean,
  subject: Chosen,
): Value[] | Fault {
  const items = itemsOrNone(value);
  if (items instanceof Fault) {
    return items;
  }
  const kept: Value[] = [];
  for (const item of items) {
    tools.spend(1);
    const tested = subject(item);
    if (tested instanceof Fault) {
      return tested;
    }
    const verdict = typeof name === "string" ? tools.callTest(name, tested, rest) : isTruthy(tested);
    if (verdict instanceof Fault) {
      return verdict;
    }
    if (verdict === isWanted) {
      kept.push(item);
    }
  }
  return Lazy.holding(kept, false);
}

function byItem(isWanted: boolean): FilterDefinition["run"] {
  return (value, args, tools) => choose(value, args.positional, tools, isWanted, (item) => item);
}

function byAttribute(isWanted: boolean): FilterDefinition["run"] {
  return (value, args: Arguments, tools) => {
    const read = attributeReader(argument(args, 0, "attribute"));
    return choose(value, args.positional.slice(1), tools, isWanted, read);
  };
}

const select = defineFilter({
  name: "select",
  summary: "The items of which a test is true; without a test those that are not empty.",
  examples: [
    { title: "not empty", expression: "['a', '', none] | select | list", result: ["a"] },
    { title: "a test", expression: "[1, 'a'] | select('number') | list", result: [1] },
    { title: "a test without what it needs", expression: "[1] | select('in') | list", fault: true },
  ],
  run: byItem(true),
});

const reject = defineFilter({
  name: "reject",
  summary: "The items of which a test is false; without a test those that are empty.",
  examples: [{ title: "a test", expression: "['a', 'b'] | reject('in', ['b']) | list", result: ["a"] }],
  run: byItem(false),
});

const selectattr = defineFilter({
  name: "selectattr",
  summary: "The items of whose attribute a test is true; without a test those that have it and not empty.",
  examples: [
    {
      title: "a test",
      expression:
        "[{'t': 'User', 'id': 1}, {'t': 'Group', 'id': 2}] | selectattr('t', 'equalto', 'User') | list",
      result: [{ t: "User", id: 1 }],
    },
    { title: "None", expression: "none | selectattr('t') | list", result: [] },
    { title: "present", expression: "[{'t': 1}, {}] | selectattr('t') | list", result: [{ t: 1 }] },
  ],
  run: byAttribute(true),
});

const rejectattr = defineFilter({
  name: "rejectattr",
  summary: "The items of whose attribute a test is false.",
  examples: [
    {
      title: "a test",
      expression: "[{'t': 1}, {'t': 2}] | rejectattr('t', '==', 1) | list",
      result: [{ t: 2 }],
    },
  ],
  run: byAttribute(false),
});

export const SELECT_FILTERS: readonly FilterDefinition[] = [map, select, reject, selectattr, rejectattr];
