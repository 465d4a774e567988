import { CbsClient } from "@azure/core-amqp";
import type { Connection, EventContext, Receiver } from "rhea";
import { ConnectionEvents, Container, Connection as PromiseConnection } from "rhea-promise";
import type { Clock } from "../../../kernel/clock.ts";
import type { PartitionReader, ReceiveBudget } from "../../contract.ts";
import { IDLE_READER } from "../idle-reader.ts";
import type { HubAccess } from "./access.ts";
import { Claims } from "./claims.ts";
import type { CreditPolicy } from "./credit.ts";
import { HubFault, toHubFault } from "./faults.ts";
import { FragmentBuffers } from "./fragments.ts";
import { FrameInput } from "./frame-input.ts";
import { FrameOutput } from "./frame-output.ts";
import { PartitionLink } from "./link.ts";
import { type LinkSource, type OpenLink, openPartitionLink } from "./open-link.ts";
import { createRheaConnection, feed } from "./rhea-hooks.ts";
import { type HubSocket, openSocket, wrapStream } from "./socket.ts";
import { Transfer } from "./transfer.ts";
import { WireFault } from "./values.ts";

export type ConnectionSettings = {
  /** How often tokens are renewed; `undefined`: as long as they last. */
  readonly tokenRenewMs: number | undefined;
  readonly userAgent: string;
};

export type ConnectionPorts = {
  readonly budget: ReceiveBudget;
  readonly credit: CreditPolicy;
  readonly clock: Clock;
  /** A token could not be renewed; the hub ends its links when the old one runs out. */
  readonly claimFailed: (error: unknown) => void;
  /** A reader threw, which must not be. */
  readonly crashed: (error: unknown) => void;
};

const MAX_FRAME_BYTES = 65_536;
const OPEN_TIMEOUT_SECONDS = 20;
/** The hub is asked to send something, if only an empty frame, within this time … */
const IDLE_TIMEOUT_MS = 60_000;
/** … and counts as gone when nothing came for this time. */
const SILENCE_MS = 75_000;
const SILENCE_CHECK_MS = 5000;
const FEED_EVERY_MS = 1000;
const EMPTY = Buffer.alloc(0);
/**
 * One connection to the hub, from its opening to its end; a lost one is not repaired but replaced. rhea speaks the
 * protocol (SASL, open, begin, attach, detach, empty frames); transfers, settlement and credit are ours.
 */
export class HubConnection {
  /** Resolves with the cause once the connection is gone; never rejects. */
  readonly closed: Promise<HubFault>;
  readonly #ports: ConnectionPorts;
  readonly #rhea: Connection;
  readonly #claims: Claims;
  #socket: HubSocket | undefined;
  readonly #input: FrameInput;
  readonly #output = new FrameOutput();
  readonly #transfer = new Transfer();
  readonly #fragments = new FragmentBuffers();
  /** By the hub's channel number; `null`: the link is closed, and what still comes is thrown away. */
  readonly #links = new Map<number, PartitionLink | null>();
  readonly #touched = new Set<PartitionLink>();
  #isPaused = false;
  #isLost = false;
  #lastReadAtMs: number;
  #lastFedAtMs = 0;
  #resolveClosed: (fault: HubFault) => void = () => {};
  readonly #cleanUp: (() => void)[] = [];

  /**
   * Connects and opens.
   * @throws HubFault when the hub cannot be reached or refuses.
   */
  static async open(
    access: HubAccess,
    settings: ConnectionSettings,
    ports: ConnectionPorts,
  ): Promise<HubConnection> {
    const stream = await access.openStream?.();
    const connection = new HubConnection(access, settings, ports, stream);
    try {
      await connection.#open();
    } catch (thrown) {
      connection.#lose(toHubFault(thrown as Error, "the connection could not be opened"));
      throw await connection.closed;
    }
    return connection;
  }

  private constructor(
    access: HubAccess,
    settings: ConnectionSettings,
    ports: ConnectionPorts,
    stream: Awaited<ReturnType<NonNullable<HubAccess["openStream"]>>> | undefined,
  ) {
    this.#ports = ports;
    this.#lastReadAtMs = ports.clock.now();
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#input = new FrameInput(MAX_FRAME_BYTES, {
      get mustWait() {
        return ports.budget.mustPause;
      },
      transfer: (channel, bytes, start, end) => this.#onTransfer(channel, bytes, start, end),
      other: (frame) => this.#feed(frame),
    });
    const events = { read: (bytes: Buffer, length: number) => this.#onRead(bytes, length) };
    this.#rhea = createRheaConnection(
      {
        transport: "tcp",
        host: access.host,
        hostname: access.host,
        port: access.port,
        username: "anonymous",
        reconnect: false,
        max_frame_size: MAX_FRAME_BYTES,
        idle_time_out: IDLE_TIMEOUT_MS,
        properties: { product: "eventhub-intake", "user-agent": settings.userAgent },
      },
      (connected) => {
        if (stream !== undefined) {
          this.#socket = wrapStream(stream, events);
          process.nextTick(connected);
        } else {
          this.#socket = openSocket(access, events, connected);
        }
        return this.#socket.forRhea;
      },
    );
    this.#claims = new Claims(access, settings.tokenRenewMs, ports.clock, ports.claimFailed);
  }

  async #open(): Promise<void> {
    const ended = (context: EventContext) =>
      this.#lose(toHubFault(context.error ?? context.connection.error, "the connection was lost"));
    const broken = (error: Error) => this.#lose(toHubFault(error, "the connection broke"));
    this.#rhea.on("disconnected", ended).on("connection_close", ended).on("connection_error", ended);
    this.#rhea.on("protocol_error", broken).on("error", broken);
    const connection = new PromiseConnection({
      rheaConnection: this.#rhea,
      container: Container.copyFromContainerInstance(this.#rhea.container),
    });
    // It repeats what we have heard already, and Node throws an error event that nobody hears.
    connection.on(ConnectionEvents.error, () => undefined);
    connection.options.operationTimeoutInSeconds = OPEN_TIMEOUT_SECONDS;
    await connection.open();
    await this.#claims.open(new CbsClient(connection, "connection"));
    this.#cleanUp.push(this.#ports.budget.onRoom(() => this.#onRoom()));
    this.#watchSilence();
  }

  /**
   * Attaches to a partition.
   * @throws HubFault when the hub refuses, or the connection is lost meanwhile; the signal's reason.
   */
  openLink(source: LinkSource, reader: PartitionReader, signal: AbortSignal): Promise<OpenLink> {
    return this.#openLink(source, reader, signal, (link, receiver) => {
      link.attached(receiver, this.#output);
      this.#flush();
    });
  }

  /**
   * Attaches to a partition and asks for nothing: that alone ends the link of whoever reads it with the same owner level.
   * @throws as `openLink` does.
   */
  openIdleLink(source: LinkSource, signal: AbortSignal): Promise<OpenLink> {
    return this.#openLink(source, IDLE_READER, signal, () => undefined);
  }

  async #openLink(
    source: LinkSource,
    reader: PartitionReader,
    signal: AbortSignal,
    attached: (link: PartitionLink, receiver: Receiver) => void,
  ): Promise<OpenLink> {
    await Promise.race([
      this.#claims.make(source.address),
      this.closed.then((fault) => Promise.reject(fault)),
    ]);
    // The partition may be another's by now, and attaching would take it away from there.
    signal.throwIfAborted();
    const after = "sequenceNumber" in source.after ? source.after.sequenceNumber : -1;
    const link = new PartitionLink(reader, this.#ports.credit, this.#fragments, after);
    return openPartitionLink(this.#rhea, source, link, {
      connectionClosed: this.closed,
      clock: this.#ports.clock,
      begun: (channel) => {
        this.#links.set(channel, link);
      },
      attached: (receiver) => attached(link, receiver),
      detached: (channel) => {
        // Events and the end of their link often come in one read.
        if (this.#touched.delete(link)) {
          link.reach();
        }
        link.detached();
        if (this.#links.has(channel)) {
          this.#links.set(channel, null);
        }
      },
      ended: (channel) => {
        if (this.#links.get(channel) === null) {
          this.#links.delete(channel);
        }
        this.#claims.drop(source.address);
      },
    });
  }

  /** Says goodbye to the hub; the connection is closed afterwards, whatever it answers. */
  async close(): Promise<void> {
    if (this.#isLost) {
      return;
    }
    this.#claims.close();
    this.#rhea.close();
    const cancel = this.#ports.clock.after(1000, () =>
      this.#lose(new HubFault("closed", "the connection was closed")),
    );
    await this.closed;
    cancel();
  }

  /** Gives the connection up at once: whoever reads by it opens another. */
  abort(reason: string): void {
    this.#lose(new HubFault("aborted", reason));
  }

  #onRead(bytes: Buffer, length: number): boolean {
    if (this.#isLost) {
      return false;
    }
    const now = this.#ports.clock.now();
    this.#lastReadAtMs = now;
    this.#handOn(() => this.#input.push(bytes, length));
    if (this.#isLost) {
      return false;
    }
    // rhea sees no transfer, so it is told now and then that the hub is alive; it also sends what it has to send.
    if (now - this.#lastFedAtMs >= FEED_EVERY_MS) {
      this.#feed(EMPTY);
    }
    this.#isPaused = this.#ports.budget.mustPause || this.#input.isWaiting;
    if (this.#isPaused) {
      for (const link of this.#links.values()) {
        link?.paused();
      }
    }
    return !this.#isPaused;
  }

  #handOn(push: () => void): void {
    try {
      push();
    } catch (thrown) {
      this.#fail(thrown);
    }
    this.#endRead();
  }

  #onTransfer(channel: number, bytes: Buffer, start: number, end: number): boolean {
    const link = this.#links.get(channel);
    // After the end, nothing that was read with it is for anyone.
    if (link === undefined) {
      return this.#isLost;
    }
    if (link === null) {
      return true;
    }
    this.#touched.add(link);
    const transfer = this.#transfer;
    transfer.read(bytes, start, end);
    link.transfer(transfer, bytes, transfer.payloadStart, end);
    return true;
  }

  #endRead(): void {
    if (this.#touched.size === 0 || this.#isLost) {
      return;
    }
    try {
      for (const link of this.#touched) {
        link.endRead(this.#output);
      }
      this.#touched.clear();
      this.#flush();
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Something was settled: what waits and a socket that was stopped may go on, and links may ask for more. */
  #onRoom(): void {
    if (this.#input.isWaiting) {
      this.#handOn(() => this.#input.resume());
    }
    if (this.#isLost) {
      return;
    }
    for (const link of this.#links.values()) {
      link?.topUp(this.#output);
    }
    this.#flush();
    if (!this.#isPaused || this.#ports.budget.mustPause || this.#input.isWaiting) {
      return;
    }
    this.#isPaused = false;
    this.#socket?.resume();
  }

  #flush(): void {
    const frames = this.#output.take();
    if (frames !== undefined) {
      this.#socket?.write(frames);
    }
  }

  #feed(bytes: Buffer): void {
    this.#lastFedAtMs = this.#ports.clock.now();
    feed(this.#rhea, bytes);
  }

  #watchSilence(): void {
    const check = () => {
      const { clock } = this.#ports;
      // While nothing is read, nothing can be missed; rhea is told so.
      if (this.#isPaused) {
        this.#feed(EMPTY);
      } else if (clock.now() - this.#lastReadAtMs > SILENCE_MS) {
        this.abort(`the hub sent nothing for ${SILENCE_MS / 1000} s`);
        return;
      }
      cancel = clock.after(SILENCE_CHECK_MS, check);
    };
    let cancel = this.#ports.clock.after(SILENCE_CHECK_MS, check);
    this.#cleanUp.push(() => cancel());
  }

  /** Bytes that are not AMQP end the connection; anything else that is thrown is an error of ours. */
  #fail(thrown: unknown): void {
    if (!(thrown instanceof WireFault)) {
      this.#touched.clear();
      this.#ports.crashed(thrown);
    }
    this.#lose(new HubFault("protocol", thrown instanceof Error ? thrown.message : String(thrown)));
  }

  #lose(fault: HubFault): void {
    if (this.#isLost) {
      return;
    }
    this.#isLost = true;
    // What was handed on before the end is known by its position, so that it is not read again.
    for (const link of this.#touched) {
      link.reach();
    }
    this.#touched.clear();
    this.#claims.close();
    for (const cleanUp of this.#cleanUp) {
      cleanUp();
    }
    for (const link of this.#links.values()) {
      link?.detached();
    }
    this.#links.clear();
    this.#socket?.destroy();
    this.#resolveClosed(fault);
  }
}
