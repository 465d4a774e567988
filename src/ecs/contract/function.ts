/** What filters, tests and methods of the expression language are. */
import type { Fault, Result, Value } from "./value.ts";

/** What a filter, test or method may use besides its arguments. */
export type FunctionTools = {
  /** Applies a filter by name, for `map("lower")`. */
  callFilter(name: string, value: Value, args: readonly Value[]): Result;
  /** Applies a test by name, for `select("in", list)`. */
  callTest(name: string, value: Value, args: readonly Value[]): boolean | Fault;
  /**
   * Counts `amount` steps of work (a list item is one step).
   * @throws LimitExceeded once the event's budget is spent; the template as a whole cannot be computed then.
   */
  spend(amount: number): void;
  /** The event's current time in milliseconds since 1970. */
  readonly nowMs: number;
};

export type Arguments = {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
};

export type FunctionExample = {
  readonly title: string;
  /** The inside of `{{ }}`. */
  readonly expression: string;
  /** Plain JSON of the result; absent when the result is undefined. */
  readonly result?: unknown;
  /** The expression cannot be computed. */
  readonly fault?: true;
};

type FunctionDefinition = {
  readonly name: string;
  readonly summary: string;
  /** At least one; tests run all of them, and the documentation shows them. */
  readonly examples: readonly [FunctionExample, ...FunctionExample[]];
};

/** `value | name(arguments)`. */
export type FilterDefinition = FunctionDefinition & {
  run(value: Value, args: Arguments, tools: FunctionTools): Result;
};

/** `value is name(arguments)`. */
export type TestDefinition = FunctionDefinition & {
  run(value: Value, args: Arguments, tools: FunctionTools): boolean | Fault;
};

/** `value.name(arguments)` on a value of one type; functions such as `re.match` are methods of the type `global`. */
export type MethodDefinition = FunctionDefinition & {
  readonly on: "str" | "list" | "dict" | "global";
  /** It changes what it is called on. */
  readonly changes?: true;
  run(value: Value, args: Arguments, tools: FunctionTools): Result;
};

/** The tables that the expression language is made of. */
export type FunctionTables = {
  readonly filters: readonly FilterDefinition[];
  readonly tests: readonly TestDefinition[];
  readonly methods: readonly MethodDefinition[];
};
