/** A rule's condition → a tree over its selections. */
import type { Span } from "../contract.ts";
import type { Condition } from "../syntax.ts";
import { RuleProblem } from "./problem.ts";

const MAX_DEPTH = 100;
const MAX_TOKENS = 10_000;
const TOKEN = /\s*([()]|[^\s()|]+|\|)/y;

type Token = { readonly text: string; readonly offset: number };

export type ConditionText = { readonly text: string; at(offset: number, length: number): Span };

/**
 * `not` binds closer than `and`, and that closer than `or`.
 * @param selections By name, each already wrapped as a selection.
 * @throws RuleProblem for what is not a condition.
 */
export function parseCondition(source: ConditionText, selections: ReadonlyMap<string, Condition>): Condition {
  return new ConditionParser(source, selections).whole();
}

class ConditionParser {
  readonly #source: ConditionText;
  readonly #selections: ReadonlyMap<string, Condition>;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(source: ConditionText, selections: ReadonlyMap<string, Condition>) {
    this.#source = source;
    this.#selections = selections;
    this.#tokens = tokensOf(source);
  }

  whole(): Condition {
    const condition = this.#or(0);
    const left = this.#tokens[this.#position];
    if (left !== undefined) {
      throw this.#problem(`the condition goes on with "${left.text}"`, "join parts with `and` or `or`", left);
    }
    return condition;
  }

  #or(depth: number): Condition {
    return this.#joined("or", () => this.#joined("and", () => this.#unary(depth)));
  }

  #joined(word: "and" | "or", next: () => Condition): Condition {
    const parts = [next()];
    while (this.#takes(word)) {
      parts.push(next());
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: word, of: parts };
  }

  #unary(depth: number): Condition {
    if (depth > MAX_DEPTH) {
      const message = `the condition is nested deeper than ${MAX_DEPTH} levels`;
      throw this.#problem(message, "name parts as selections", this.#tokens[this.#position]);
    }
    if (this.#takes("not")) {
      return { kind: "not", of: this.#unary(depth + 1) };
    }
    if (this.#takes("(")) {
      const inside = this.#or(depth + 1);
      if (!this.#takes(")")) {
        throw this.#problem('a "(" is never closed', "add a )", this.#tokens[this.#position]);
      }
      return inside;
    }
    return this.#operand();
  }

  #operand(): Condition {
    const token = this.#tokens[this.#position];
    if (token === undefined || token.text === ")" || ["and", "or"].includes(token.text.toLowerCase())) {
      throw this.#problem("a selection is missing", "name a selection here", token);
    }
    this.#position++;
    if (this.#tokens[this.#position]?.text.toLowerCase() === "of") {
      return this.#quantified(token);
    }
    const selection = this.#selections.get(token.text);
    if (selection === undefined) {
      throw this.#problem(`there is no selection "${token.text}"`, this.#known(), token);
    }
    return selection;
  }

  #quantified(quantifier: Token): Condition {
    const word = quantifier.text.toLowerCase();
    if (word !== "1" && word !== "any" && word !== "all") {
      const hint = "write `1 of` or `all of`";
      throw this.#problem(`"${quantifier.text} of" is not in the specification`, hint, quantifier);
    }
    this.#position++;
    const target = this.#tokens[this.#position++];
    if (target === undefined) {
      throw this.#problem(
        "what `of` is about is missing",
        "write `them` or a pattern such as sel*",
        undefined,
      );
    }
    const isNamed = nameFilter(target.text);
    const named = [...this.#selections].filter(([name]) => isNamed(name)).map(([, selection]) => selection);
    if (named.length === 0) {
      throw this.#problem(`no selection is named like "${target.text}"`, this.#known(), target);
    }
    return { kind: word === "all" ? "and" : "or", of: named };
  }

  #takes(word: string): boolean {
    if (this.#tokens[this.#position]?.text.toLowerCase() !== word) {
      return false;
    }
    this.#position++;
    return true;
  }

  #known(): string {
    return `there are: ${[...this.#selections.keys()].slice(0, 20).join(", ")}`;
  }

  #problem(message: string, hint: string, token: Token | undefined): RuleProblem {
    const { text } = this.#source;
    const { offset, length } = token
      ? { offset: token.offset, length: token.text.length }
      : { offset: Math.max(0, text.length - 1), length: 1 };
    return new RuleProblem("condition", message, hint, this.#source.at(offset, length));
  }
}

function tokensOf(source: ConditionText): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(source.text); found !== null; found = TOKEN.exec(source.text)) {
    const text = found[1] ?? "";
    const offset = TOKEN.lastIndex - text.length;
    if (text === "|") {
      const message = "pipe aggregations were taken out of the specification";
      throw new RuleProblem("pipe-aggregation", message, "write a correlation rule", source.at(offset, 1));
    }
    tokens.push({ text, offset });
    if (tokens.length > MAX_TOKENS) {
      const message = `the condition has more than ${MAX_TOKENS} words`;
      throw new RuleProblem("condition", message, "use `1 of` and `all of`", source.at(offset, 1));
    }
  }
  return tokens;
}

/** Names that begin with _ are only meant by a pattern that begins so. */
function nameFilter(pattern: string): (name: string) => boolean {
  if (pattern === "them") {
    return (name) => !name.startsWith("_");
  }
  const parts = pattern.split("*");
  const [first = ""] = parts;
  return (name) => (!name.startsWith("_") || pattern.startsWith("_")) && fits(name, parts, first);
}

function fits(name: string, parts: readonly string[], first: string): boolean {
  if (parts.length === 1) {
    return name === first;
  }
  const last = parts.at(-1) ?? "";
  let at = first.length;
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) {
    return false;
  }
  const end = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) {
      return false;
    }
    at = found + part.length;
  }
  return true;
}
