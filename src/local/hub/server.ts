import type net from "node:net";
import { type Clock, systemClock } from "../../kernel/clock.ts";
import { messageOf } from "../../kernel/errors.ts";
import { LocalServerFailed } from "../errors.ts";
import { readHubConfig } from "./config.ts";
import { HubConnection } from "./connection.ts";
import { createDoor, type DoorOptions } from "./door.ts";
import { HubEntity } from "./entity.ts";
import type { IncomingEvent } from "./event.ts";
import { type Interference, NO_INTERFERENCE } from "./interference.ts";
import {
  checkIdentity,
  checkToken,
  connectionStringOf,
  EMULATOR_KEY,
  type Identity,
  type SharedAccessKey,
} from "./keys.ts";
import { eventOf } from "./message.ts";
import { ReaderLink } from "./outgoing.ts";
import type { PartitionState, Retention } from "./partition.ts";

export type HubOptions = DoorOptions & {
  /** The official emulator's `Config.json`, parsed. */
  readonly config: unknown;
  /** 0 for a free port. */
  readonly port: number;
  readonly host?: string;
  /** Besides the emulator's own key. */
  readonly keys?: readonly SharedAccessKey[];
  /** Who may sign in with a token of Entra ID. */
  readonly identities?: readonly Identity[];
  /** Of each partition. */
  readonly retention?: Retention;
  readonly clock?: Clock;
  readonly interference?: Interference;
  /** Takes what a person should read, a line at a time. */
  readonly say?: (line: string) => void;
};

/** A hub from inside the process, past the wire. */
export type LocalHub = {
  readonly name: string;
  readonly partitionIds: readonly string[];
  /** Stores events with these bodies, in order. @throws RangeError if there is no such partition. */
  append(partitionId: string, bodies: Iterable<Buffer>): void;
  /** As somebody who raises the hub's number of partitions while it is in use. */
  addPartitions(count: number): void;
  state(partitionId: string): PartitionState;
};

export type ReceiverStats = {
  readonly hub: string;
  readonly group: string;
  readonly partitionId: string;
  /** Events that the client has asked for and not got. */
  readonly credit: number;
};

export type HubStats = {
  readonly connections: number;
  readonly links: number;
  /** Messages sent to clients since the start, and the bytes of their frames. */
  readonly sentTransfers: number;
  readonly sentBytes: number;
  /** Events that producers sent since the start, and all bytes that came in. */
  readonly receivedEvents: number;
  readonly receivedBytes: number;
  readonly storedBytes: number;
  readonly receivers: readonly ReceiverStats[];
};

export type LocalHubServer = {
  readonly port: number;
  readonly connections: ReadonlySet<HubConnection>;
  /** As the official emulator's. @param hub Adds it as the entity path. */
  connectionString(hub?: string): string;
  hub(name: string): LocalHub;
  stats(): HubStats;
  /** Stops listening and ends all connections; the events stay. */
  suspend(): Promise<void>;
  /** Listens again, on the same port. */
  resume(): Promise<void>;
  /** Ends all connections; resolves once the port is free. */
  close(): Promise<void>;
};

const KAFKA_NOT_OFFERED =
  "a Kafka client tried to connect: the Kafka endpoint is not offered here; send with an AMQP client of Event Hubs";

/** All partitions of all hubs together, by default: room for a million events of a kilobyte. */
const RETAINED_BYTES = 1.5 * 1024 ** 3;
const RETAINED_EVENTS = 4_000_000;

/**
 * Starts an Event Hubs server on this machine. Everything is kept in memory.
 * @throws InputInvalid if the configuration is wrong; LocalServerFailed if the port cannot be had.
 */
export async function startHub(options: HubOptions): Promise<LocalHubServer> {
  const clock = options.clock ?? systemClock;
  const descriptions = readHubConfig(options.config);
  const partitionCount = descriptions.reduce((sum, hub) => sum + hub.partitionCount, 0);
  const retention = options.retention ?? {
    maxEvents: Math.ceil(RETAINED_EVENTS / partitionCount),
    maxBytes: Math.ceil(RETAINED_BYTES / partitionCount),
  };
  const hubs = new Map(
    descriptions.map((hub) => [hub.name.toLowerCase(), new HubEntity(hub, retention, clock)]),
  );
  const interference = options.interference ?? NO_INTERFERENCE;
  const connections = new Set<HubConnection>();
  let hasMetKafka = false;
  const keys = [EMULATOR_KEY, ...(options.keys ?? [])];
  const context = {
    clock,
    keys,
    interference,
    metKafka: () => {
      if (!hasMetKafka) {
        hasMetKafka = true;
        options.say?.(KAFKA_NOT_OFFERED);
      }
    },
    checkToken: (token: string, audience: string, isIdentity: boolean) => {
      if (interference.refusesTokens) {
        return "InvalidSignature: the local hub was told to refuse tokens.";
      }
      return isIdentity
        ? checkIdentity(token, audience, options.identities ?? [], clock.now())
        : checkToken(token, audience, keys, clock.now());
    },
    sent: { transfers: 0, bytes: 0 },
    received: { messages: 0, bytes: 0 },
    hub: (name: string) => hubs.get(name.toLowerCase()),
  };
  const accept = (socket: net.Socket) => {
    connections.add(new HubConnection(socket, context, (closed) => connections.delete(closed)));
  };
  const server = createDoor(options, clock, accept);
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    // A client that vanishes is not an event for the server; the connection hears of it by `close`.
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", () => {});
  const host = options.host ?? "127.0.0.1";
  const port = await listen(server, host, options.port);
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) {
        socket.destroy();
      }
    });
  return {
    port,
    connections,
    suspend: stop,
    resume: async () => {
      await listen(server, host, port);
    },
    connectionString: (hub) => connectionStringOf(EMULATOR_KEY, port, options.tls !== undefined, hub),
    hub: (name) => openHub(hubs.get(name.toLowerCase()), name, clock),
    stats: () => ({
      connections: connections.size,
      links: [...connections].reduce((sum, connection) => sum + connection.links.length, 0),
      sentTransfers: context.sent.transfers,
      sentBytes: context.sent.bytes,
      receivedEvents: context.received.messages,
      receivedBytes: context.received.bytes,
      storedBytes: [...hubs.values()]
        .flatMap((hub) => hub.partitions)
        .reduce((sum, partition) => sum + partition.storedBytes, 0),
      receivers: [...connections].flatMap(receiversOf),
    }),
    close: stop,
  };
}

function listen(server: net.Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => {
      const what = `the local hub cannot listen on ${host}:${port} (${messageOf(cause)})`;
      reject(new LocalServerFailed(`${what}; choose another port, or 0 for a free one`, { cause }));
    };
    server.once("error", fail);
    server.listen(port, host, () => {
      server.off("error", fail);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function* eventsOf(bodies: Iterable<Buffer>): Generator<IncomingEvent> {
  for (const body of bodies) {
    yield eventOf(body);
  }
}

function openHub(hub: HubEntity | undefined, name: string, clock: Clock): LocalHub {
  if (hub === undefined) {
    throw new RangeError(`the local hub has no event hub '${name}'`);
  }
  const partitionOf = (id: string) => {
    const partition = hub.partition(id);
    if (partition === undefined) {
      throw new RangeError(`the event hub '${name}' has no partition '${id}'`);
    }
    return partition;
  };
  return {
    name: hub.name,
    get partitionIds() {
      return hub.partitions.map((partition) => partition.id);
    },
    addPartitions: (count) => hub.addPartitions(count),
    append(partitionId, bodies) {
      partitionOf(partitionId).append(eventsOf(bodies), clock.now());
    },
    state: (partitionId) => partitionOf(partitionId).state,
  };
}

function receiversOf(connection: HubConnection): ReceiverStats[] {
  return connection.links.flatMap(({ address, outgoing, link }) =>
    address.kind === "reader" && outgoing instanceof ReaderLink
      ? [{ hub: address.hub, group: address.group, partitionId: address.partitionId, credit: link.credit }]
      : [],
  );
}
