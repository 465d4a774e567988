/** What functions may use of the run they are part of. */
import type {
  FilterDefinition,
  FunctionTables,
  FunctionTools,
  TestDefinition,
} from "../contract/function.ts";
import { Fault, type Result, type Value } from "../contract/value.ts";
import { LimitExceeded } from "../values/limits.ts";

/** Steps of loops and list functions that one event may take. */
const MAX_STEPS = 200_000;

const NO_NAMED: ReadonlyMap<string, Value> = new Map();

/** The tools of one event after the other, and its execution budget. */
export class RunTools implements FunctionTools {
  nowMs = 0;
  #stepsLeft = MAX_STEPS;
  readonly #filters: ReadonlyMap<string, FilterDefinition>;
  readonly #tests: ReadonlyMap<string, TestDefinition>;

  constructor(tables: FunctionTables) {
    this.#filters = new Map(tables.filters.map((filter) => [filter.name, filter]));
    this.#tests = new Map(tables.tests.map((test) => [test.name, test]));
  }

  /** Begins another event, with the whole budget. */
  begin(nowMs: number): void {
    this.nowMs = nowMs;
    this.#stepsLeft = MAX_STEPS;
  }

  callFilter(name: string, value: Value, positional: readonly Value[]): Result {
    const filter = this.#filters.get(name);
    if (filter === undefined) {
      return new Fault(`there is no filter "${name}"`);
    }
    return filter.run(value, { positional, named: NO_NAMED }, this);
  }

  callTest(name: string, value: Value, positional: readonly Value[]): boolean | Fault {
    const test = this.#tests.get(name);
    if (test === undefined) {
      return new Fault(`there is no test "${name}"`);
    }
    return test.run(value, { positional, named: NO_NAMED }, this);
  }

  spend(amount: number): void {
    this.#stepsLeft -= amount;
    if (this.#stepsLeft < 0) {
      throw new LimitExceeded(`the event's templates take more than ${MAX_STEPS} steps`);
    }
  }
}
