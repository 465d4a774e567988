/** Filters from and to JSON. */
import type { FilterDefinition } from "../contract/function.ts";
import { StageFailure } from "../contract/stage.ts";
import { Fault, type Value } from "../contract/value.ts";
import { parseJson } from "../literal/json-literal.ts";
import { deepCopy } from "../values/copy.ts";
import { toJson } from "../values/json-text.ts";
import { checkTextLength } from "../values/limits.ts";
import { defineFilter } from "./define.ts";
import { toSpacedJson } from "./spaced-json.ts";

const fromJson = defineFilter({
  name: "from_json",
  summary: "What a JSON text says; None for anything that is not JSON text.",
  examples: [
    { title: "an object", expression: `'{"a": [1]}' | from_json`, result: { a: [1] } },
    { title: "no JSON", expression: "'{' | from_json", result: null },
    { title: "each of several texts", expression: "['1', '2'] | map('from_json') | list", result: [1, 2] },
  ],
  run: (value) => {
    if (typeof value !== "string") {
      return null;
    }
    const parsed = parseJson(value);
    return parsed instanceof StageFailure ? null : parsed;
  },
});

const toJsonFilter = defineFilter({
  name: "to_json",
  summary: "The value as compact JSON text, keys in their order.",
  examples: [
    {
      title: "a dict",
      expression: "{'b': 1, 'a': [true, none]} | to_json",
      result: '{"b":1,"a":[true,null]}',
    },
  ],
  run: (value) => limited(toJson(bounded(value))),
});

const NO_VALUE = new Fault("an undefined value has no JSON");

const tojson = defineFilter({
  name: "tojson",
  summary: "The value as JSON text with blanks after commas and colons, keys sorted, safe inside HTML.",
  examples: [
    { title: "a dict", expression: "{'b': 1, 'a': '<'} | tojson", result: '{"a": "\\u003c", "b": 1}' },
  ],
  run: (value) => (value === undefined ? NO_VALUE : limited(toSpacedJson(bounded(value)))),
});

/** A copy is bounded in depth and size, so a list that holds itself ends there. */
function bounded(value: Value): Value {
  return deepCopy(value);
}

function limited(text: string): string {
  checkTextLength(text.length);
  return text;
}

export const JSON_FILTERS: readonly FilterDefinition[] = [fromJson, toJsonFilter, tojson];
