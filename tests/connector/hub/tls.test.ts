import { expect, onTestFinished, test } from "vitest";
import { configOf, HUB, startTestHub } from "../../local/hub/harness.ts";
import { makeAuthority } from "../../preflight/support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { countTo, Recorder, startConsumer } from "./support/consuming.ts";

const bodyOf = (partitionId: string, index: number) => `${partitionId}/${index}/${"y".repeat(index % 3000)}`;

test("over TLS, events arrive byte for byte, stop at the bound while nothing is settled, and survive a drop", async () => {
  const authority = makeAuthority();
  onTestFinished(() => authority.close());
  authority.trust();
  const server = await startTestHub({ config: configOf(2), tls: authority.issue("localhost") });
  for (const partitionId of ["0", "1"]) {
    const bodies = countTo(5000).map((index) => Buffer.from(bodyOf(partitionId, index)));
    server.hub(HUB).append(partitionId, [...bodies, Buffer.alloc(1_000_000, "z")]);
  }
  // Small, so that reading stops and goes on again and again.
  const recorder = new Recorder(500, 400_000);
  recorder.isHolding = true;
  let mostBytes = 0;
  recorder.onEvent = () => {
    if (recorder.received === 3000) {
      setImmediate(() => server.faults.dropConnections());
    }
    mostBytes = Math.max(mostBytes, recorder.inFlight.pendingBytes);
    if (recorder.inFlight.isFull) {
      setImmediate(() => recorder.settle());
    }
  };
  await startConsumer(server, { recorder });
  await eventually(() => {
    if (!recorder.inFlight.isFull) {
      recorder.settle();
    }
    return recorder.received === 10_002;
  });
  // A quarter over the budget, the largest message and one read.
  expect(mostBytes).toBeLessThan(1.25 * 400_000 + 1_000_000 + 256 * 1024);
  for (const partitionId of ["0", "1"]) {
    expect(recorder.sequenceNumbers(partitionId)).toEqual(countTo(5001));
    const bodies = recorder.bodies(partitionId);
    expect(bodies.slice(0, 5000).every((body, index) => body.toString() === bodyOf(partitionId, index))).toBe(
      true,
    );
    expect(bodies[5000]?.equals(Buffer.alloc(1_000_000, "z"))).toBe(true);
  }
});

test("a certificate that nobody trusts ends no process: the hub is asked again, and why is reported", async () => {
  const authority = makeAuthority();
  onTestFinished(() => authority.close());
  const server = await startTestHub({ tls: authority.issue("localhost") });
  const { lines, failing } = await startConsumer(server, { isHubAway: true });
  await eventually(() => failing.length > 0);
  expect(lines.join()).toMatch(/certificate|SELF_SIGNED/i);
});
