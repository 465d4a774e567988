/** Literals, names and brackets: what an expression is built of. */

import type { Expression, Position } from "../contract/template-tree.ts";
import type { Value } from "../contract/value.ts";
import { makeFloat, makeInteger } from "../values/numbers.ts";
import type { Tokens } from "./tokens.ts";

/** `null` and `NULL` are not among them: they are names like any other, and nothing defines them. */
const CONSTANTS: ReadonlyMap<string, Value> = new Map([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["none", null],
  ["None", null],
]);

/** Words that cannot be a name where a value is expected. */
const RESERVED = new Set(["and", "or", "in", "is", "if", "else", "not"]);

type Parser = (tokens: Tokens) => Expression;

/** @param parseExpression The whole grammar, for what stands in brackets. */
export function parsePrimary(tokens: Tokens, parseExpression: Parser): Expression {
  const { kind, text, at } = tokens.current;
  switch (kind) {
    case "name":
      if (RESERVED.has(text)) {
        break;
      }
      tokens.take();
      return CONSTANTS.has(text)
        ? { kind: "constant", value: CONSTANTS.get(text), at }
        : { kind: "name", name: text, at };
    case "string":
      return parseStrings(tokens);
    case "integer":
      tokens.take();
      return { kind: "constant", value: makeInteger(BigInt(text.replaceAll("_", ""))), at };
    case "float":
      tokens.take();
      return { kind: "constant", value: makeFloat(Number(text.replaceAll("_", ""))), at };
    default:
      if (tokens.isOperator("(")) {
        return parseBrackets(tokens, at, parseExpression);
      }
      if (tokens.isOperator("[")) {
        return parseList(tokens, at, parseExpression);
      }
      if (tokens.isOperator("{")) {
        return parseDict(tokens, at, parseExpression);
      }
  }
  throw tokens.unexpected("a value");
}

/** Neighbouring literals are one text. */
function parseStrings(tokens: Tokens): Expression {
  const start = tokens.current.at;
  let value = "";
  while (tokens.current.kind === "string") {
    value += tokens.take().text;
  }
  return { kind: "constant", value, at: tokens.since(start) };
}

function parseBrackets(tokens: Tokens, start: Position, parseExpression: Parser): Expression {
  tokens.take();
  if (tokens.skipOperator(")")) {
    return { kind: "tuple", items: [], at: tokens.since(start) };
  }
  const inner = parseTuple(tokens, parseExpression);
  tokens.expectOperator(")");
  return inner;
}

function parseList(tokens: Tokens, start: Position, parseExpression: Parser): Expression {
  tokens.take();
  const items: Expression[] = [];
  while (!tokens.isOperator("]")) {
    if (items.length > 0) {
      tokens.expectOperator(",");
      if (tokens.isOperator("]")) {
        break;
      }
    }
    items.push(parseExpression(tokens));
  }
  tokens.take();
  return { kind: "list", items, at: tokens.since(start) };
}

function parseDict(tokens: Tokens, start: Position, parseExpression: Parser): Expression {
  tokens.take();
  const entries: { key: Expression; value: Expression }[] = [];
  while (!tokens.isOperator("}")) {
    if (entries.length > 0) {
      tokens.expectOperator(",");
      if (tokens.isOperator("}")) {
        break;
      }
    }
    const key = parseExpression(tokens);
    tokens.expectOperator(":");
    entries.push({ key, value: parseExpression(tokens) });
  }
  tokens.take();
  return { kind: "dict", entries, at: tokens.since(start) };
}

/** One expression, or several with commas as a tuple. */
export function parseTuple(tokens: Tokens, parseItem: Parser): Expression {
  const start = tokens.current.at;
  const first = parseItem(tokens);
  if (!tokens.isOperator(",")) {
    return first;
  }
  const items = [first];
  while (tokens.skipOperator(",")) {
    if (tokens.current.kind === "end" || tokens.isOperator(")")) {
      break;
    }
    items.push(parseItem(tokens));
  }
  return { kind: "tuple", items, at: tokens.since(start) };
}
