import { type StageDefinition, StageFailure } from "../contract/stage.ts";
import { parseJson } from "../literal/json-literal.ts";
import { parsePythonLiteral } from "../literal/python-literal.ts";

const NO_INPUT = new StageFailure("there is no JSON to read");

/** `json.parse-json`: JSON text to a value. */
export const jsonParse: StageDefinition = {
  name: "json.parse-json",
  summary: "Reads JSON; a dict or a list passes through, and Python's way to write them is understood too.",
  properties: [],
  examples: [
    { title: "JSON", properties: {}, input: '{"a":[1,2.5,null]}', result: { a: [1, 2.5, null] } },
    { title: "the last of repeated keys wins", properties: {}, input: '{"a":1,"a":2}', result: { a: 2 } },
    { title: "Python", properties: {}, input: "{'a': True}", result: { a: true } },
    { title: "half a text", properties: {}, input: '{"a":', result: "failure" },
  ],
  prepare() {
    return ({ value, reads }) => {
      if (value instanceof Map || Array.isArray(value)) {
        return value;
      }
      if (typeof value !== "string") {
        return NO_INPUT;
      }
      const json = parseJson(value, reads);
      if (!(json instanceof StageFailure)) {
        return json;
      }
      const literal = parsePythonLiteral(value);
      return literal instanceof StageFailure ? json : literal;
    };
  },
};
