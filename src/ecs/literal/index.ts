export { parseJson } from "./json.ts";
export { parsePythonLiteral } from "./python.ts";
