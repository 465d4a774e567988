import { describe, expect, test } from "vitest";
import { SESSION_WINDOW_FRAMES } from "../../../../src/connector/hub/amqp/link.ts";
import { WireFault } from "../../../../src/connector/hub/amqp/values.ts";
import { described, symbol, text, timestamp } from "../../../../src/local/hub/encoding.ts";
import { annotationsOf, messageOf, ScriptedLink } from "../support/scripted-link.ts";

const positionOf = (sequenceNumber: number) => ({ offset: `at ${sequenceNumber}`, sequenceNumber });

describe("settlement", () => {
  test.each([
    { name: "neighbours are one range", ids: [0, 1, 2, 3], settled: [], accepted: [[0, 3]] },
    {
      name: "ids start again at 0 after 2^32 - 1",
      ids: [4294967294, 4294967295, 0, 1],
      settled: [],
      accepted: [[4294967294, 1]],
    },
    {
      name: "what the hub has settled is left out",
      ids: [0, 1, 2, 3, 4],
      settled: [0, 2, 3],
      accepted: [
        [1, 1],
        [4, 4],
      ],
    },
    {
      name: "a gap begins a range",
      ids: [7, 8, 20, 21],
      settled: [],
      accepted: [
        [7, 8],
        [20, 21],
      ],
    },
    { name: "nothing is said when all is settled", ids: [5, 6], settled: [5, 6], accepted: [] },
  ])("$name", ({ ids, settled, accepted }) => {
    const hub = new ScriptedLink();
    ids.forEach((deliveryId, index) => {
      hub.send(messageOf(index, "x"), { deliveryId, settled: (settled as number[]).includes(deliveryId) });
    });
    expect(hub.endRead().accepted).toEqual(accepted);
    expect(hub.endRead().accepted).toEqual([]);
  });

  test("a delivery in fragments is settled once, with its last one, and not if any fragment says that it is", () => {
    const hub = new ScriptedLink();
    const message = messageOf(0, "abc");
    hub.send(message.subarray(0, 9), { deliveryId: 4, more: true });
    expect(hub.endRead().accepted).toEqual([]);
    hub.send(message.subarray(9), { deliveryId: 4 });
    expect(hub.endRead().accepted).toEqual([[4, 4]]);
    hub.send(message.subarray(0, 9), { deliveryId: 5, more: true, settled: true });
    hub.send(message.subarray(9), { deliveryId: -1 });
    hub.send(message.subarray(0, 9), { deliveryId: 6, more: true });
    hub.send(message.subarray(9), { settled: true });
    expect(hub.endRead().accepted).toEqual([]);
    expect(hub.reader.sequenceNumbers).toEqual([0, 0, 0]);
  });
});

describe("fragments", () => {
  test("over several reads, the buffer overwritten between them, make one message", () => {
    const hub = new ScriptedLink();
    const body = "0123456789".repeat(20_000);
    const message = messageOf(12, body);
    for (let at = 0; at < message.length; at += 60_000) {
      const more = at + 60_000 < message.length;
      hub.send(message.subarray(at, at + 60_000), { deliveryId: at === 0 ? 9 : -1, more });
      expect(hub.reader.received).toHaveLength(more ? 0 : 1);
      hub.endRead();
    }
    expect(hub.reader.received).toEqual([{ sequenceNumber: 12, body }]);
    expect(hub.link.position).toEqual(positionOf(12));
  });

  test("an aborted delivery leaves nothing behind, and uses up credit and window as any other", () => {
    const hub = new ScriptedLink();
    hub.send(messageOf(0, "lost").subarray(0, 20), { deliveryId: 0, more: true });
    hub.endRead();
    hub.send(Buffer.from("rest"), { aborted: true });
    hub.send(Buffer.alloc(0), { deliveryId: 1, aborted: true, more: true });
    hub.send(messageOf(1, "kept"), { deliveryId: 2 });
    expect(hub.endRead().accepted).toEqual([[2, 2]]);
    expect(hub.reader.received).toEqual([{ sequenceNumber: 1, body: "kept" }]);
    expect(hub.link.outstandingEvents).toBe(97);
  });

  test("empty fragments are allowed, however many", () => {
    const hub = new ScriptedLink();
    hub.send(Buffer.alloc(0), { deliveryId: 0, more: true });
    for (let count = 0; count < 100_000; count++) {
      hub.send(Buffer.alloc(0), { more: true });
    }
    hub.send(messageOf(3, "late"), {});
    hub.endRead();
    expect(hub.reader.received).toEqual([{ sequenceNumber: 3, body: "late" }]);
  });

  test.each([
    { name: "the first has no delivery id", sent: [{ deliveryId: -1 }] },
    { name: "another delivery begins in between", sent: [{ deliveryId: 0, more: true }, { deliveryId: 1 }] },
  ])("it is a fault when $name", ({ sent }) => {
    const hub = new ScriptedLink();
    expect(() => {
      for (const each of sent) {
        hub.send(messageOf(0, "x"), each);
      }
    }).toThrow(WireFault);
    expect(hub.reader.received).toEqual([]);
  });

  test("a message beyond 32 MiB is a fault, and not gathered any further", () => {
    const hub = new ScriptedLink();
    const part = Buffer.alloc(1024 * 1024 - 10);
    expect(() => {
      for (let count = 0; count < 40; count++) {
        hub.send(part, { deliveryId: 0, more: true });
        hub.overwrite();
      }
    }).toThrow("larger than 33554432 bytes");
  });
});

describe("credit and session window", () => {
  test("the attach is answered with all the credit there is, from the hub's own counters", () => {
    const hub = new ScriptedLink({
      maxEvents: 100,
      firstTransferId: 2 ** 32 - 1,
      deliveryCount: 2 ** 32 - 2,
    });
    const [attached] = hub.answer().flows;
    expect(attached).toEqual({
      nextIncomingId: 2 ** 32 - 1,
      deliveryCount: 2 ** 32 - 2,
      credit: 100,
      window: SESSION_WINDOW_FRAMES,
    });
    for (let id = 0; id < 30; id++) {
      hub.send(messageOf(id, "x"), { deliveryId: id });
    }
    hub.reader.settleAll();
    // Both counters have started again at 0.
    expect(hub.endRead().flows).toEqual([
      { nextIncomingId: 29, deliveryCount: 28, credit: 100, window: SESSION_WINDOW_FRAMES },
    ]);
  });

  test("unsettled and granted events never exceed the bound, and a grant is at least a quarter of it", () => {
    const hub = new ScriptedLink({ maxEvents: 100 });
    let id = 0;
    let outstanding = hub.answer().flows[0]?.credit ?? 0;
    for (let round = 0; round < 200; round++) {
      const count = Math.min(outstanding, 1 + ((round * 7) % 40));
      for (let sent = 0; sent < count; sent++) {
        hub.send(messageOf(id, "x"), { deliveryId: id++ });
      }
      outstanding -= count;
      if (round % 3 === 2) {
        hub.reader.settleAll();
      }
      const { flows } = hub.endRead();
      for (const { credit, deliveryCount } of flows) {
        expect(deliveryCount).toBe(id);
        expect(credit + hub.reader.pendingEvents).toBeLessThanOrEqual(100);
        if (outstanding > 0) {
          expect(credit - outstanding).toBeGreaterThanOrEqual(25);
        }
        outstanding = credit;
      }
      expect(hub.link.outstandingEvents).toBe(outstanding);
    }
    expect(id).toBeGreaterThan(1000);
  });

  test("the session's window is opened again once half of it is used, though no credit is granted", () => {
    const hub = new ScriptedLink({ maxEvents: SESSION_WINDOW_FRAMES * 2 });
    // The first event shows how large they are; all the credit there is comes after it.
    hub.send(messageOf(0, ""), { deliveryId: 0 }).endRead();
    const half = SESSION_WINDOW_FRAMES / 2;
    for (let id = 1; id <= half; id++) {
      hub.send(messageOf(id, ""), { deliveryId: id });
      if (id % 500 === 0) {
        expect(hub.endRead().flows).toEqual([]);
      }
    }
    expect(hub.endRead().flows).toEqual([]);
    hub.send(messageOf(half + 1, ""), { deliveryId: half + 1 });
    expect(hub.endRead().flows).toEqual([
      {
        nextIncomingId: half + 2,
        deliveryCount: half + 2,
        credit: SESSION_WINDOW_FRAMES * 2 - half - 2,
        window: SESSION_WINDOW_FRAMES,
      },
    ]);
  });

  test("when no more may come, what waits for company is sent", () => {
    const hub = new ScriptedLink({ maxEvents: 4 });
    hub.answer();
    for (let id = 0; id < 3; id++) {
      hub.send(messageOf(id, ""), { deliveryId: id });
    }
    hub.endRead();
    expect(hub.reader.flushes).toBe(0);
    hub.send(messageOf(3, ""), { deliveryId: 3 }).endRead();
    expect(hub.reader.flushes).toBe(1);
  });

  test("fragments use up the session's window, but one credit a delivery", () => {
    const hub = new ScriptedLink();
    hub.answer();
    hub.send(Buffer.alloc(0), { deliveryId: 0, more: true });
    for (let frames = 0; frames <= SESSION_WINDOW_FRAMES / 2; frames++) {
      hub.send(Buffer.alloc(0), { more: true });
    }
    expect(hub.endRead().flows).toEqual([
      {
        nextIncomingId: SESSION_WINDOW_FRAMES / 2 + 2,
        deliveryCount: 1,
        credit: 99,
        window: SESSION_WINDOW_FRAMES,
      },
    ]);
  });

  test("a hub that sends more than it was asked for gets no more until that is settled", () => {
    const hub = new ScriptedLink({ maxEvents: 10 });
    hub.answer();
    for (let id = 0; id < SESSION_WINDOW_FRAMES / 2 + 1; id++) {
      hub.send(messageOf(id, ""), { deliveryId: id });
      if (id % 1000 === 0) {
        hub.endRead();
      }
    }
    expect(hub.endRead().flows.at(-1)?.credit ?? 0).toBe(0);
    hub.reader.settleAll();
    expect(hub.topUp().flows).toHaveLength(1);
    expect(hub.link.outstandingEvents).toBeLessThanOrEqual(10);
  });

  test("nothing is asked for after the detach", () => {
    const hub = new ScriptedLink();
    hub.answer();
    hub.link.detached();
    expect(hub.topUp().flows).toEqual([]);
  });
});

describe("position", () => {
  test("it is reported once a read, of the last message, with the time it was enqueued", () => {
    const hub = new ScriptedLink();
    expect(hub.link.position).toBeUndefined();
    const timed = Buffer.concat([
      annotationsOf(1, symbol("x-opt-enqueued-time"), timestamp(1_700_000_000_000)),
      described(0x75, Buffer.from([0xa0, 0])),
    ]);
    hub.send(messageOf(0, "x"), { deliveryId: 0 }).send(timed, { deliveryId: 1 });
    hub.endRead();
    hub.endRead();
    hub.send(messageOf(2, "x"), { deliveryId: 2 });
    hub.endRead();
    expect(hub.reader.reached).toEqual([
      { position: positionOf(1), enqueuedAtMs: 1_700_000_000_000 },
      { position: positionOf(2), enqueuedAtMs: 0 },
    ]);
    expect(hub.link.position).toEqual(positionOf(2));
  });

  test.each([
    { name: "a body and no annotations", bytes: described(0x75, Buffer.from([0xa0, 1, 0x78])), body: "x" },
    { name: "a body that is no data", bytes: Buffer.from([0x00, 0x53, 0x75, 0x40]), body: "\0Su@" },
    { name: "bytes that are not a message", bytes: Buffer.from("garbage"), body: "garbage" },
    { name: "no bytes", bytes: Buffer.alloc(0), body: "" },
  ])("a message of $name counts as the next, and the position stays that of the last", ({ bytes, body }) => {
    const hub = new ScriptedLink();
    hub.send(messageOf(6, "good"), { deliveryId: 0 }).send(bytes, { deliveryId: 1 });
    expect(hub.endRead().accepted).toEqual([[0, 1]]);
    expect(hub.link.position).toEqual(positionOf(6));
    hub.send(bytes, { deliveryId: 2 });
    hub.endRead();
    expect(hub.link.position).toEqual(positionOf(6));
    expect(hub.reader.received).toEqual([
      { sequenceNumber: 6, body: "good" },
      { sequenceNumber: 7, body },
      { sequenceNumber: 8, body },
    ]);
  });

  test.each([
    { name: "a body that is no data", rest: Buffer.from([0x00, 0x53, 0x75, 0x40]) },
    { name: "a body that ends too early", rest: Buffer.from([0x00, 0x53, 0x75, 0xb0, 0, 0, 1, 0, 1]) },
    { name: "bytes that are not a section", rest: Buffer.from("garbage") },
    { name: "half a section", rest: Buffer.from([0x00]) },
  ])("a message with $name goes on as it came, so that it stops nothing", ({ rest }) => {
    const hub = new ScriptedLink();
    const damaged = Buffer.concat([annotationsOf(7), rest]);
    hub.send(messageOf(6, "before"), { deliveryId: 0 });
    hub.send(damaged, { deliveryId: 1 });
    hub.send(messageOf(8, "after"), { deliveryId: 2 });
    expect(hub.endRead().accepted).toEqual([[0, 2]]);
    expect(hub.reader.received).toEqual([
      { sequenceNumber: 6, body: "before" },
      { sequenceNumber: 7, body: damaged.toString("latin1") },
      { sequenceNumber: 8, body: "after" },
    ]);
    expect(hub.link.position).toEqual(positionOf(8));
  });

  test("a time that is none is not a fault", () => {
    const hub = new ScriptedLink();
    hub.send(annotationsOf(1, symbol("x-opt-enqueued-time"), text("now")), { deliveryId: 0 });
    hub.endRead();
    expect(hub.reader.reached).toEqual([{ position: positionOf(1), enqueuedAtMs: 0 }]);
  });
});

test("sizes that grow count at once, those that shrink slowly", () => {
  const hub = new ScriptedLink();
  const mean = (bytes: number, sequenceNumber: number) => {
    hub.send(messageOf(sequenceNumber, "x".repeat(bytes)), { deliveryId: sequenceNumber });
    hub.endRead();
    return hub.link.meanEventBytes;
  };
  expect(mean(100_000, 0)).toBeGreaterThan(100_000);
  const after = [mean(10, 1), mean(10, 2), mean(10, 3)];
  expect(after[0]).toBeGreaterThan(70_000);
  expect(after[2]).toBeLessThan(50_000);
});
