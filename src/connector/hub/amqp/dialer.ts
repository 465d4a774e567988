import { backoffMs } from "../../../kernel/backoff.ts";
import { type Clock, sleep } from "../../../kernel/clock.ts";
import type { HubAccess } from "./access.ts";
import { type ConnectionPorts, type ConnectionSettings, HubConnection } from "./connection.ts";

const BACKOFF = { firstMs: 500, maxMs: 15_000 };

/** Opens connections to the hub; `failed` hears of each failed attempt. */
export function dialerTo(
  access: HubAccess,
  settings: ConnectionSettings,
  ports: ConnectionPorts,
  random: () => number,
  failed: (error: unknown) => void,
): Dialer {
  return new Dialer(() => HubConnection.open(access, settings, ports), ports.clock, random, failed);
}

/** Keeps one connection for all partitions: who needs it waits until it is open; a lost one is replaced on demand. */
export class Dialer {
  readonly #open: () => Promise<HubConnection>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #failed: (error: unknown) => void;
  readonly #stop = new AbortController();
  #current: Promise<HubConnection> | undefined;

  /** @param failed An attempt failed; the next one follows after a while. */
  constructor(
    open: () => Promise<HubConnection>,
    clock: Clock,
    random: () => number,
    failed: (error: unknown) => void,
  ) {
    this.#open = open;
    this.#clock = clock;
    this.#random = random;
    this.#failed = failed;
  }

  /** @throws the reason of the signal or of `close`. */
  async connect(signal: AbortSignal): Promise<HubConnection> {
    this.#current ??= this.#dial();
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(signal.reason);
    signal.addEventListener("abort", onAbort);
    try {
      return await Promise.race([this.#current, aborted.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Closes the connection in order, within a second or so. */
  async close(): Promise<void> {
    this.#stop.abort(new Error("the connection is closed"));
    await this.#current?.then((connection) => connection.close()).catch(() => undefined);
  }

  async #dial(): Promise<HubConnection> {
    const { signal } = this.#stop;
    for (let attempt = 0; ; attempt++) {
      try {
        signal.throwIfAborted();
        const connection = await this.#open();
        // `closed` never rejects.
        void connection.closed.then(() => {
          this.#current = undefined;
        });
        return connection;
      } catch (thrown) {
        if (signal.aborted) {
          throw signal.reason;
        }
        this.#failed(thrown);
        await sleep(this.#clock, backoffMs(attempt, BACKOFF, this.#random), signal);
      }
    }
  }
}
