import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DeadLetter } from "../../../src/connector/contract.ts";
import { DeadLetterReader } from "../../../src/connector/deadletter/reader.ts";
import { BlobDeadLetters, type DeadLetterSettings } from "../../../src/connector/deadletter/store.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { silentLogger } from "../../../src/kernel/log.ts";
import { NO_PROXIES } from "../../../src/kernel/proxy.ts";
import { type LocalStorage, startStorage } from "../../../src/local/storage/azurite.ts";

const MIB = 1024 * 1024;

let storage: LocalStorage;

beforeAll(async () => {
  storage = await startStorage();
});
afterAll(() => storage?.close());

function settingsOf(containerName: string, port = storage.port): DeadLetterSettings {
  const connectionString = storage.connectionString.replace(`:${storage.port}/`, `:${port}/`);
  return {
    storage: { access: { kind: "key", connectionString }, containerName, proxies: NO_PROXIES },
    hubName: "logs",
    consumerGroup: "readers",
  };
}

async function createContainer(name: string): Promise<void> {
  await new ContainerClient(storage.connectionString, name).create();
}

function openStore(settings: DeadLetterSettings): BlobDeadLetters {
  return new BlobDeadLetters(settings, { clock: systemClock, random: Math.random, logger: silentLogger });
}

function letterOf(sequenceNumber: number, text: string): DeadLetter {
  return {
    partitionId: "1",
    sequenceNumber,
    recordIndex: 0,
    bytes: Buffer.from(text),
    reason: "INTAKE_REFUSED",
    detail: "refused",
  };
}

/** Every letter that a replay would read, by rising sequence number, as one short line: the data may be megabytes. */
async function readLetters(settings: DeadLetterSettings): Promise<string[]> {
  const reader = new DeadLetterReader(settings);
  const found: [number, string][] = [];
  for (const { name, bytes } of await reader.list()) {
    for await (const { lines } of reader.read(name, 0, bytes)) {
      for (const { sequence_number, data } of lines) {
        found.push([sequence_number, summaryOf(data)]);
      }
    }
  }
  return found.sort(([a], [b]) => a - b).map(([sequenceNumber, summary]) => `${sequenceNumber}: ${summary}`);
}

function summaryOf(text: string): string {
  const isUniform = text === text.charAt(0).repeat(text.length);
  return `${text.length} × ${isUniform ? text.charAt(0) : "mixed"}`;
}

/** Passes bytes on to the storage, but none after the first `bytes`; `stalled` resolves when it holds them back. */
async function startStallingProxy(
  bytes: number,
): Promise<{ port: number; stalled: Promise<void>; close(): void }> {
  const sockets: Socket[] = [];
  let passedBytes = 0;
  const { promise: stalled, resolve: stall } = Promise.withResolvers<void>();
  const server: Server = createServer((client) => {
    const upstream = connect(storage.port, "127.0.0.1");
    sockets.push(client, upstream);
    for (const socket of [client, upstream]) {
      socket.on("error", () => socket.destroy());
    }
    upstream.pipe(client);
    client.on("data", (piece) => {
      passedBytes += piece.length;
      if (passedBytes <= bytes) {
        upstream.write(piece);
      } else {
        stall();
      }
    });
    client.on("close", () => upstream.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stalled,
    close() {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  };
}

test("two stores that write large letters of a partition at the same time leave every letter whole", async () => {
  const settings = settingsOf("takeover");
  await createContainer("takeover");
  const { signal } = new AbortController();
  const lettersOf = (first: number, text: string) => [
    letterOf(first, text),
    letterOf(first + 1, text.repeat(13 * MIB)),
    letterOf(first + 2, text.repeat(3 * MIB)),
    letterOf(first + 3, text.repeat(9 * MIB)),
    letterOf(first + 4, text),
  ];
  const written = [lettersOf(0, "a"), lettersOf(10, "b")];

  await Promise.all(written.map((letters) => openStore(settings).store(letters, signal)));

  const expected = written
    .flat()
    .map(({ sequenceNumber, bytes }) => `${sequenceNumber}: ${summaryOf(bytes.toString())}`);
  expect(await readLetters(settings)).toEqual(expected);
});

test("a large letter whose writer ends halfway is none, and its next owner's letters are whole", async () => {
  const settings = settingsOf("halfway");
  await createContainer("halfway");
  const large = letterOf(1, "a".repeat(9 * MIB));
  const proxy = await startStallingProxy(5 * MIB);
  const end = new AbortController();
  try {
    const stored = openStore(settingsOf("halfway", proxy.port)).store([large], end.signal);
    await Promise.race([proxy.stalled, stored]);
    end.abort(new Error("killed"));
    await expect(stored).rejects.toThrow("killed");
  } finally {
    proxy.close();
  }
  expect(await readLetters(settings)).toEqual([]);

  await openStore(settings).store([large, letterOf(2, "b")], new AbortController().signal);
  expect(await readLetters(settings)).toEqual([`1: ${9 * MIB} × a`, "2: 1 × b"]);
});

test("a large letter that is set aside again during its replay waits for the next one", async () => {
  const settings = settingsOf("again");
  await createContainer("again");
  const large = letterOf(1, "a".repeat(5 * MIB));
  const { signal } = new AbortController();
  const reader = new DeadLetterReader(settings);

  await openStore(settings).store([large], signal);
  const [first] = await reader.list();
  if (first === undefined) {
    throw new Error("no blob was listed");
  }
  await openStore(settings).store([large], signal);
  await reader.markReplayed(first.name, first.bytes);

  const waiting = (await reader.list()).filter(({ bytes, replayedBytes }) => replayedBytes < bytes);
  expect(waiting).toHaveLength(1);
});
