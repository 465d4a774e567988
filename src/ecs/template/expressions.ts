/** The grammar of expressions, loosest binding first. */
import type {
  BinaryOperator,
  CallArguments,
  Comparison,
  Expression,
  Position,
} from "../contract/template-tree.ts";
import { parsePrimary } from "./primaries.ts";
import type { Tokens } from "./tokens.ts";

/** `a if b else c`, or anything that binds tighter. */
export function parseExpression(tokens: Tokens): Expression {
  return tokens.nested(() => {
    const start = tokens.current.at;
    let result = parseOr(tokens);
    while (tokens.skipName("if")) {
      const condition = parseOr(tokens);
      const otherwise = tokens.skipName("else") ? parseExpression(tokens) : undefined;
      result = { kind: "conditional", condition, consequent: result, otherwise, at: tokens.since(start) };
    }
    return result;
  });
}

/** `a or b`, without the conditional form: what `{% if %}` and `{% for %}` take. */
export function parseOr(tokens: Tokens): Expression {
  const start = tokens.current.at;
  let left = parseAnd(tokens);
  while (tokens.skipName("or")) {
    left = { kind: "or", left, right: parseAnd(tokens), at: tokens.since(start) };
  }
  return left;
}

function parseAnd(tokens: Tokens): Expression {
  const start = tokens.current.at;
  let left = parseNot(tokens);
  while (tokens.skipName("and")) {
    left = { kind: "and", left, right: parseNot(tokens), at: tokens.since(start) };
  }
  return left;
}

function parseNot(tokens: Tokens): Expression {
  const start = tokens.current.at;
  if (!tokens.skipName("not")) {
    return parseComparison(tokens);
  }
  const of = tokens.nested(() => parseNot(tokens));
  return { kind: "not", of, at: tokens.since(start) };
}

const COMPARISONS: readonly Comparison[] = ["==", "!=", "<=", ">=", "<", ">"];

function takeComparison(tokens: Tokens): Comparison | undefined {
  if (tokens.skipName("in")) {
    return "in";
  }
  if (tokens.isName("not") && tokens.following.kind === "name" && tokens.following.text === "in") {
    tokens.take();
    tokens.take();
    return "not in";
  }
  return COMPARISONS.find((operator) => tokens.skipOperator(operator));
}

function parseComparison(tokens: Tokens): Expression {
  const start = tokens.current.at;
  const first = parseSum(tokens);
  const rest: { operator: Comparison; operand: Expression }[] = [];
  for (;;) {
    const operator = takeComparison(tokens);
    if (operator === undefined) {
      break;
    }
    rest.push({ operator, operand: parseSum(tokens) });
  }
  return rest.length === 0 ? first : { kind: "compare", first, rest, at: tokens.since(start) };
}

type Level = (tokens: Tokens) => Expression;

/** A level of operators that group to the left. */
function leftGrouped(operators: readonly BinaryOperator[], operand: Level): Level {
  return (tokens) => {
    const start = tokens.current.at;
    let left = operand(tokens);
    for (;;) {
      const operator = operators.find((candidate) => tokens.skipOperator(candidate));
      if (operator === undefined) {
        return left;
      }
      left = { kind: "binary", operator, left, right: operand(tokens), at: tokens.since(start) };
    }
  };
}

const parsePower = leftGrouped(["**"], (tokens) => parseUnary(tokens, true));
const parseProduct = leftGrouped(["*", "/", "//", "%"], parsePower);
const parseJoin = leftGrouped(["~"], parseProduct);
const parseSum = leftGrouped(["+", "-"], parseJoin);

function parseUnary(tokens: Tokens, withFilters: boolean): Expression {
  const start = tokens.current.at;
  let node: Expression;
  if (tokens.skipOperator("-")) {
    node = { kind: "negate", of: tokens.nested(() => parseUnary(tokens, false)), at: tokens.since(start) };
  } else if (tokens.skipOperator("+")) {
    node = { kind: "positive", of: tokens.nested(() => parseUnary(tokens, false)), at: tokens.since(start) };
  } else {
    node = parsePrimary(tokens, parseExpression);
  }
  node = parsePostfix(tokens, node, start);
  return withFilters ? parseFilters(tokens, node, start) : node;
}

/** `.name`, `[index]`, `[a:b]` and `(arguments)` behind a value. */
function parsePostfix(tokens: Tokens, node: Expression, start: Position): Expression {
  for (;;) {
    if (tokens.skipOperator(".")) {
      const { kind } = tokens.current;
      if (kind !== "name" && kind !== "integer") {
        throw tokens.unexpected("a name");
      }
      node = { kind: "attribute", of: node, name: tokens.take().text, at: tokens.since(start) };
    } else if (tokens.skipOperator("[")) {
      node = parseSubscript(tokens, node, start);
    } else if (tokens.isOperator("(")) {
      node = { kind: "call", callee: node, args: parseArguments(tokens), at: tokens.since(start) };
    } else {
      return node;
    }
  }
}

function parseSubscript(tokens: Tokens, of: Expression, start: Position): Expression {
  const first = tokens.isOperator(":") ? undefined : parseExpression(tokens);
  if (first !== undefined && !tokens.isOperator(":")) {
    tokens.expectOperator("]");
    return { kind: "index", of, index: first, at: tokens.since(start) };
  }
  tokens.expectOperator(":");
  const bound = (): Expression | undefined =>
    tokens.isOperator(":") || tokens.isOperator("]") ? undefined : parseExpression(tokens);
  const stop = bound();
  const step = tokens.skipOperator(":") ? bound() : undefined;
  tokens.expectOperator("]");
  return { kind: "slice", of, start: first, stop, step, at: tokens.since(start) };
}

/** `| filter(…)`, `is test(…)` and calls, in any order. */
function parseFilters(tokens: Tokens, node: Expression, start: Position): Expression {
  for (;;) {
    if (tokens.skipOperator("|")) {
      const name = parseDottedName(tokens, "a filter's name");
      const args = tokens.isOperator("(") ? parseArguments(tokens) : NO_ARGUMENTS;
      node = { kind: "filter", of: node, name, args, at: tokens.since(start) };
    } else if (tokens.skipName("is")) {
      node = parseTest(tokens, node, start);
    } else if (tokens.isOperator("(")) {
      node = { kind: "call", callee: node, args: parseArguments(tokens), at: tokens.since(start) };
    } else {
      return node;
    }
  }
}

const NO_ARGUMENTS: CallArguments = { positional: [], named: [] };

function parseDottedName(tokens: Tokens, what: string): string {
  let name = tokens.expectName(what).text;
  while (tokens.skipOperator(".")) {
    name += `.${tokens.expectName(what).text}`;
  }
  return name;
}

function parseTest(tokens: Tokens, of: Expression, start: Position): Expression {
  const negated = tokens.skipName("not");
  const name = parseDottedName(tokens, "a test's name");
  let args = NO_ARGUMENTS;
  if (tokens.isOperator("(")) {
    args = parseArguments(tokens);
  } else if (startsArgument(tokens)) {
    const argumentStart = tokens.current.at;
    const value = parsePostfix(tokens, parsePrimary(tokens, parseExpression), argumentStart);
    args = { positional: [{ value, spread: false }], named: [] };
  }
  return { kind: "test", of, name, args, negated, at: tokens.since(start) };
}

/** A test takes one argument without brackets: `x is in [1, 2]`. */
function startsArgument(tokens: Tokens): boolean {
  const { kind, text } = tokens.current;
  if (kind === "name") {
    return !["else", "or", "and", "if", "is", "in", "not"].includes(text);
  }
  return ["string", "integer", "float"].includes(kind) || (kind === "operator" && "[{".includes(text));
}

function parseArguments(tokens: Tokens): CallArguments {
  tokens.expectOperator("(");
  const positional: { value: Expression; spread: boolean }[] = [];
  const named: { name: string; value: Expression }[] = [];
  while (!tokens.isOperator(")")) {
    if (positional.length + named.length > 0) {
      tokens.expectOperator(",");
      if (tokens.isOperator(")")) {
        break;
      }
    }
    if (
      tokens.current.kind === "name" &&
      tokens.following.kind === "operator" &&
      tokens.following.text === "="
    ) {
      const name = tokens.take().text;
      tokens.take();
      named.push({ name, value: parseExpression(tokens) });
    } else {
      const spread = tokens.skipOperator("*");
      positional.push({ value: parseExpression(tokens), spread });
    }
  }
  tokens.expectOperator(")");
  return { positional, named };
}
