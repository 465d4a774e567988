import { expect, test } from "vitest";
import { KeyProof } from "../../../src/connector/intake/key-proof.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const NEVER = new AbortController().signal;

test("an acceptance proves the key if its request started after the 400", () => {
  const proof = new KeyProof(new ManualClock());
  const underWay = proof.started();
  proof.started();
  const doubtedAfter = proof.newest;
  proof.accepted(underWay);
  expect(proof.isProven(doubtedAfter)).toBe(false);
  proof.accepted(proof.started());
  expect(proof.isProven(doubtedAfter)).toBe(true);
});

test("a late acceptance of an older request does not take a proof back", () => {
  const proof = new KeyProof(new ManualClock());
  const underWay = proof.started();
  const doubtedAfter = proof.newest;
  proof.accepted(proof.started());
  proof.accepted(underWay);
  expect(proof.isProven(doubtedAfter)).toBe(true);
});

test("a wait ends with the proof at once, else with its time, and leaves no timer behind", async () => {
  const clock = new ManualClock();
  const proof = new KeyProof(clock);
  proof.started();
  const proven = proof.wait(proof.newest, 30_000, NEVER);
  proof.accepted(proof.started());
  await proven;
  const unproven = proof.wait(proof.newest, 30_000, NEVER);
  expect(clock.nextDelayMs).toBe(30_000);
  clock.advance(30_000);
  await unproven;
  expect(clock.pending).toBe(0);
});

test("a wait ends with its signal", async () => {
  const clock = new ManualClock();
  const proof = new KeyProof(clock);
  const stop = new AbortController();
  const waiting = proof.wait(proof.newest, 30_000, stop.signal);
  stop.abort(new Error("over"));
  await expect(waiting).rejects.toThrow("over");
  expect(clock.pending).toBe(0);
});
