import { type StageDefinition, StageFailure } from "../contract/stage.ts";
import { parsePythonLiteral } from "../literal/python-literal.ts";

const NO_INPUT = new StageFailure("there is no dict to read");

/** `dict.parse`: a dict as Python writes it. */
export const dictParse: StageDefinition = {
  name: "dict.parse",
  summary: "Reads a dict, or a list, as Python writes it.",
  properties: [],
  examples: [
    { title: "a dict", properties: {}, input: "{'a': 1, 'b': None}", result: { a: 1, b: null } },
    { title: "JSON's words are unknown to Python", properties: {}, input: '{"a": null}', result: "failure" },
  ],
  prepare() {
    return ({ value }) => {
      if (value instanceof Map || Array.isArray(value)) {
        return value;
      }
      return typeof value === "string" ? parsePythonLiteral(value) : NO_INPUT;
    };
  },
};
