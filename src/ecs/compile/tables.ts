/** The functions by name. */
import type {
  FilterDefinition,
  FunctionTables,
  MethodDefinition,
  TestDefinition,
} from "../contract/function.ts";

export type MethodsOfName = {
  readonly str: MethodDefinition | undefined;
  readonly list: MethodDefinition | undefined;
  readonly dict: MethodDefinition | undefined;
};

export class Functions {
  readonly filters: ReadonlyMap<string, FilterDefinition>;
  readonly tests: ReadonlyMap<string, TestDefinition>;
  /** Whether a method was asked for that changes what it is called on. */
  changesValues = false;
  readonly #methods: ReadonlyMap<string, MethodDefinition>;

  constructor(tables: FunctionTables) {
    this.filters = new Map(tables.filters.map((filter) => [filter.name, filter]));
    this.tests = new Map(tables.tests.map((test) => [test.name, test]));
    this.#methods = new Map(tables.methods.map((method) => [`${method.on}.${method.name}`, method]));
  }

  get methodNames(): string[] {
    return [...this.#methods.values()].map(({ name }) => name);
  }

  global(name: string): MethodDefinition | undefined {
    return this.#methods.get(`global.${name}`);
  }

  /** The methods of that name, or undefined when no type has one. */
  methods(name: string): MethodsOfName | undefined {
    const str = this.#methods.get(`str.${name}`);
    const list = this.#methods.get(`list.${name}`);
    const dict = this.#methods.get(`dict.${name}`);
    this.changesValues ||= list?.changes === true || dict?.changes === true;
    return (str ?? list ?? dict) ? { str, list, dict } : undefined;
  }
}
