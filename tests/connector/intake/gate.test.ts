import { expect, test } from "vitest";
import { Gate } from "../../../src/connector/intake/gate.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const NEVER = new AbortController().signal;

function createGate(maxConcurrent = 2) {
  const clock = new ManualClock();
  const gate = new Gate(
    { maxConcurrent, backoff: { firstMs: 1000, maxMs: 60_000 } },
    { clock, random: () => 0.5 },
  );
  const entered: number[] = [];
  const enter = (id: number) => gate.enter(NEVER).then(() => entered.push(id));
  return { clock, gate, entered, enter };
}

test("a gate lets a bounded number in, in their order", async () => {
  const { gate, entered, enter } = createGate();
  const waits = [enter(1), enter(2), enter(3)];
  await Promise.all(waits.slice(0, 2));
  expect(entered).toEqual([1, 2]);
  gate.leave();
  await waits[2];
  expect(entered).toEqual([1, 2, 3]);
});

test("after a failure one request alone goes, once the pause is over, until it succeeds", async () => {
  const { clock, gate, entered, enter } = createGate();
  await enter(1);
  expect(gate.failed(clock.now(), 0)).toBe(500);
  gate.leave();
  const waits = [enter(2), enter(3)];
  clock.advance(499);
  await Promise.resolve();
  expect(entered).toEqual([1]);
  clock.advance(1);
  await waits[0];
  expect(entered).toEqual([1, 2]);
  gate.succeeded();
  gate.leave();
  await waits[1];
  expect(gate.failingSinceMs).toBeNull();
});

test("the pauses double, and requests that were under way together count as one failure", async () => {
  const { clock, gate } = createGate();
  const startedAtMs = clock.now();
  clock.advance(10);
  expect(gate.failed(startedAtMs, 0)).toBe(500);
  expect(gate.failed(startedAtMs, 0)).toBe(500);
  clock.advance(500);
  expect(gate.failed(clock.now(), 0)).toBe(1000);
});

test("what the intake asks for is waited for", () => {
  const { clock, gate } = createGate();
  expect(gate.failed(clock.now(), 7000)).toBe(7000);
});

test("a wait ends with its signal", async () => {
  const { gate, enter } = createGate(1);
  await enter(1);
  const stop = new AbortController();
  const waiting = gate.enter(stop.signal);
  stop.abort(new Error("over"));
  await expect(waiting).rejects.toThrow("over");
  await expect(gate.enter(stop.signal)).rejects.toThrow("over");
});
