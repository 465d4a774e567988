/** How functions are written down: each brings its examples, which tests run and the documentation shows. */
import type {
  Arguments,
  FilterDefinition,
  FunctionTools,
  MethodDefinition,
  TestDefinition,
} from "../contract/function.ts";
import type { Fault, Result, Value } from "../contract/value.ts";

type Head<T> = Omit<T, "run">;

export function defineFilter(
  definition: Head<FilterDefinition> & {
    run: (value: Value, args: Arguments, tools: FunctionTools) => Result;
  },
): FilterDefinition {
  return definition;
}

export function defineTest(
  definition: Head<TestDefinition> & {
    run: (value: Value, args: Arguments, tools: FunctionTools) => boolean | Fault;
  },
): TestDefinition {
  return definition;
}

type Method<T> = Omit<MethodDefinition, "run" | "on"> & {
  run: (value: T, args: Arguments, tools: FunctionTools) => Result;
};

/** A method of texts. */
export function textMethod(definition: Method<string>): MethodDefinition {
  const { run } = definition;
  return {
    ...definition,
    on: "str",
    run: (value, args, tools) => run(typeof value === "string" ? value : "", args, tools),
  };
}

/** A method of lists. */
export function listMethod(definition: Method<Value[]>): MethodDefinition {
  const { run } = definition;
  return {
    ...definition,
    on: "list",
    run: (value, args, tools) => run(Array.isArray(value) ? value : [], args, tools),
  };
}

/** A method of dicts. */
export function dictMethod(
  definition: Method<Map<string | number | bigint | boolean | null, Value>>,
): MethodDefinition {
  const { run } = definition;
  return {
    ...definition,
    on: "dict",
    run: (value, args, tools) => run(value instanceof Map ? value : new Map(), args, tools),
  };
}

/** A function that is called without a value before it. */
export function globalFunction(
  definition: Omit<MethodDefinition, "run" | "on"> & {
    run: (args: Arguments, tools: FunctionTools) => Result;
  },
): MethodDefinition {
  const { run } = definition;
  return { ...definition, on: "global", run: (_value, args, tools) => run(args, tools) };
}

/** An argument by position, else by name; undefined when it is not given. */
export function argument(args: Arguments, position: number, name: string): Value {
  return args.positional.length > position ? args.positional[position] : args.named.get(name);
}

/** Whether the argument is given, be it undefined. */
export function hasArgument(args: Arguments, position: number, name: string): boolean {
  return args.positional.length > position || args.named.has(name);
}
