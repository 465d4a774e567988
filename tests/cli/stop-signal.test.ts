import { afterEach, expect, test, vi } from "vitest";
import { stopSignal, untilStopped } from "../../src/cli/stop-signal.ts";

/** Gives a signal to the listeners of ours alone, not to the process. */
function give(signal: "SIGINT" | "SIGTERM", known: readonly unknown[]): void {
  for (const listener of process.listeners(signal)) {
    if (!known.includes(listener)) {
      listener(signal);
    }
  }
}

afterEach(() => {
  vi.restoreAllMocks();
});

test.each(["SIGINT", "SIGTERM"] as const)("%s stops, and nobody listens after the release", async (name) => {
  const known = process.listeners(name);
  const stop = stopSignal();
  const stopped = untilStopped(stop);
  expect(stop.signal.aborted).toBe(false);
  give(name, known);
  await stopped;
  await untilStopped(stop);
  stop.release();
  expect(process.listeners(name)).toEqual(known);
});

test("a second signal at once is the same keystroke, a later one ends the process", () => {
  const exit = vi.spyOn(process, "exit").mockReturnValue(undefined as never);
  const now = vi.spyOn(performance, "now");
  const known = process.listeners("SIGINT");
  const stop = stopSignal();
  try {
    for (const [atMs, exits] of [
      [0, 0],
      [30, 0],
      [1500, 1],
    ] as const) {
      now.mockReturnValue(atMs);
      give("SIGINT", known);
      expect(exit).toHaveBeenCalledTimes(exits);
    }
    expect(exit).toHaveBeenCalledWith(1);
  } finally {
    stop.release();
  }
});
