/** From what a template rendered to what a field or a filter takes it for. */
import { StageFailure } from "../contract/stage.ts";
import { Fault, type Result, Tuple, type Value } from "../contract/value.ts";
import { parsePythonLiteral } from "../literal/python-literal.ts";
import { isTruthy } from "../values/compare.ts";

/**
 * The value that a rendered template stands for: text that is a list or dict in Python's notation is that list or
 * dict, the text `None` is nothing, and any other text stays text. Nothing, None and the empty text are undefined.
 */
export function valueOfRendered(rendered: Result): Result {
  if (rendered === null || rendered === "") {
    return undefined;
  }
  return typeof rendered === "string" ? valueOfText(rendered) : rendered;
}

const OPEN_SQUARE = 91;
const OPEN_CURLY = 123;

function valueOfText(text: string): Value {
  const first = text.charCodeAt(0);
  // Most texts start with none of these, and then nothing more is to be looked at.
  if (first !== OPEN_SQUARE && first !== OPEN_CURLY && first > 32 && first !== 78) {
    return text;
  }
  const trimmed = text.trim();
  if (trimmed === "None") {
    return undefined;
  }
  if (!isBracketed(trimmed)) {
    return text;
  }
  const literal = parsePythonLiteral(trimmed);
  // Several lists or dicts in a row are a tuple to Python, and a text to the platform.
  const isOther = literal instanceof StageFailure || literal instanceof Tuple || typeof literal !== "object";
  return isOther ? text : literal;
}

function isBracketed(text: string): boolean {
  return (text.startsWith("[") && text.endsWith("]")) || (text.startsWith("{") && text.endsWith("}"));
}

/**
 * The verdict of a filter. Text counts only when it is a literal in Python's notation, so `True` and `1` say yes, and
 * any other text says no, however long it is.
 */
export function verdictOf(rendered: Result): boolean {
  if (typeof rendered === "boolean") {
    return rendered;
  }
  if (rendered instanceof Fault) {
    return false;
  }
  if (typeof rendered !== "string") {
    return isTruthy(rendered);
  }
  const text = rendered.trim();
  if (text === "True") {
    return true;
  }
  if (text === "False" || text === "") {
    return false;
  }
  const literal = parsePythonLiteral(text);
  return !(literal instanceof StageFailure) && isTruthy(literal);
}

/** Whether a value is one that the format leaves out; undefined when it leaves out none. */
export function ignoredValues(ignored: readonly Value[]): ((value: Value) => boolean) | undefined {
  const set = new Set<Value>(ignored.filter((value) => value !== null));
  return set.size === 0 ? undefined : (value) => set.has(value);
}
