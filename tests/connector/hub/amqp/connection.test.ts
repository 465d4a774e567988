import { expect, onTestFinished, test } from "vitest";
import { type ConnectionPorts, HubConnection } from "../../../../src/connector/hub/amqp/connection.ts";
import { CreditPolicy } from "../../../../src/connector/hub/amqp/credit.ts";
import type { HubFault } from "../../../../src/connector/hub/amqp/faults.ts";
import type { LinkSource, OpenLink } from "../../../../src/connector/hub/amqp/open-link.ts";
import { systemClock } from "../../../../src/kernel/clock.ts";
import { described } from "../../../../src/local/hub/encoding.ts";
import { bodiesOf, configOf, HUB, startTestHub } from "../../../local/hub/harness.ts";
import { eventually } from "../../../support/eventually.ts";
import type { FaultyHub } from "../../../support/hub-faults.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { accessOf } from "../support/consuming.ts";
import { startFront } from "../support/front.ts";
import { AMPLE, RecordingReader } from "../support/link-ends.ts";
import { amqpFrame, valueAs } from "../support/rhea-codec.ts";

type Options = {
  readonly ports?: Partial<ConnectionPorts>;
  readonly port?: number;
  readonly tokenRenewMs?: number;
  readonly onToken?: () => void;
};

/** A connection that ends with the test. */
async function connect(server: FaultyHub, options: Options = {}) {
  const crashes: unknown[] = [];
  const claimFailures: unknown[] = [];
  const access = accessOf(server);
  const connection = await HubConnection.open(
    {
      ...access,
      host: "127.0.0.1",
      port: options.port ?? server.port,
      token(audience) {
        options.onToken?.();
        return access.token(audience);
      },
    },
    { tokenRenewMs: options.tokenRenewMs, userAgent: "test" },
    {
      budget: AMPLE,
      credit: new CreditPolicy(AMPLE, 100),
      clock: systemClock,
      claimFailed: (error) => claimFailures.push(error),
      crashed: (error) => crashes.push(error),
      ...options.ports,
    },
  );
  onTestFinished(() => connection.abort("the test is over"));
  return { connection, crashes, claimFailures };
}

const never = new AbortController().signal;

function sourceOf(partitionId: string, fields: Partial<LinkSource> = {}): LinkSource {
  return {
    address: `${HUB}/ConsumerGroups/cg1/Partitions/${partitionId}`,
    after: { kind: "earliest" },
    identifier: "test",
    ownerLevel: 0,
    ...fields,
  };
}

/** The fault of a link, whether the hub refuses it before or right after its opening. */
async function faultOf(opening: Promise<OpenLink>): Promise<HubFault> {
  return opening.then(
    (link) => link.closed,
    (fault: HubFault) => fault,
  );
}

test("a hub that sends nothing for 75 seconds, no empty frame either, is given up", async () => {
  const server = await startTestHub();
  const clock = new ManualClock();
  const { connection } = await connect(server, { ports: { clock } });
  const reader = new RecordingReader();
  await connection.openLink(sourceOf("0"), reader, never);
  let fault: HubFault | undefined;
  void connection.closed.then((cause) => {
    fault = cause;
  });
  clock.advance(70_000);
  server.hub(HUB).append("0", bodiesOf("a sign of life"));
  await eventually(() => reader.received.length === 1);
  clock.advance(70_000);
  expect(server.stats().connections).toBe(1);
  expect(fault).toBeUndefined();
  server.faults.freeze(true);
  clock.advance(10_000);
  await connection.closed;
  expect(fault?.message).toBe("the hub sent nothing for 75 s (aborted)");
  expect(clock.pending).toBe(0);
});

test("a hub that cannot be reached is a fault that names the system's reason", async () => {
  const server = await startTestHub();
  await server.faults.down();
  await expect(connect(server)).rejects.toMatchObject({ condition: "ECONNREFUSED" });
});

test.each([
  {
    name: "a partition that is not there",
    source: sourceOf("9"),
    condition: "com.microsoft:argument-out-of-range",
  },
  {
    name: "a consumer group that is not there",
    source: sourceOf("0", { address: `${HUB}/ConsumerGroups/nobody/Partitions/0` }),
    condition: "amqp:not-found",
  },
  {
    name: "a position that the hub does not know",
    source: sourceOf("0", { after: { offset: "999999", sequenceNumber: 9 } }),
    condition: "com.microsoft:argument-error",
  },
])("$name is a fault of the link alone: $condition", async ({ source, condition }) => {
  const server = await startTestHub();
  const { connection } = await connect(server);
  expect(await faultOf(connection.openLink(source, new RecordingReader(), never))).toMatchObject({
    condition,
  });
  const reader = new RecordingReader();
  await connection.openLink(sourceOf("0"), reader, never);
  server.hub(HUB).append("0", bodiesOf("still read"));
  await eventually(() => reader.received.length === 1);
});

test("a refused token is reported, and the connection can be used once tokens are accepted", async () => {
  const server = await startTestHub();
  const { connection } = await connect(server);
  server.faults.refuseTokens(true);
  await expect(connection.openLink(sourceOf("0"), new RecordingReader(), never)).rejects.toThrow(
    /InvalidSignature/,
  );
  server.faults.refuseTokens(false);
  await connection.openLink(sourceOf("0"), new RecordingReader(), never);
});

test("tokens are renewed on the way, and reading goes on; one that is refused is reported and tried again", async () => {
  const server = await startTestHub();
  let tokens = 0;
  const clock = new ManualClock();
  const { connection, claimFailures } = await connect(server, {
    tokenRenewMs: 60_000,
    ports: { clock },
    onToken: () => {
      tokens++;
    },
  });
  const reader = new RecordingReader();
  await connection.openLink(sourceOf("0"), reader, never);
  expect(tokens).toBe(1);
  const renewed = async (count: number) => {
    // The next renewal is planned once this one was answered.
    await eventually(() => tokens === count && clock.pending === 2);
  };
  for (let count = 2; count <= 12; count++) {
    clock.advance(60_000);
    await renewed(count);
    server.hub(HUB).append("0", bodiesOf(`after ${count}`));
    await eventually(() => reader.received.length === count - 1);
  }
  server.faults.refuseTokens(true);
  clock.advance(60_000);
  await eventually(() => claimFailures.length === 1);
  server.hub(HUB).append("0", bodiesOf("the old token still holds"));
  await eventually(() => reader.received.length === 12);
  server.faults.refuseTokens(false);
  clock.advance(15_000);
  await renewed(14);
  expect(reader.received).toHaveLength(12);
  expect(server.stats().connections).toBe(1);
});

test("a partition that is lost while its token is under way is not attached to, so that its new owner keeps it", async () => {
  const server = await startTestHub({ config: configOf(2) });
  const mine = await connect(server);
  const other = await connect(server);
  const lost = new AbortController();
  server.faults.freeze(true);
  const givenUp = expect(
    mine.connection.openLink(sourceOf("1"), new RecordingReader(), lost.signal),
  ).rejects.toThrow("the partition is another's");
  lost.abort(new Error("the partition is another's"));
  server.faults.freeze(false);
  const owner = await other.connection.openLink(sourceOf("1"), new RecordingReader(), never);
  await givenUp;
  let isOver = false;
  void owner.closed.then(() => {
    isOver = true;
  });
  // A round trip of each later, nobody has been replaced.
  await mine.connection.openLink(sourceOf("0"), new RecordingReader(), never);
  expect(isOver).toBe(false);
  expect(server.stats().receivers).toHaveLength(2);
});

test.each([
  { name: "a frame that cannot be", bytes: [0, 0, 0, 3, 2, 0, 0, 0] },
  { name: "a frame of a gigabyte", bytes: [0x40, 0, 0, 0, 2, 0, 0, 0] },
  { name: "another protocol", bytes: [...Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")] },
  { name: "a performative that nobody knows", bytes: [0, 0, 0, 12, 2, 0, 0, 0, 0x00, 0x53, 0x77, 0x45] },
  {
    name: "a performative that ends too early",
    bytes: [0, 0, 0, 13, 2, 0, 0, 0, 0x00, 0x53, 0x13, 0xd0, 0xff],
  },
])("bytes that are not AMQP end the connection with a fault: $name", async ({ bytes }) => {
  const server = await startTestHub();
  const front = await startFront(server.port);
  const { connection, crashes } = await connect(server, { port: front.port });
  const link = await connection.openLink(sourceOf("0"), new RecordingReader(), never);
  front.inject(Buffer.from(bytes));
  const fault = await connection.closed;
  expect(fault.message).not.toBe("");
  expect(await link.closed).toBe(fault);
  expect(crashes).toEqual([]);
});

test("damaged transfers end the connection, and what came before them is not read again", async () => {
  const server = await startTestHub();
  const front = await startFront(server.port);
  const { connection, crashes } = await connect(server, { port: front.port });
  const reader = new RecordingReader();
  const { link } = await connection.openLink(sourceOf("0"), reader, never);
  server.hub(HUB).append("0", bodiesOf("a", "b"));
  await eventually(() => link.position?.sequenceNumber === 1);
  // Channel 0 is that of the tokens, 1 the link's. The transfer has no delivery id.
  const body = described(0x75, valueAs(0xa0, Buffer.from("x")));
  front.inject(amqpFrame(1, "transfer", { handle: 0, delivery_tag: Buffer.from("t") }, body));
  expect((await connection.closed).condition).toBe("protocol");
  expect(link.position?.sequenceNumber).toBe(1);
  expect(reader.sequenceNumbers).toEqual([0, 1]);
  expect(crashes).toEqual([]);
});

test("a message without annotations goes on as any other, and no link ends", async () => {
  const server = await startTestHub();
  const front = await startFront(server.port);
  const { connection } = await connect(server, { port: front.port });
  const reader = new RecordingReader();
  const { link } = await connection.openLink(sourceOf("0"), reader, never);
  server.hub(HUB).append("0", bodiesOf("a", "b"));
  await eventually(() => link.position?.sequenceNumber === 1);
  const body = described(0x75, valueAs(0xa0, Buffer.from("bare")));
  front.inject(amqpFrame(1, "transfer", { handle: 0, delivery_id: 2, delivery_tag: Buffer.from("t") }, body));
  await eventually(() => reader.received.length === 3);
  expect(link.position?.sequenceNumber).toBe(1);
  server.hub(HUB).append("0", bodiesOf("c"));
  await eventually(() => link.position?.sequenceNumber === 2);
  expect(reader.received).toEqual([
    { sequenceNumber: 0, body: "a" },
    { sequenceNumber: 1, body: "b" },
    { sequenceNumber: 2, body: "bare" },
    { sequenceNumber: 2, body: "c" },
  ]);
});

test("a reader that throws is reported as a crash, wherever it throws", async () => {
  for (const place of ["receive", "reach"] as const) {
    const server = await startTestHub();
    const { connection, crashes } = await connect(server);
    const reader = new RecordingReader();
    reader[place] = () => {
      throw new Error(`broken ${place}`);
    };
    await connection.openLink(sourceOf("0"), reader, never);
    server.hub(HUB).append("0", bodiesOf("x"));
    await connection.closed;
    expect(crashes.map(String)).toEqual([`Error: broken ${place}`]);
  }
});

test("close says goodbye, and the hub forgets the links", async () => {
  const server = await startTestHub();
  const { connection } = await connect(server);
  const link = await connection.openLink(sourceOf("0"), new RecordingReader(), never);
  await connection.close();
  await link.closed;
  await eventually(() => server.stats().connections === 0);
});

test("a closed link gets nothing more, while the others of the connection do", async () => {
  const server = await startTestHub({ config: configOf(2) });
  const { connection } = await connect(server);
  const closed = new RecordingReader();
  const open = new RecordingReader();
  const link = await connection.openLink(sourceOf("0"), closed, never);
  await connection.openLink(sourceOf("1"), open, never);
  link.close();
  for (const partitionId of ["0", "1"]) {
    server.hub(HUB).append(partitionId, bodiesOf("x"));
  }
  await eventually(() => open.received.length === 1 && server.stats().receivers.length === 1);
  expect(closed.received).toEqual([]);
  const again = new RecordingReader();
  await connection.openLink(sourceOf("0"), again, never);
  await eventually(() => again.received.length === 1);
});

test("a connection that is over leaves no timer and no socket behind, however it ended", async () => {
  const server = await startTestHub();
  const front = await startFront(server.port);
  const count = () =>
    process.getActiveResourcesInfo().filter((kind) => kind === "Timeout" || kind.startsWith("TCPSocket"))
      .length;
  const before = count();
  const ends: ((connection: HubConnection) => unknown)[] = [
    (connection) => connection.abort("not needed"),
    (connection) => connection.close(),
    () => front.drop(),
    () => front.inject(Buffer.from([0, 0, 0, 3, 2, 0, 0, 0])),
    () => server.faults.closeConnections(),
  ];
  for (const end of [...ends, ...ends, ...ends]) {
    const { connection } = await connect(server, { port: front.port });
    await connection.openLink(sourceOf("0"), new RecordingReader(), never);
    await end(connection);
    await connection.closed;
  }
  await eventually(() => count() <= before + 3, count);
});
