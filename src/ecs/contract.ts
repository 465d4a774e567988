/**
 * The types that the parser library's rooms share. The rooms meet in `engine.ts` alone.
 *
 * Values follow Python, since the format language does:
 *   None → null, an undefined name → undefined, bool → boolean, str → string,
 *   int → number while it is a safe integer, else bigint,
 *   float → number when it has a fraction (or is not finite), else `Float` (so that 1.0 stays 1.0),
 *   list → array, tuple → `Tuple`, dict → Map (ordered, and no key is special).
 */

/** A float with an integral value, such as 1.0 or 8080.0. Any other float is a plain number. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A list that nothing can be added to, and that prints and compares as a tuple; what is made from one is a list. */
export class Tuple extends Array<Value> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  static holding(items: Iterable<Value>): Tuple {
    const tuple = new Tuple();
    for (const item of items) tuple.push(item);
    return tuple;
  }
}

export type Key = string | number | bigint | boolean | null;
export type Value = undefined | null | boolean | number | bigint | string | Float | Value[] | Dict;
export type Dict = Map<Key, Value>;

/** A place in a source text; lines and columns count from 1. */
export type Span = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Characters from the column on that are meant. */
  readonly length: number;
};

export type Diagnostic = {
  readonly severity: "error" | "warning";
  /** Stable, such as `unknown-stage`. */
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  readonly span: Span;
};

/**
 * An expression that cannot be computed, such as an attribute of an undefined name. Never thrown:
 * missing fields are the normal path, so faults are ordinary results, made once where that is possible.
 */
export class Fault {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

export type Result = Value | Fault;

/** The parser returned no value: no match, no input or unusable input. Never thrown. */
export class StageFailure {
  readonly reason: string;
  /** The result that counts all the same while no earlier stage of the name has one: None, or what the stage says. */
  readonly standIn: Value;
  /** The stage had nothing to do: its name stays as undefined as if it had not been there. */
  readonly isIdle: boolean;
  constructor(
    reason: string,
    { standIn = null, isIdle = false }: { standIn?: Value; isIdle?: boolean } = {},
  ) {
    this.reason = reason;
    this.standIn = standIn;
    this.isIdle = isIdle;
  }
}

export type StageInput = {
  /** What `input_field` names; undefined when it names nothing. */
  readonly value: Value;
  /** The stage's properties of kind `template`, rendered for this event. */
  readonly rendered: Readonly<Record<string, Value>>;
  /** The current time in milliseconds since 1970; dates without a year take theirs from it. */
  readonly nowMs: number;
};

export type StageRunner = (input: StageInput) => Value | StageFailure;

export type StageProperty = {
  readonly name: string;
  /** `text` is used as written, `template` is rendered for each event, `map` is a map of texts. */
  readonly kind: "text" | "template" | "boolean" | "list" | "map";
  readonly summary: string;
};

export type StageExample = {
  readonly title: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** The rendered properties of kind `template`; absent ones are undefined. */
  readonly rendered?: Readonly<Record<string, string>>;
  readonly input: string;
  /** Plain JSON of the result, or `"failure"` as the whole result. */
  readonly result: unknown;
};

/** One external stage of the language, such as `kv.parse-kv`. `input_field` and `output_field` are the runner's business. */
export type StageDefinition = {
  readonly name: string;
  readonly summary: string;
  readonly properties: readonly StageProperty[];
  readonly examples: readonly [StageExample, ...StageExample[]];
  /**
   * Done once a format; must be cheap, so that patterns are compiled at first use.
   * @param properties As written in the YAML, unchecked.
   */
  prepare(properties: Readonly<Record<string, unknown>>): StageRunner;
};

/** A declared field: its dotted path and the name of its type. */
export type FieldDeclaration = { readonly path: string; readonly type: string };

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
  run(value: Value, args: Arguments, tools: FunctionTools): Result;
};

/** The tables that the expression language is made of. */
export type FunctionTables = {
  readonly filters: readonly FilterDefinition[];
  readonly tests: readonly TestDefinition[];
  readonly methods: readonly MethodDefinition[];
};
