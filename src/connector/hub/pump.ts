import { type BackoffLimits, backoffMs } from "../../kernel/backoff.ts";
import { type Clock, sleep } from "../../kernel/clock.ts";
import type { PartitionReader, Position, StartPosition } from "../contract.ts";
import type { HubConnection } from "./amqp/connection.ts";
import { HubFault, toHubFault } from "./amqp/faults.ts";
import type { LinkSource, OpenLink } from "./amqp/open-link.ts";

export type PumpPorts = {
  /** The shared connection, opened again if it was lost; waits until the hub can be reached. */
  connect(signal: AbortSignal): Promise<HubConnection>;
  readonly source: Omit<LinkSource, "after">;
  readonly clock: Clock;
  readonly random: () => number;
  /** The link ended and is opened again. */
  failed(fault: HubFault): void;
  /** The hub has accepted the link. */
  opened(): void;
  /** Another reader has taken the partition; the pump is over. */
  stolen(fault: HubFault): void;
  /**
   * The hub does not know the position.
   * @returns where to start instead.
   * @throws when reading must not go on.
   */
  recover(position: Position, fault: HubFault): Promise<Position | StartPosition>;
  /** Reading cannot go on. */
  crashed(error: unknown): void;
};

const BACKOFF: BackoffLimits = { firstMs: 500, maxMs: 15_000 };
/** A link that was up this long starts its back-off again. */
const STABLE_MS = 10_000;
/** The hub refuses a link by opening it and closing it with the error at once, so an open link may be none. */
const ACCEPTED_MS = 1000;

/** Keeps the link of one partition open, from the position after the last event that was handed on. */
export class PartitionPump {
  readonly partitionId: string;
  readonly reader: PartitionReader;
  readonly #ports: PumpPorts;
  readonly #stop = new AbortController();
  #after: Position | StartPosition;
  #open: OpenLink | undefined;
  #connection: HubConnection | undefined;
  #invalid: HubFault | undefined;

  constructor(
    partitionId: string,
    reader: PartitionReader,
    from: Position | StartPosition,
    ports: PumpPorts,
  ) {
    this.partitionId = partitionId;
    this.reader = reader;
    this.#after = from;
    this.#ports = ports;
    this.#run().catch((thrown: unknown) => {
      if (!this.#stop.signal.aborted) {
        ports.crashed(thrown);
      }
    });
  }

  /** Whether events may come now. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Credit that the hub has and could use. */
  get outstandingEvents(): number {
    return this.#open?.link.outstandingEvents ?? 0;
  }

  /** The last event that was handed on, or the position that reading starts after. */
  get after(): Position | StartPosition {
    return this.#open?.link.position ?? this.#after;
  }

  /** The hub is another one than that of the position, although it may have such a position; nothing more comes from it. */
  invalidate(fault: HubFault): void {
    this.#invalid = fault;
    this.#open?.close();
  }

  /** Reopens the link, where it stands. */
  restart(): void {
    this.#open?.close();
  }

  /** Gives up the whole connection, where one link alone did not help. */
  reconnect(reason: string): void {
    this.#connection?.abort(reason);
  }

  /** The reader is not called again. */
  stop(): void {
    this.#stop.abort(new Error("the pump stops"));
    this.#open?.close();
  }

  async #run(): Promise<void> {
    const { clock, random } = this.#ports;
    const { signal } = this.#stop;
    for (let attempt = 0; !signal.aborted; ) {
      if (this.#invalid !== undefined) {
        await this.#replacePosition(this.#invalid);
        continue;
      }
      const startedAtMs = clock.now();
      const fault = await this.#readOnce(signal);
      if (signal.aborted) {
        return;
      }
      if (fault.isStolen) {
        this.#ports.stolen(fault);
        return;
      }
      if (fault.isBadPosition && "offset" in this.#after) {
        this.#invalid ??= fault;
      }
      if (this.#invalid !== undefined) {
        continue;
      }
      this.#ports.failed(fault);
      if (clock.now() - startedAtMs > STABLE_MS) {
        attempt = 0;
      }
      await sleep(clock, backoffMs(attempt++, BACKOFF, random), signal).catch(() => undefined);
    }
  }

  async #replacePosition(fault: HubFault): Promise<void> {
    if ("offset" in this.#after) {
      this.#after = await this.#ports.recover(this.#after, fault);
    }
    // Whoever looked for another position has seen the hub as it is now.
    this.#invalid = undefined;
  }

  /** @returns why the link ended, or did not open. */
  async #readOnce(signal: AbortSignal): Promise<HubFault> {
    try {
      const connection = await this.#ports.connect(signal);
      signal.throwIfAborted();
      this.#connection = connection;
      const open = await connection.openLink(
        { ...this.#ports.source, after: this.#after },
        this.reader,
        signal,
      );
      this.#open = open;
      if (signal.aborted || this.#invalid !== undefined) {
        open.close();
      }
      const cancel = this.#ports.clock.after(ACCEPTED_MS, () => {
        if (!signal.aborted) {
          this.#ports.opened();
        }
      });
      const fault = await open.closed;
      cancel();
      this.#after = open.link.position ?? this.#after;
      return fault;
    } catch (thrown) {
      return thrown instanceof HubFault
        ? thrown
        : toHubFault(thrown as Error, "the link could not be opened");
    } finally {
      this.#open = undefined;
    }
  }
}
