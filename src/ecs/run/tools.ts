/** What functions may use of the run they are part of. */
import { Fault, type FunctionTables, type FunctionTools, type Value } from "../contract.ts";
import { LimitExceeded } from "../values/limits.ts";

/** Steps of loops and list functions that one event may take. */
export const MAX_STEPS = 200_000;

const NO_NAMED: ReadonlyMap<string, Value> = new Map();

/** What one event's run keeps count of. */
export type Clockwork = { stepsLeft: number; nowMs: number };

/** @param clockwork Its steps are counted down from `MAX_STEPS` for each event. */
export function createTools(tables: FunctionTables, clockwork: Clockwork): FunctionTools {
  const filters = new Map(tables.filters.map((filter) => [filter.name, filter]));
  const tests = new Map(tables.tests.map((test) => [test.name, test]));
  const tools: FunctionTools = {
    get nowMs() {
      return clockwork.nowMs;
    },
    callFilter(name, value, positional) {
      const filter = filters.get(name);
      if (filter === undefined) return new Fault(`there is no filter "${name}"`);
      return filter.run(value, { positional, named: NO_NAMED }, tools);
    },
    callTest(name, value, positional) {
      const test = tests.get(name);
      if (test === undefined) return new Fault(`there is no test "${name}"`);
      return test.run(value, { positional, named: NO_NAMED }, tools);
    },
    spend(amount) {
      clockwork.stepsLeft -= amount;
      if (clockwork.stepsLeft < 0)
        throw new LimitExceeded(`the event's templates take more than ${MAX_STEPS} steps`);
    },
  };
  return tools;
}
