/** Template text → statements. */
import type { Expression, ParsedTemplate, Statement } from "../contract/template-tree.ts";
import { isTooDeep } from "./depth.ts";
import { parseExpression, parseOr } from "./expressions.ts";
import { TemplateSyntaxError, tokenize } from "./lexer.ts";
import { parseTuple } from "./primaries.ts";
import { Tokens } from "./tokens.ts";

const MAX_TEMPLATE_LENGTH = 262_144;

/** @returns The statements, or the first problem with its place; a template is never thrown about. */
export function parseTemplate(source: string): ParsedTemplate {
  try {
    if (source.length > MAX_TEMPLATE_LENGTH) {
      const message = `the template is longer than ${MAX_TEMPLATE_LENGTH} characters`;
      throw new TemplateSyntaxError(message, { offset: 0, length: 1 }, "make several fields of it");
    }
    const tokens = new Tokens(tokenize(source));
    const body = parseBody(tokens, []);
    if (tokens.current.kind !== "eof") {
      throw misplaced(tokens);
    }
    if (isTooDeep(body)) {
      const at = { offset: 0, length: 1 };
      throw new TemplateSyntaxError(
        "the template's expressions are too long",
        at,
        "make several stages of it",
      );
    }
    return { kind: "template", body };
  } catch (error) {
    if (!(error instanceof TemplateSyntaxError)) {
      throw error;
    }
    const { message, at, hint } = error;
    return { kind: "problem", problem: { message, at, hint } };
  }
}

/** Statements up to a tag named in `until`, whose `{%` and name are left to the caller. */
function parseBody(tokens: Tokens, until: readonly string[]): Statement[] {
  const body: Statement[] = [];
  for (;;) {
    const token = tokens.current;
    if (token.kind === "text") {
      tokens.take();
      body.push({ kind: "text", text: token.text });
    } else if (token.kind === "begin" && token.text === "{{") {
      tokens.take();
      body.push({ kind: "output", value: parseTuple(tokens, parseExpression) });
      tokens.expectEnd();
    } else if (token.kind === "begin" && !until.includes(tokens.following.text)) {
      tokens.take();
      body.push(tokens.nested(() => parseTag(tokens)));
    } else {
      return body;
    }
  }
}

function parseTag(tokens: Tokens): Statement {
  if (tokens.skipName("if")) {
    return parseIf(tokens);
  }
  if (tokens.skipName("for")) {
    return parseFor(tokens);
  }
  if (tokens.skipName("with")) {
    return parseWith(tokens);
  }
  if (tokens.skipName("set")) {
    return parseSet(tokens);
  }
  throw misplaced(tokens);
}

function misplaced(tokens: Tokens): TemplateSyntaxError {
  const token = tokens.current.kind === "begin" ? tokens.following : tokens.current;
  const hint = "known tags: if, elif, else, endif, for, endfor, set, endset, with, endwith, raw, endraw";
  return new TemplateSyntaxError(`the tag "${token.text}" is unknown or out of place`, token.at, hint);
}

/** Jinja lets a colon stand there, as Python has one. */
function expectTagEnd(tokens: Tokens): void {
  tokens.skipOperator(":");
  tokens.expectEnd();
}

function takeTag(tokens: Tokens): string {
  if (tokens.current.kind === "eof") {
    throw tokens.unexpected("the end of a block");
  }
  tokens.take();
  return tokens.take().text;
}

function parseIf(tokens: Tokens): Statement {
  const branches: { condition: Expression; body: Statement[] }[] = [];
  let otherwise: Statement[] = [];
  let tag = "elif";
  while (tag === "elif") {
    const condition = parseTuple(tokens, parseOrOnly);
    expectTagEnd(tokens);
    branches.push({ condition, body: parseBody(tokens, ["elif", "else", "endif"]) });
    tag = takeTag(tokens);
  }
  if (tag === "else") {
    expectTagEnd(tokens);
    otherwise = parseBody(tokens, ["endif"]);
    takeTag(tokens);
  }
  expectTagEnd(tokens);
  return { kind: "if", branches, otherwise };
}

function parseOrOnly(tokens: Tokens): Expression {
  return tokens.nested(() => parseOr(tokens));
}

function parseFor(tokens: Tokens): Statement {
  const targets = parseTargets(tokens);
  if (!tokens.skipName("in")) {
    throw tokens.unexpected('"in"');
  }
  const over = parseTuple(tokens, parseOrOnly);
  const condition = tokens.skipName("if") ? parseExpression(tokens) : undefined;
  expectTagEnd(tokens);
  const body = parseBody(tokens, ["else", "endfor"]);
  let otherwise: Statement[] = [];
  if (takeTag(tokens) === "else") {
    expectTagEnd(tokens);
    otherwise = parseBody(tokens, ["endfor"]);
    takeTag(tokens);
  }
  expectTagEnd(tokens);
  return { kind: "for", targets, over, condition, body, otherwise };
}

function parseSet(tokens: Tokens): Statement {
  const targets = parseTargets(tokens);
  if (tokens.current.kind === "end" && targets.length === 1) {
    return parseCapture(tokens, targets[0] ?? "");
  }
  tokens.expectOperator("=");
  const value = parseTuple(tokens, parseExpression);
  tokens.expectEnd();
  return { kind: "set", targets, value };
}

/** `{% set name %}…{% endset %}`. */
function parseCapture(tokens: Tokens, target: string): Statement {
  tokens.expectEnd();
  const body = parseBody(tokens, ["endset"]);
  takeTag(tokens);
  tokens.expectEnd();
  return { kind: "capture", target, body };
}

/** `{% with a = 1, b = 2 %}…{% endwith %}`. */
function parseWith(tokens: Tokens): Statement {
  const names: { name: string; value: Expression }[] = [];
  while (tokens.current.kind !== "end") {
    if (names.length > 0) {
      tokens.expectOperator(",");
    }
    const name = tokens.expectName("a name").text;
    tokens.expectOperator("=");
    names.push({ name, value: parseExpression(tokens) });
  }
  tokens.expectEnd();
  const body = parseBody(tokens, ["endwith"]);
  takeTag(tokens);
  tokens.expectEnd();
  return { kind: "with", names, body };
}

/** `a` or `a, b`, with or without brackets. */
function parseTargets(tokens: Tokens): string[] {
  const bracketed = tokens.skipOperator("(");
  const targets = [tokens.expectName("a name").text];
  while (tokens.skipOperator(",")) {
    if (tokens.current.kind !== "name" || tokens.isName("in")) {
      break;
    }
    targets.push(tokens.take().text);
  }
  if (bracketed) {
    tokens.expectOperator(")");
  }
  return targets;
}
