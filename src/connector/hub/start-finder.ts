import { type Clock, sleep } from "../../kernel/clock.ts";
import { counted } from "../../kernel/counted.ts";
import type { Logger } from "../../kernel/log.ts";
import type { PartitionEnd, Position, PositionStore, StartPosition, StoredPosition } from "../contract.ts";
import { CheckpointInvalid } from "./errors.ts";

export type StartSettings = {
  /** Of a partition without a checkpoint. */
  readonly startPosition: StartPosition;
  /** What to do about a checkpoint that the hub does not know. */
  readonly onInvalidCheckpoint: "earliest" | "latest" | "fail";
};

export type StartPorts = {
  readonly positions: PositionStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** When the hub was created; undefined while it has not told. */
  hubCreatedAtMs(): number | undefined;
  /** Asks the hub again whether it was recreated. */
  lookAtHub(): Promise<void>;
  partitionEnd(partitionId: string): Promise<PartitionEnd>;
  /** The position of the newest event that the partition ever had. */
  newest(partitionId: string): Promise<Position>;
  hubFailed(thrown: unknown, partitionId: string): void;
  storeFailed(thrown: unknown, partitionId: string): void;
};

const RETRY_MS = 2000;
/** A blob's time of writing has no parts of a second. */
const STORE_RESOLUTION_MS = 1000;
const SAME_HUB_MS = 1000;

/** Finds where the reading of a partition starts. What depends on the moment (`latest`) is stored before an event is read. */
export class StartFinder {
  readonly #settings: StartSettings;
  readonly #ports: StartPorts;

  constructor(settings: StartSettings, ports: StartPorts) {
    this.#settings = settings;
    this.#ports = ports;
  }

  /**
   * Waits until store and hub have answered.
   * @param isAdded The hub got the partition while we read, so all of its events are new.
   * @throws the signal's reason; CheckpointInvalid when reading must not go on.
   */
  async find(partitionId: string, isAdded: boolean, signal: AbortSignal): Promise<Position | StartPosition> {
    const { positions } = this.#ports;
    const stored = await this.#fromStore(partitionId, signal, () => positions.read(partitionId));
    if ((stored?.hubCreatedAtMs ?? 0) > (this.#ports.hubCreatedAtMs() ?? 0) + SAME_HUB_MS) {
      // Another process has seen a newer hub than we know of.
      await this.#ports.lookAtHub();
    }
    const createdAtMs = this.#ports.hubCreatedAtMs();
    if (stored !== undefined && isOfEarlierHub(stored, createdAtMs)) {
      const created = new Date(createdAtMs as number).toISOString();
      return this.replace(partitionId, stored, `it was created at ${created}, after the checkpoint`, signal);
    }
    positions.begin(partitionId, createdAtMs, true);
    if (stored !== undefined) {
      return { offset: stored.offset, sequenceNumber: stored.sequenceNumber };
    }
    return isAdded ? { kind: "earliest" } : this.#fixed(partitionId, this.#settings.startPosition, signal);
  }

  /**
   * A position that the hub does not know gives way to the configured start.
   * @param cause Says why the hub does not know it.
   * @throws CheckpointInvalid when reading must not go on; the signal's reason.
   */
  async replace(
    partitionId: string,
    position: Position,
    cause: string,
    signal: AbortSignal,
  ): Promise<Position | StartPosition> {
    const { onInvalidCheckpoint } = this.#settings;
    const end = await this.#ports.partitionEnd(partitionId).catch(() => undefined);
    const account = `the hub does not know the checkpoint of partition ${partitionId}, sequence number ${position.sequenceNumber}: ${describeEnd(position, end)} (${cause})`;
    if (onInvalidCheckpoint === "fail") {
      throw new CheckpointInvalid(
        `${account}; set on_invalid_checkpoint to earliest or latest, or delete the checkpoint`,
      );
    }
    this.#ports.logger.log("error", `${account}; reading starts at the ${onInvalidCheckpoint} event`, {
      code: "CHECKPOINT_INVALID",
      partition: partitionId,
      sequenceNumber: position.sequenceNumber,
    });
    this.#ports.positions.begin(partitionId, this.#ports.hubCreatedAtMs(), false);
    return this.#fixed(partitionId, { kind: onInvalidCheckpoint }, signal);
  }

  /** The oldest event and a time mean the same at every start; the newest event is another one each time. */
  async #fixed(
    partitionId: string,
    start: StartPosition,
    signal: AbortSignal,
  ): Promise<Position | StartPosition> {
    if (start.kind !== "latest") {
      return start;
    }
    const { positions, newest, hubFailed, logger } = this.#ports;
    const position = await this.#insist(
      signal,
      () => newest(partitionId),
      (thrown) => hubFailed(thrown, partitionId),
    );
    await this.#fromStore(partitionId, signal, () => positions.write(partitionId, position));
    logger.log(
      "info",
      `partition ${partitionId} is read from the events that come after sequence number ${position.sequenceNumber}, its newest; that position is stored`,
      { partition: partitionId, sequenceNumber: position.sequenceNumber },
    );
    return position;
  }

  #fromStore<Answer>(partitionId: string, signal: AbortSignal, ask: () => Promise<Answer>): Promise<Answer> {
    return this.#insist(signal, ask, (thrown) => this.#ports.storeFailed(thrown, partitionId));
  }

  /** Asks until there is an answer. @throws the signal's reason. */
  async #insist<Answer>(
    signal: AbortSignal,
    ask: () => Promise<Answer>,
    failed: (thrown: unknown) => void,
  ): Promise<Answer> {
    for (;;) {
      signal.throwIfAborted();
      try {
        const answer = await ask();
        signal.throwIfAborted();
        return answer;
      } catch (thrown) {
        signal.throwIfAborted();
        failed(thrown);
        await sleep(this.#ports.clock, RETRY_MS, signal);
      }
    }
  }
}

/**
 * Whether the checkpoint is of a hub of the same name that was deleted: the new one may have passed its number, so the
 * number tells nothing. What other clients have stored does not name its hub, but was written before this one was there.
 */
function isOfEarlierHub(
  { hubCreatedAtMs, storedAtMs }: StoredPosition,
  createdAtMs: number | undefined,
): boolean {
  if (createdAtMs === undefined) {
    return false;
  }
  if (hubCreatedAtMs !== undefined) {
    return Math.abs(hubCreatedAtMs - createdAtMs) > SAME_HUB_MS;
  }
  return storedAtMs + STORE_RESOLUTION_MS <= createdAtMs;
}

function describeEnd({ sequenceNumber }: Position, end: PartitionEnd | undefined): string {
  if (end === undefined) {
    return "what it holds could not be asked";
  }
  const { firstSequenceNumber, lastSequenceNumber } = end;
  const holds = `it holds ${firstSequenceNumber} to ${lastSequenceNumber}`;
  if (lastSequenceNumber < sequenceNumber) {
    return `${holds}, so it was recreated or is another hub`;
  }
  const missing = firstSequenceNumber - sequenceNumber - 1;
  return `${holds}; ${counted(Math.max(0, missing), "event")} in between can no longer be read`;
}
