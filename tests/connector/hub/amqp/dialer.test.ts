import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import type { HubConnection } from "../../../../src/connector/hub/amqp/connection.ts";
import { Dialer } from "../../../../src/connector/hub/amqp/dialer.ts";
import { HubFault } from "../../../../src/connector/hub/amqp/faults.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A connection that the test ends. */
function fakeConnection() {
  const closed = Promise.withResolvers<HubFault>();
  let isClosed = false;
  const connection = {
    closed: closed.promise,
    async close() {
      isClosed = true;
    },
  } as unknown as HubConnection;
  return { connection, isClosed: () => isClosed, lose: () => closed.resolve(new HubFault("lost", "lost")) };
}

function createDialer(random = () => 0.5) {
  const clock = new ManualClock();
  const dials: PromiseWithResolvers<HubConnection>[] = [];
  const failures: unknown[] = [];
  const dialer = new Dialer(
    () => {
      const dial = Promise.withResolvers<HubConnection>();
      dials.push(dial);
      return dial.promise;
    },
    clock,
    random,
    (error) => failures.push(error),
  );
  return { clock, dials, failures, dialer };
}

const never = () => new AbortController().signal;

test("all who need a connection wait for the same one, and get it as long as it lasts", async () => {
  const { dialer, dials } = createDialer();
  const waiting = [dialer.connect(never()), dialer.connect(never())];
  expect(dials).toHaveLength(1);
  const first = fakeConnection();
  dials[0]?.resolve(first.connection);
  expect(await Promise.all(waiting)).toEqual([first.connection, first.connection]);
  expect(await dialer.connect(never())).toBe(first.connection);
  first.lose();
  await turn();
  expect(dials).toHaveLength(1);
  const again = dialer.connect(never());
  expect(dials).toHaveLength(2);
  const second = fakeConnection();
  dials[1]?.resolve(second.connection);
  expect(await again).toBe(second.connection);
});

test("attempts that fail are reported, and follow each other with growing pauses of at most 15 seconds", async () => {
  const { dialer, dials, clock, failures } = createDialer(() => 0.999_999);
  const waiting = dialer.connect(never());
  const pausesMs: number[] = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    dials[attempt]?.reject(new HubFault("ECONNREFUSED", "refused"));
    await turn();
    pausesMs.push(clock.nextDelayMs ?? -1);
    clock.advance(clock.nextDelayMs ?? 0);
    await turn();
  }
  expect(pausesMs).toEqual([499, 999, 1999, 3999, 7999, 14_999, 14_999, 14_999]);
  expect(failures).toHaveLength(8);
  const { connection } = fakeConnection();
  dials[8]?.resolve(connection);
  expect(await waiting).toBe(connection);
});

test("one who gives up leaves the others waiting, and no listener behind", async () => {
  const { dialer, dials } = createDialer();
  const gaveUp = new AbortController();
  const stays = new AbortController();
  const first = expect(dialer.connect(gaveUp.signal)).rejects.toThrow("not needed");
  const second = dialer.connect(stays.signal);
  gaveUp.abort(new Error("not needed"));
  await first;
  const { connection } = fakeConnection();
  dials[0]?.resolve(connection);
  expect(await second).toBe(connection);
  for (const { signal } of [gaveUp, stays]) {
    expect(getEventListeners(signal, "abort")).toEqual([]);
  }
});

test("close ends the attempts, and whoever waits for one", async () => {
  const { dialer, dials, clock } = createDialer();
  const waiting = expect(dialer.connect(never())).rejects.toThrow("the connection is closed");
  dials[0]?.reject(new Error("refused"));
  await turn();
  await dialer.close();
  await waiting;
  clock.advance(60_000);
  await turn();
  expect(dials).toHaveLength(1);
});

test("close closes the connection, also one that opens only then", async () => {
  const { dialer, dials } = createDialer();
  const waiting = dialer.connect(never());
  const closing = dialer.close();
  const late = fakeConnection();
  dials[0]?.resolve(late.connection);
  await closing;
  await waiting;
  expect(late.isClosed()).toBe(true);
});
