import { type Clock, sleep } from "../../kernel/clock.ts";
import type { HubDescription } from "./amqp/management.ts";

export type HubWatchPorts = {
  readonly clock: Clock;
  /** Asks the hub once. */
  describe(signal: AbortSignal): Promise<HubDescription>;
  answered(): void;
  failed(thrown: unknown): void;
};

export type HubChange = {
  readonly partitionIds: readonly string[];
  readonly added: readonly string[];
  /** It was deleted and recreated since the last look: positions of the old one mean nothing any more. */
  readonly isRecreated: boolean;
};

const RETRY_MS = 5000;
/** Two answers about the hub's creation differ by less than this when they mean the same hub. */
const SAME_HUB_MS = 1000;

/** Knows the hub's partitions and when it was created, and sees when either changes. */
export class HubWatch {
  readonly #ports: HubWatchPorts;
  readonly #signal: AbortSignal;
  #known: HubDescription | undefined;

  /** @param signal Ends every question. */
  constructor(ports: HubWatchPorts, signal: AbortSignal) {
    this.#ports = ports;
    this.#signal = signal;
  }

  /** Milliseconds since 1970; undefined where the hub does not tell, or has not yet. */
  get createdAtMs(): number | undefined {
    return this.#known?.createdAtMs;
  }

  /** Asks until there is an answer. @returns all partitions; undefined after the stop. */
  async start(): Promise<readonly string[] | undefined> {
    while (!this.#signal.aborted) {
      try {
        this.#known = await this.#ports.describe(this.#signal);
        this.#ports.answered();
        return this.#signal.aborted ? undefined : this.#known.partitionIds;
      } catch (thrown) {
        this.#ports.failed(thrown);
        await sleep(this.#ports.clock, RETRY_MS, this.#signal).catch(() => undefined);
      }
    }
    return undefined;
  }

  /** Asks once. @returns undefined when nothing has changed, or the hub does not answer. */
  async look(): Promise<HubChange | undefined> {
    const before = this.#known;
    const now = await this.#ask();
    if (before === undefined || now === undefined) {
      return undefined;
    }
    const isRecreated = isAnother(before, now);
    // A hub that tells another time at each answer tells nothing.
    if (isRecreated && isAnother(now, (await this.#ask()) ?? before)) {
      return undefined;
    }
    const added = now.partitionIds.filter((partitionId) => !before.partitionIds.includes(partitionId));
    const isSmaller = now.partitionIds.length < before.partitionIds.length;
    if (before !== this.#known || !(isRecreated || isSmaller || added.length > 0)) {
      return undefined;
    }
    this.#known = now;
    return { partitionIds: now.partitionIds, added, isRecreated };
  }

  async #ask(): Promise<HubDescription | undefined> {
    const answer = await this.#ports.describe(this.#signal).catch(() => undefined);
    return this.#signal.aborted ? undefined : answer;
  }
}

function isAnother(
  { createdAtMs: oneMs }: HubDescription,
  { createdAtMs: otherMs }: HubDescription,
): boolean {
  return oneMs !== undefined && otherMs !== undefined && Math.abs(oneMs - otherMs) > SAME_HUB_MS;
}
