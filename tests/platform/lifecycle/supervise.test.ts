import { expect, test } from "vitest";
import { InputInvalid } from "../../../src/kernel/errors.ts";
import { isCrashing } from "../../../src/platform/lifecycle/crash-rule.ts";
import { DRAIN_DEADLINE_MS, supervise } from "../../../src/platform/lifecycle/supervise.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { HastyClock } from "../support/hasty-clock.ts";

const HOUR_MS = 3_600_000;

test.each([
  { name: "four errors are too few", errors: 4, uptimeMs: HOUR_MS, sinceMs: HOUR_MS, crashing: false },
  {
    name: "half an hour must have passed",
    errors: 9,
    uptimeMs: HOUR_MS / 2 - 1,
    sinceMs: HOUR_MS,
    crashing: false,
  },
  {
    name: "an event in the last fifth of the uptime excuses",
    errors: 5,
    uptimeMs: 5 * HOUR_MS,
    sinceMs: HOUR_MS - 1,
    crashing: false,
  },
  {
    name: "a fifth of the uptime without events does not",
    errors: 5,
    uptimeMs: 5 * HOUR_MS,
    sinceMs: HOUR_MS,
    crashing: true,
  },
  {
    name: "a long life excuses a day, not more",
    errors: 5,
    uptimeMs: 2400 * HOUR_MS,
    sinceMs: 24 * HOUR_MS,
    crashing: true,
  },
])("crash rule: $name", ({ errors, uptimeMs, sinceMs, crashing }) => {
  expect(isCrashing(errors, uptimeMs, sinceMs)).toBe(crashing);
});

function task(run: (signal: AbortSignal, attempt: number) => Promise<void>) {
  const uncaught: unknown[] = [];
  let attempts = 0;
  return {
    uncaught,
    supervised: {
      run: (signal: AbortSignal) => run(signal, ++attempts),
      uncaught: (error: unknown) => {
        uncaught.push(error);
      },
      errorsInARow: () => uncaught.length,
    },
  };
}
const never = new AbortController().signal;

test("an error that the task did not handle starts it again, with growing waits", async () => {
  const clock = new HastyClock();
  const { supervised, uncaught } = task(async (_, attempt) => {
    if (attempt < 9) {
      throw new Error(`attempt ${attempt}`);
    }
  });
  expect(await supervise(supervised, clock, never)).toBe("finished");
  expect(uncaught).toHaveLength(8);
  expect(clock.waitsMs).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1000));
});

test("an error that says stop stops", async () => {
  const error = new InputInvalid("wrong key");
  const { supervised, uncaught } = task(() => Promise.reject(error));
  await expect(supervise(supervised, new HastyClock(), never)).rejects.toBe(error);
  expect(uncaught).toEqual([]);
});

test("a stop ends the task in order, whether it returns or throws the signal's reason", async () => {
  for (const end of [async () => {}, async (signal: AbortSignal) => Promise.reject(signal.reason)]) {
    const stop = new AbortController();
    const { supervised, uncaught } = task(async (signal) => {
      stop.abort();
      await end(signal);
    });
    expect(await supervise(supervised, new ManualClock(), stop.signal)).toBe("finished");
    expect(uncaught).toEqual([]);
  }
});

test("a stop ends the wait for the next start", async () => {
  const stop = new AbortController();
  const { supervised } = task(() => Promise.reject(new Error("broken")));
  const ending = supervise(supervised, new ManualClock(), stop.signal);
  setImmediate(() => stop.abort());
  expect(await ending).toBe("finished");
});

test("an error while draining is the end's error", async () => {
  const stop = new AbortController();
  const { supervised } = task(async () => {
    stop.abort();
    throw new Error("lost the last checkpoint");
  });
  await expect(supervise(supervised, new ManualClock(), stop.signal)).rejects.toThrow(
    "lost the last checkpoint",
  );
});

test("a task that does not drain within the deadline is stuck", async () => {
  const clock = new ManualClock();
  const stop = new AbortController();
  const { supervised } = task(() => new Promise(() => {}));
  const ending = supervise(supervised, clock, stop.signal);
  stop.abort();
  clock.advance(DRAIN_DEADLINE_MS);
  expect(await ending).toBe("stuck");
  expect(clock.pending).toBe(0);
});
