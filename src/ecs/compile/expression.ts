/** Expression trees → closures. */
import type { Diagnostic } from "../../kernel/diagnostic.ts";
import type { Arguments } from "../contract/function.ts";
import type { Evaluate } from "../contract/program.ts";
import type { CallArguments, Expression, Position } from "../contract/template-tree.ts";
import { type Dict, Fault, type Key, Tuple, type Value } from "../contract/value.ts";
import { toKey } from "../values/compare.ts";
import {
  attributeChain,
  compileAttributes,
  compileLayerAttributes,
  compileName,
  slice,
  subscript,
} from "./access.ts";
import {
  type CompileArguments,
  compileFilter,
  compileGlobalCall,
  compileMethodCall,
  compileTest,
} from "./calls.ts";
import { closest } from "./closest.ts";
import {
  compileBinary,
  compileComparison,
  compileConditional,
  compileLogical,
  compileMembership,
  compileTextComparison,
  compileUnary,
} from "./operators.ts";
import type { Names } from "./scopes.ts";
import type { Functions } from "./tables.ts";

export type Problem = {
  readonly severity: Diagnostic["severity"];
  readonly code: string;
  readonly message: string;
  readonly at: Position;
  readonly hint: string;
};

/** What compiling one template needs. */
export type Scope = {
  readonly names: Names;
  readonly functions: Functions;
  /** Told of functions that do not exist; the expression then cannot be computed. */
  report(problem: () => Problem): void;
};

export function compileExpression(node: Expression, scope: Scope): Evaluate {
  const sub = (child: Expression): Evaluate => compileExpression(child, scope);
  switch (node.kind) {
    case "constant": {
      const { value } = node;
      return () => value;
    }
    case "name": {
      const locals = scope.names.localsOf(node.name);
      const layer = scope.names.layerOf(node.name);
      if (locals.length === 0 && layer === undefined && !NULLS.has(node.name)) {
        scope.report(() => unknownStage(node.name, scope.names.layers, node.at));
      }
      return compileName(locals, layer);
    }
    case "list":
      return compileList(node.items.map(sub));
    case "tuple": {
      const list = compileList(node.items.map(sub));
      return (context) => {
        const items = list(context);
        return Array.isArray(items) ? Tuple.holding(items) : items;
      };
    }
    case "dict":
      return compileDict(node.entries.map(({ key, value }) => ({ key: sub(key), value: sub(value) })));
    case "attribute":
      return compileAttribute(node, scope);
    case "index":
      return compileIndex(sub(node.of), node.index, scope);
    case "slice":
      return compileSlice(sub(node.of), [node.start, node.stop, node.step], scope);
    case "call":
      return compileCall(node, scope);
    case "filter": {
      const filter = scope.functions.filters.get(node.name);
      if (filter !== undefined) {
        return compileFilter(filter, sub(node.of), compileArguments(node.args, scope));
      }
      scope.report(() => unknownName("filter", node.name, [...scope.functions.filters.keys()], node.at));
      return unknown("filter", node.name);
    }
    case "test": {
      const test = scope.functions.tests.get(node.name);
      const args = compileArguments(node.args, scope);
      if (test !== undefined) {
        return compileTest(test, sub(node.of), args, node.negated);
      }
      scope.report(() => unknownName("test", node.name, [...scope.functions.tests.keys()], node.at));
      return unknown("test", node.name);
    }
    case "binary":
      return compileBinary(node.operator, sub(node.left), sub(node.right));
    case "negate":
    case "positive":
    case "not":
      return compileUnary(node.kind, sub(node.of));
    case "and":
    case "or":
      return compileLogical(node.kind, operandsOf(node.kind, node).map(sub));
    case "compare":
      return compileCompare(node, scope);
    case "conditional":
      return compileConditional(
        sub(node.condition),
        sub(node.consequent),
        node.otherwise === undefined ? undefined : sub(node.otherwise),
      );
  }
}

/** The operands of `a or b or c`. */
function operandsOf(kind: "and" | "or", node: Expression): Expression[] {
  const operands: Expression[] = [];
  let left = node;
  while (left.kind === kind) {
    operands.unshift(left.right);
    left = left.left;
  }
  return [left, ...operands];
}

/** Names that formats use as if the language had them; nothing defines them, and so they mean "undefined" well enough. */
const NULLS: ReadonlySet<string> = new Set(["null", "NULL"]);

function unknownStage(name: string, layers: readonly string[], at: Position): Problem {
  const near = closest(name, layers);
  const hint =
    near === undefined
      ? "name a stage of the pipeline, `original` or `final`; quote what is a text"
      : `did you mean "${near}"?`;
  const message = `nothing is named "${name}", so it is always undefined`;
  return { severity: "warning", code: "unknown-name", message, at, hint };
}

function unknownName(kind: string, name: string, known: readonly string[], at: Position): Problem {
  const near = closest(name, known);
  const hint = near === undefined ? "`formats functions` lists what there is" : `did you mean "${near}"?`;
  const message = `there is no ${kind} "${name}"; it cannot be computed`;
  return { severity: "error", code: `unknown-${kind}`, message, at, hint };
}

function unknown(kind: string, name: string): Evaluate {
  const fault = new Fault(`there is no ${kind} "${name}"`);
  return () => fault;
}

function compileList(items: readonly Evaluate[]): Evaluate {
  return (context) => {
    const list: Value[] = [];
    for (const item of items) {
      const value = item(context);
      if (value instanceof Fault) {
        return value;
      }
      list.push(value);
    }
    return list;
  };
}

const NO_KEY = new Fault("a list or dict cannot be a key");

function compileDict(entries: readonly { key: Evaluate; value: Evaluate }[]): Evaluate {
  return (context) => {
    const dict: Dict = new Map<Key, Value>();
    for (const entry of entries) {
      const name = entry.key(context);
      if (name instanceof Fault) {
        return name;
      }
      const value = entry.value(context);
      if (value instanceof Fault) {
        return value;
      }
      const key = toKey(name);
      if (key === undefined) {
        return NO_KEY;
      }
      dict.set(key, value);
    }
    return dict;
  };
}

/** `of.key.key`. */
export function compilePath(of: Expression, keys: readonly string[], scope: Scope): Evaluate {
  const isLayer = of.kind === "name" && scope.names.localsOf(of.name).length === 0;
  const slot = isLayer ? scope.names.layerOf(of.name) : undefined;
  return slot === undefined
    ? compileAttributes(compileExpression(of, scope), keys)
    : compileLayerAttributes(slot, keys);
}

function compileAttribute(node: Expression, scope: Scope): Evaluate {
  const { of, keys } = attributeChain(node);
  if (keys.length > 0) {
    return compilePath(of, keys, scope);
  }
  if (node.kind !== "attribute") {
    return compileExpression(node, scope);
  }
  // A number as an attribute, `a.0`, is an item of a list.
  const holder = compileExpression(node.of, scope);
  const index = Number(node.name);
  return (context) => {
    const value = holder(context);
    return value instanceof Fault ? value : subscript(value, index);
  };
}

function compileIndex(of: Evaluate, indexNode: Expression, scope: Scope): Evaluate {
  const index = compileExpression(indexNode, scope);
  return (context) => {
    const value = of(context);
    if (value instanceof Fault) {
      return value;
    }
    const key = index(context);
    return key instanceof Fault ? key : subscript(value, key);
  };
}

function compileSlice(of: Evaluate, bounds: readonly (Expression | undefined)[], scope: Scope): Evaluate {
  const [start, stop, step] = bounds.map((bound) =>
    bound === undefined ? () => undefined : compileExpression(bound, scope),
  );
  return (context) => {
    const value = of(context);
    if (value instanceof Fault) {
      return value;
    }
    const from = start?.(context);
    if (from instanceof Fault) {
      return from;
    }
    const to = stop?.(context);
    if (to instanceof Fault) {
      return to;
    }
    const by = step?.(context);
    return by instanceof Fault ? by : slice(value, from, to, by);
  };
}

function compileCompare(node: Expression & { kind: "compare" }, scope: Scope): Evaluate {
  const first = compileExpression(node.first, scope);
  const [only] = node.rest;
  if (
    node.rest.length === 1 &&
    only !== undefined &&
    (only.operand.kind === "list" || only.operand.kind === "tuple")
  ) {
    const constants = only.operand.items.flatMap((item) => (item.kind === "constant" ? [item.value] : []));
    const isConstant = constants.length === only.operand.items.length;
    if (isConstant && (only.operator === "in" || only.operator === "not in")) {
      return compileMembership(first, constants, only.operator === "not in");
    }
  }
  if (node.rest.length === 1 && only?.operand.kind === "constant" && typeof only.operand.value === "string") {
    if (only.operator === "==" || only.operator === "!=") {
      return compileTextComparison(first, only.operand.value, only.operator === "!=");
    }
  }
  const rest = node.rest.map(({ operator, operand }) => ({
    operator,
    operand: compileExpression(operand, scope),
  }));
  return compileComparison(first, rest);
}

/** `value.method(…)` or `re.match(…)`; nothing else can be called. */
function compileCall(node: Expression & { kind: "call" }, scope: Scope): Evaluate {
  const { callee } = node;
  const args = compileArguments(node.args, scope);
  const globalName = nameOfGlobal(callee, scope);
  const global = globalName === undefined ? undefined : scope.functions.global(globalName);
  if (global !== undefined) {
    return compileGlobalCall(global, args);
  }
  if (callee.kind === "attribute") {
    const methods = scope.functions.methods(callee.name);
    if (methods === undefined) {
      scope.report(() => unknownName("method", callee.name, scope.functions.methodNames, node.at));
    }
    return compileMethodCall(callee.name, methods, compileExpression(callee.of, scope), args);
  }
  if (globalName !== undefined) {
    scope.report(() => unknownName("function", globalName, [], node.at));
  }
  return unknown("function", globalName ?? "");
}

/** `name` or `name.name`, unless a stage or the template itself gives the first name a meaning. */
function nameOfGlobal(callee: Expression, scope: Scope): string | undefined {
  const head = callee.kind === "attribute" ? callee.of : callee;
  if (head.kind !== "name" || scope.names.localsOf(head.name).length > 0) {
    return undefined;
  }
  if (scope.names.isLayer(head.name)) {
    return undefined;
  }
  return callee.kind === "attribute" ? `${head.name}.${callee.name}` : head.name;
}

const NO_ARGUMENTS: Arguments = { positional: [], named: new Map() };
const NO_NAMED: ReadonlyMap<string, Value> = new Map();
const NO_SPREAD = new Fault("only a list or a text can be spread over arguments");
/** No function takes more arguments than a pattern has places. */
const MAX_SPREAD = 1000;

function compileArguments(args: CallArguments, scope: Scope): CompileArguments {
  const positional = args.positional.map(({ value, spread }) => ({
    value: compileExpression(value, scope),
    spread,
  }));
  const named = args.named.map(({ name, value }) => ({ name, value: compileExpression(value, scope) }));
  const nodes = [...args.positional, ...args.named].map(({ value }) => value);
  if (nodes.every(({ kind }) => kind === "constant") && !positional.some(({ spread }) => spread)) {
    return constantArguments(args);
  }
  return (context) => {
    const values: Value[] = [];
    for (const { value, spread } of positional) {
      const computed = value(context);
      if (computed instanceof Fault) {
        return computed;
      }
      if (!spread) {
        values.push(computed);
      } else if (Array.isArray(computed)) {
        values.push(...computed.slice(0, MAX_SPREAD));
      } else if (typeof computed === "string") {
        values.push(...[...computed].slice(0, MAX_SPREAD));
      } else {
        return NO_SPREAD;
      }
    }
    if (named.length === 0) {
      return { positional: values, named: NO_NAMED };
    }
    const byName = new Map<string, Value>();
    for (const { name, value } of named) {
      const computed = value(context);
      if (computed instanceof Fault) {
        return computed;
      }
      byName.set(name, computed);
    }
    return { positional: values, named: byName };
  };
}

/** Constants are collected once; no function changes its arguments. */
function constantArguments(args: CallArguments): CompileArguments {
  if (args.positional.length + args.named.length === 0) {
    return () => NO_ARGUMENTS;
  }
  const value = (node: Expression): Value => (node.kind === "constant" ? node.value : undefined);
  const constant: Arguments = {
    positional: args.positional.map((argument) => value(argument.value)),
    named: new Map(args.named.map((argument) => [argument.name, value(argument.value)])),
  };
  return () => constant;
}
