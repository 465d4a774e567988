/** Filters, tests, methods and global functions → closures. */
import type { Arguments, FilterDefinition, MethodDefinition, TestDefinition } from "../contract/function.ts";
import type { Context, Evaluate } from "../contract/program.ts";
import { Fault, Lazy, Tuple, type Value } from "../contract/value.ts";
import { sizeOf, spendOnSize } from "./execution-budget.ts";
import type { MethodsOfName } from "./tables.ts";

export type CompileArguments = (context: Context) => Arguments | Fault;

function spendOn(context: Context, value: Value, { positional }: Arguments): void {
  spendOnSize(context, sizeOf(value) + sizeOf(positional[0]));
}

export function compileFilter(filter: FilterDefinition, of: Evaluate, args: CompileArguments): Evaluate {
  return (context) => {
    const value = of(context);
    if (value instanceof Fault) {
      return value;
    }
    const computed = args(context);
    if (computed instanceof Fault) {
      return computed;
    }
    spendOn(context, value, computed);
    return filter.run(value, computed, context.tools);
  };
}

export function compileTest(
  test: TestDefinition,
  of: Evaluate,
  args: CompileArguments,
  negated: boolean,
): Evaluate {
  return (context) => {
    const value = of(context);
    if (value instanceof Fault) {
      return value;
    }
    const computed = args(context);
    if (computed instanceof Fault) {
      return computed;
    }
    spendOn(context, value, computed);
    const verdict = test.run(value, computed, context.tools);
    return verdict instanceof Fault ? verdict : verdict !== negated;
  };
}

export function compileGlobalCall(global: MethodDefinition, args: CompileArguments): Evaluate {
  return (context) => {
    const computed = args(context);
    if (computed instanceof Fault) {
      return computed;
    }
    // `re` functions take the pattern first, then the text.
    spendOn(context, computed.positional[1], computed);
    return global.run(undefined, computed, context.tools);
  };
}

/** Neither a tuple nor what is lazy has a list's methods. */
function isList(value: Value): boolean {
  return Array.isArray(value) && !(value instanceof Tuple) && !(value instanceof Lazy);
}

export function compileMethodCall(
  name: string,
  methods: MethodsOfName | undefined,
  of: Evaluate,
  args: CompileArguments,
): Evaluate {
  const onUndefined = new Fault(`".${name}()" is called on an undefined value`);
  const unknown = new Fault(`this value has no method "${name}"`);
  const { str, list, dict } = methods ?? { str: undefined, list: undefined, dict: undefined };
  return (context) => {
    const value = of(context);
    if (value instanceof Fault) {
      return value;
    }
    if (value === undefined) {
      return onUndefined;
    }
    const method =
      typeof value === "string" ? str : isList(value) ? list : value instanceof Map ? dict : undefined;
    if (method === undefined) {
      return unknown;
    }
    const computed = args(context);
    if (computed instanceof Fault) {
      return computed;
    }
    spendOn(context, value, computed);
    return method.run(value, computed, context.tools);
  };
}
