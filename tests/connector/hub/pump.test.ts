import { expect, onTestFinished, test } from "vitest";
import type { Position, StartPosition } from "../../../src/connector/contract.ts";
import type { HubConnection } from "../../../src/connector/hub/amqp/connection.ts";
import { HubFault } from "../../../src/connector/hub/amqp/faults.ts";
import type { LinkSource } from "../../../src/connector/hub/amqp/open-link.ts";
import { PartitionPump } from "../../../src/connector/hub/pump.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingReader } from "./support/link-ends.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

type FakeLink = {
  readonly after: LinkSource["after"];
  readonly isClosed: () => boolean;
  /** The last event that was handed on. */
  position: Position | undefined;
  end(condition: string): void;
};

const START: Position = { offset: "o", sequenceNumber: 10 };

/** A pump over links that the test opens, moves and ends. */
function startPump({
  from = START as Position | StartPosition,
  refusals = [] as string[],
  recover = async () => ({ kind: "earliest" }) as StartPosition,
} = {}) {
  const clock = new ManualClock();
  const links: FakeLink[] = [];
  const calls: string[] = [];
  const connection = {
    async openLink({ after }: LinkSource) {
      const refusal = refusals.shift();
      if (refusal !== undefined) {
        throw new HubFault(refusal, "refused");
      }
      const closed = Promise.withResolvers<HubFault>();
      let isClosed = false;
      const link: FakeLink = {
        after,
        isClosed: () => isClosed,
        position: undefined,
        end: (condition) => closed.resolve(new HubFault(condition, "ended")),
      };
      links.push(link);
      return {
        link,
        closed: closed.promise,
        close() {
          isClosed = true;
          link.end("closed");
        },
      };
    },
    abort: (reason: string) => void calls.push(`aborted: ${reason}`),
  } as unknown as HubConnection;
  const pump = new PartitionPump("0", new RecordingReader(), from, {
    connect: async () => connection,
    source: { address: "a", identifier: "me", ownerLevel: 0 },
    clock,
    random: () => 0.999_999,
    failed: (fault) => void calls.push(`failed ${fault.condition}`),
    opened: () => void calls.push("opened"),
    stolen: (fault) => void calls.push(`stolen ${fault.condition}`),
    recover: (position, fault) => {
      calls.push(`recover ${position.sequenceNumber} ${fault.condition}`);
      return recover();
    },
    crashed: (error) => void calls.push(`crashed ${String(error)}`),
  });
  onTestFinished(() => pump.stop());
  /** Passes the pause before the next attempt. @returns how long it was. */
  const nextAttempt = async () => {
    const delayMs = clock.nextDelayMs ?? -1;
    clock.advance(delayMs);
    await turn();
    return delayMs;
  };
  return { pump, clock, links, calls, nextAttempt };
}

test("a link that ends is opened again after the last event that was handed on", async () => {
  const { pump, links, calls, nextAttempt } = startPump();
  await turn();
  expect(links.map(({ after }) => after)).toEqual([START]);
  const reached: Position = { offset: "p", sequenceNumber: 99 };
  (links[0] as FakeLink).position = reached;
  expect(pump.after).toEqual(reached);
  links[0]?.end("amqp:link:detach-forced");
  await turn();
  expect(pump.isOpen).toBe(false);
  await nextAttempt();
  // Nothing came on the second link.
  links[1]?.end("com.microsoft:server-busy");
  await turn();
  await nextAttempt();
  expect(links.map(({ after }) => after)).toEqual([START, reached, reached]);
  expect(calls.filter((call) => call.startsWith("failed"))).toEqual([
    "failed amqp:link:detach-forced",
    "failed com.microsoft:server-busy",
  ]);
});

test("links that fail in a row are opened with growing pauses; one that lasted begins again", async () => {
  const refusals = Array.from({ length: 7 }, () => "amqp:not-found");
  const { clock, links, nextAttempt } = startPump({ refusals });
  await turn();
  const pausesMs: number[] = [];
  while (links.length === 0) {
    pausesMs.push(await nextAttempt());
  }
  expect(pausesMs).toEqual([499, 999, 1999, 3999, 7999, 14_999, 14_999]);
  clock.advance(10_001);
  links[0]?.end("amqp:connection:forced");
  await turn();
  expect(await nextAttempt()).toBe(499);
});

test("a partition that another reader took is given up, and no link opened again", async () => {
  const { clock, links, calls } = startPump();
  await turn();
  links[0]?.end("amqp:link:stolen");
  await turn();
  clock.advance(60_000);
  await turn();
  expect(links).toHaveLength(1);
  expect(calls.at(-1)).toBe("stolen amqp:link:stolen");
});

test("a position that the hub does not know is replaced by the answer of recover, without a pause", async () => {
  const { links, calls } = startPump({ refusals: ["com.microsoft:argument-error"] });
  await turn();
  expect(calls).toContain("recover 10 com.microsoft:argument-error");
  expect(links.map(({ after }) => after)).toEqual([{ kind: "earliest" }]);
});

test("a start that is not a position is not recovered from, but tried again", async () => {
  const { links, calls, nextAttempt } = startPump({
    from: { kind: "latest" },
    refusals: ["com.microsoft:argument-out-of-range"],
  });
  await turn();
  await nextAttempt();
  expect(calls[0]).toBe("failed com.microsoft:argument-out-of-range");
  expect(links).toHaveLength(1);
});

test("a recover that throws ends the reading as a crash", async () => {
  const { clock, links, calls } = startPump({
    refusals: ["com.microsoft:argument-error"],
    recover: () => Promise.reject(new Error("must not go on")),
  });
  await turn();
  clock.advance(60_000);
  await turn();
  expect(calls.at(-1)).toBe("crashed Error: must not go on");
  expect(links).toEqual([]);
});

test("stop closes the link and opens no other; during a pause it ends the pause", async () => {
  const open = startPump();
  await turn();
  open.pump.stop();
  await turn();
  expect(open.links[0]?.isClosed()).toBe(true);
  const pausing = startPump({ refusals: ["amqp:internal-error"] });
  await turn();
  pausing.pump.stop();
  await turn();
  for (const { clock, links, calls } of [open, pausing]) {
    const before = links.length;
    clock.advance(60_000);
    await turn();
    expect(links).toHaveLength(before);
    expect(calls.filter((call) => call.startsWith("crashed"))).toEqual([]);
    expect(clock.pending).toBe(0);
  }
});

test("restart opens the link again where it stands, reconnect gives up the connection", async () => {
  const { pump, links, calls, nextAttempt } = startPump();
  await turn();
  (links[0] as FakeLink).position = { offset: "q", sequenceNumber: 11 };
  pump.restart();
  await turn();
  await nextAttempt();
  expect(links[1]?.after).toEqual({ offset: "q", sequenceNumber: 11 });
  pump.reconnect("it stands still");
  expect(calls.at(-1)).toBe("aborted: it stands still");
});
