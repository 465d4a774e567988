/** Statements → one closure that gives what the template renders to. */

import type { Context, Evaluate } from "../contract/program.ts";
import type { Expression, Statement } from "../contract/template-tree.ts";
import { type Dict, Fault, type Key, type Result, type Value } from "../contract/value.ts";
import { isTruthy } from "../values/compare.ts";
import { checkTextLength, isLimit } from "../values/limits.ts";
import { printValue } from "../values/print-value.ts";
import { dottedPath, UNSET } from "./access.ts";
import { compileExpression, compilePath, type Scope } from "./expression.ts";
import { refersTo } from "./references.ts";

/** Collects what a template prints: one single output keeps its type, several become text. */
class Output {
  #count = 0;
  #first: Value;
  #text = "";

  add(value: Value): void {
    if (++this.#count === 1) {
      this.#first = value;
      return;
    }
    if (this.#count === 2) {
      this.#text = printValue(this.#first);
    }
    this.#text += printValue(value);
    checkTextLength(this.#text.length);
  }

  /** Nothing printed at all is undefined. */
  get value(): Value {
    return this.#count < 2 ? this.#first : this.#text;
  }
}

type Run = (context: Context, output: Output) => Fault | undefined;

/**
 * @returns The rendered value, or a fault when any part of the template cannot be computed. It throws LimitExceeded,
 * which whoever starts the template catches.
 */
export function compileTemplate(body: readonly Statement[], scope: Scope): Evaluate {
  const [only] = body;
  if (body.length === 0) {
    return () => undefined;
  }
  if (body.length === 1 && only?.kind === "text") {
    const { text } = only;
    return () => text;
  }
  if (body.length === 1 && only?.kind === "output") {
    return compileOnly(only.value, scope);
  }
  const run = compileBody(body, scope);
  const localCount = scope.names.localCount;
  return (context) => {
    if (localCount > 0) {
      context.locals = new Array<Result>(localCount).fill(UNSET);
    }
    const output = new Output();
    return run(context, output) ?? output.value;
  };
}

/** A template that is nothing but a dotted path walks dicts: there `a.0` is the entry "0", and no item of a list. */
function compileOnly(value: Expression, scope: Scope): Evaluate {
  const path = dottedPath(value);
  if (path === undefined) {
    return compileExpression(value, scope);
  }
  return compilePath(path.of, path.keys, scope);
}

/** A template that goes over a limit cannot be computed. */
export function guarded(evaluate: Evaluate): Evaluate {
  return (context) => {
    try {
      return evaluate(context);
    } catch (error) {
      if (isLimit(error)) {
        return new Fault(error.message);
      }
      throw error;
    }
  };
}

function compileBody(body: readonly Statement[], scope: Scope): Run {
  const runs = body.map((statement) => compileStatement(statement, scope));
  return (context, output) => {
    for (const run of runs) {
      const fault = run(context, output);
      if (fault !== undefined) {
        return fault;
      }
    }
    return undefined;
  };
}

function compileStatement(statement: Statement, scope: Scope): Run {
  switch (statement.kind) {
    case "text": {
      const { text } = statement;
      return (_context, output) => {
        output.add(text);
        return undefined;
      };
    }
    case "output": {
      const evaluate = compileExpression(statement.value, scope);
      return (context, output) => {
        const value = evaluate(context);
        if (value instanceof Fault) {
          return value;
        }
        output.add(value);
        return undefined;
      };
    }
    case "set": {
      const evaluate = compileExpression(statement.value, scope);
      const assign = compileAssignment(statement.targets, scope);
      return (context) => {
        const value = evaluate(context);
        return value instanceof Fault ? value : assign(context, value);
      };
    }
    case "capture":
      return compileCapture(statement, scope);
    case "with":
      return compileWith(statement, scope);
    case "if":
      return compileIf(statement, scope);
    case "for":
      return compileFor(statement, scope);
  }
}

const NOT_UNPACKED = new Fault("there are more or fewer values than names to hold them");

function compileAssignment(
  targets: readonly string[],
  scope: Scope,
): (c: Context, value: Value) => Fault | undefined {
  const slots = targets.map((target) => scope.names.define(target));
  const [first = 0] = slots;
  if (slots.length === 1) {
    return (context, value) => {
      context.locals[first] = value;
      return undefined;
    };
  }
  return (context, value) => {
    const items = typeof value === "string" ? [...value] : value;
    if (!Array.isArray(items) || items.length !== slots.length) {
      return NOT_UNPACKED;
    }
    slots.forEach((slot, i) => {
      context.locals[slot] = items[i];
    });
    return undefined;
  };
}

function compileCapture(statement: Statement & { kind: "capture" }, scope: Scope): Run {
  const body = compileBody(statement.body, scope);
  const assign = compileAssignment([statement.target], scope);
  return (context) => {
    const output = new Output();
    return body(context, output) ?? assign(context, output.value ?? "");
  };
}

/** All values are computed before the first of the names is seen. */
function compileWith(statement: Statement & { kind: "with" }, scope: Scope): Run {
  const values = statement.names.map(({ value }) => compileExpression(value, scope));
  const inside = scope.names.inLoop(() => {
    const firstSlot = scope.names.localCount;
    const assigns = statement.names.map(({ name }) => compileAssignment([name], scope));
    return { firstSlot, assigns, body: compileBody(statement.body, scope), endSlot: scope.names.localCount };
  });
  return (context, output) => {
    const computed: Value[] = [];
    for (const evaluate of values) {
      const value = evaluate(context);
      if (value instanceof Fault) {
        return value;
      }
      computed.push(value);
    }
    context.locals.fill(UNSET, inside.firstSlot, inside.endSlot);
    inside.assigns.forEach((assign, i) => {
      assign(context, computed[i]);
    });
    return inside.body(context, output);
  };
}

function compileIf(statement: Statement & { kind: "if" }, scope: Scope): Run {
  const branches = statement.branches.map(({ condition, body }) => ({
    condition: compileExpression(condition, scope),
    body: compileBody(body, scope),
  }));
  const otherwise = compileBody(statement.otherwise, scope);
  return (context, output) => {
    for (const { condition, body } of branches) {
      const verdict = condition(context);
      if (verdict instanceof Fault) {
        return verdict;
      }
      if (isTruthy(verdict)) {
        return body(context, output);
      }
    }
    return otherwise(context, output);
  };
}

const NOT_ITERABLE = new Fault("only texts, lists and dicts can be looped over");

/** What a loop goes over; an undefined name is empty. */
function itemsOf(value: Value): readonly Value[] | Fault {
  if (value === undefined) {
    return [];
  }
  if (Array.isArray(value)) {
    return [...value];
  }
  if (typeof value === "string") {
    return [...value];
  }
  return value instanceof Map ? [...value.keys()] : NOT_ITERABLE;
}

function compileFor(statement: Statement & { kind: "for" }, scope: Scope): Run {
  const { names } = scope;
  const over = compileExpression(statement.over, scope);
  const otherwise = compileBody(statement.otherwise, scope);
  const usesLoop = refersTo(statement.body, "loop");
  const inside = names.inLoop(() => {
    const firstSlot = names.localCount;
    const loopSlot = usesLoop ? names.define("loop") : undefined;
    const assign = compileAssignment(statement.targets, scope);
    const condition =
      statement.condition === undefined ? undefined : compileExpression(statement.condition, scope);
    const body = compileBody(statement.body, scope);
    return { firstSlot, endSlot: names.localCount, loopSlot, assign, condition, body };
  });
  const { firstSlot, endSlot, loopSlot, assign, condition, body } = inside;
  return (context, output) => {
    const value = over(context);
    if (value instanceof Fault) {
      return value;
    }
    const all = itemsOf(value);
    if (all instanceof Fault) {
      return all;
    }
    const items = condition === undefined ? all : filterItems(context, all, assign, condition);
    if (items instanceof Fault) {
      return items;
    }
    for (let i = 0; i < items.length; i++) {
      context.tools.spend(1);
      context.locals.fill(UNSET, firstSlot, endSlot);
      if (loopSlot !== undefined) {
        context.locals[loopSlot] = loopOf(i, items);
      }
      const fault = assign(context, items[i]) ?? body(context, output);
      if (fault !== undefined) {
        return fault;
      }
    }
    return items.length === 0 ? otherwise(context, output) : undefined;
  };
}

/** Jinja filters first, so that `loop` counts only what is left. */
function filterItems(
  context: Context,
  items: readonly Value[],
  assign: (context: Context, value: Value) => Fault | undefined,
  condition: Evaluate,
): readonly Value[] | Fault {
  const kept: Value[] = [];
  for (const item of items) {
    context.tools.spend(1);
    const fault = assign(context, item);
    if (fault !== undefined) {
      return fault;
    }
    const verdict = condition(context);
    if (verdict instanceof Fault) {
      return verdict;
    }
    if (isTruthy(verdict)) {
      kept.push(item);
    }
  }
  return kept;
}

function loopOf(i: number, items: readonly Value[]): Dict {
  return new Map<Key, Value>([
    ["index", i + 1],
    ["index0", i],
    ["revindex", items.length - i],
    ["revindex0", items.length - i - 1],
    ["first", i === 0],
    ["last", i === items.length - 1],
    ["length", items.length],
    ["previtem", items[i - 1]],
    ["nextitem", items[i + 1]],
  ]);
}
