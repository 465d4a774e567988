import { type Clock, sleep } from "../../kernel/clock.ts";
import { counted } from "../../kernel/counted.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/log.ts";
import { LogThrottle } from "../../kernel/log-throttle.ts";
import type { CheckpointPort, Position } from "../contract.ts";
import type { Watermark } from "./watermark.ts";

type PartitionState = {
  /** Where reading began; positions that follow may be lower, when the hub was recreated. */
  begun: Position | undefined;
  wanted: Position | undefined;
  written: Position | undefined;
  /** Records that are settled, those of them that `wanted` covers, and those that `written` does. */
  settledRecords: number;
  wantedRecords: number;
  writtenRecords: number;
  /** What a write under way covers beyond that. */
  writingRecords: number;
  lastWriteAtMs: number;
  /** Another reader has the partition, and waits for what is still settled here. */
  isHandedOver: boolean;
  writing: Promise<void> | undefined;
  cancelTimer: (() => void) | undefined;
};

export type CheckpointerPorts = {
  readonly checkpoint: CheckpointPort;
  readonly clock: Clock;
  readonly logger: Logger;
  /** False when somebody else owns the partition: its checkpoint is theirs to write. */
  mayWrite(partitionId: string): boolean;
  written(partitionId: string, position: Position): void;
  /** Records that are settled and not covered by a stored position, over all partitions. */
  unstored(records: number): void;
  /** `null` when positions are stored again. */
  failing(sinceMs: number | null): void;
};

export type CheckpointPace = {
  readonly everyMs: number;
  /** With so many records settled and not stored, the positions that cover the most of them are written sooner. */
  readonly manyRecords: number;
};

/** How far a partition is. */
export type Progress = Pick<Watermark, "position" | "settledRecords" | "coveredRecords">;

/** A write that covers less than this part of a partition's part of the many is not worth it before its time. */
const WORTH_PART = 4;
const LAST_WRITE_RETRY_MS = 250;
const LOG_EVERY_MS = 60_000;

/**
 * Writes each partition's position at most once in `everyMs`, the newest one, never backwards, one write at a time.
 * A write that fails is repeated with the next. What is settled and not stored is counted; when it gets much, the position
 * that covers the most of it is written at once, and others only if that will not do: each write costs about as much as a
 * thousand records.
 */
export class Checkpointer {
  readonly #pace: CheckpointPace;
  readonly #ports: CheckpointerPorts;
  readonly #throttle: LogThrottle;
  readonly #partitions = new Map<string, PartitionState>();
  #unstoredRecords = 0;
  /** Of those, what the writes under way cover. */
  #writingRecords = 0;
  #failingSinceMs: number | undefined;

  constructor(pace: CheckpointPace, ports: CheckpointerPorts) {
    this.#pace = pace;
    this.#ports = ports;
    this.#throttle = new LogThrottle(ports.clock, LOG_EVERY_MS);
  }

  /** More is settled. */
  offer(partitionId: string, { position, settledRecords, coveredRecords }: Progress): void {
    const state = this.#stateOf(partitionId);
    this.#count(settledRecords - state.settledRecords);
    state.settledRecords = settledRecords;
    if (position === undefined) {
      this.#store(state, coveredRecords);
      return;
    }
    if (state.wanted === undefined || position.sequenceNumber > state.wanted.sequenceNumber) {
      state.wanted = position;
    }
    state.wantedRecords = coveredRecords;
    if (!isAhead(state)) {
      // Records of an event that is not settled as a whole: no position can cover them yet.
      this.#store(state, coveredRecords);
      return;
    }
    this.#schedule(partitionId, state);
    this.#writeEarly();
  }

  /** Reading starts after this position, which is stored. */
  begin(partitionId: string, position: Position): void {
    this.#stateOf(partitionId).begun = position;
  }

  /** The partition is lost; what is settled of it is written all the same, since the store takes no lower position. */
  handOver(partitionId: string): void {
    this.#stateOf(partitionId).isHandedOver = true;
  }

  /** What is stored of a partition was deleted: the last position is written again. */
  writeAgain(partitionId: string): void {
    const state = this.#stateOf(partitionId);
    state.wanted ??= state.begun;
    state.written = undefined;
    this.#schedule(partitionId, state);
  }

  /**
   * Writes what is still to be written of a partition now, and repeats until it is stored.
   * @throws the signal's reason once it aborts.
   */
  async flush(partitionId: string, signal: AbortSignal): Promise<void> {
    const state = this.#stateOf(partitionId);
    while (isAhead(state) && this.#mayWrite(partitionId, state)) {
      await (state.writing ?? this.#write(partitionId, state));
      if (isAhead(state) && state.writing === undefined) {
        await sleep(this.#ports.clock, LAST_WRITE_RETRY_MS, signal);
      }
    }
  }

  /** Forgets a partition that is read no longer; a write under way still ends. */
  forget(partitionId: string): void {
    const state = this.#partitions.get(partitionId);
    if (state === undefined) {
      return;
    }
    state.cancelTimer?.();
    this.#writes(state, 0);
    this.#partitions.delete(partitionId);
    this.#count(state.writtenRecords - state.settledRecords);
  }

  /** @param records So many in all are covered by what is stored. */
  #store(state: PartitionState, records: number): void {
    const before = state.writtenRecords;
    state.writtenRecords = records;
    this.#count(before - records);
  }

  /** @param records More of them are settled and not stored; fewer, when negative. */
  #count(records: number): void {
    this.#unstoredRecords += records;
    this.#ports.unstored(this.#unstoredRecords);
  }

  #stateOf(partitionId: string): PartitionState {
    let state = this.#partitions.get(partitionId);
    if (state === undefined) {
      state = {
        begun: undefined,
        wanted: undefined,
        written: undefined,
        settledRecords: 0,
        wantedRecords: 0,
        writtenRecords: 0,
        writingRecords: 0,
        lastWriteAtMs: 0,
        isHandedOver: false,
        writing: undefined,
        cancelTimer: undefined,
      };
      this.#partitions.set(partitionId, state);
    }
    return state;
  }

  #schedule(partitionId: string, state: PartitionState): void {
    if (state.cancelTimer !== undefined || state.writing !== undefined || !isAhead(state)) {
      return;
    }
    const waitMs = Math.max(0, state.lastWriteAtMs + this.#pace.everyMs - this.#ports.clock.now());
    state.cancelTimer = this.#ports.clock.after(waitMs, () => {
      state.cancelTimer = undefined;
      // `#write` never rejects, and `flush` waits for it by `state.writing`.
      if (state.writing === undefined) {
        void this.#write(partitionId, state);
      }
    });
  }

  /** While much would stay unstored after the writes under way, writes the position that covers the most of it. */
  #writeEarly(): void {
    const { manyRecords } = this.#pace;
    while (this.#unstoredRecords - this.#writingRecords >= manyRecords) {
      if (this.#failingSinceMs !== undefined) {
        return;
      }
      let most: { readonly partitionId: string; readonly state: PartitionState } | undefined;
      for (const [partitionId, state] of this.#partitions) {
        const isMost = most === undefined || coverable(state) > coverable(most.state);
        if (isMost && state.writing === undefined && isAhead(state) && this.#mayWrite(partitionId, state)) {
          most = { partitionId, state };
        }
      }
      if (most === undefined || coverable(most.state) * this.#partitions.size * WORTH_PART < manyRecords) {
        return;
      }
      void this.#write(most.partitionId, most.state);
    }
  }

  #writes(state: PartitionState, records: number): void {
    this.#writingRecords += records - state.writingRecords;
    state.writingRecords = records;
  }

  #mayWrite(partitionId: string, { isHandedOver }: PartitionState): boolean {
    return isHandedOver || this.#ports.mayWrite(partitionId);
  }

  #write(partitionId: string, state: PartitionState): Promise<void> {
    const position = state.wanted;
    if (position === undefined || !isAhead(state)) {
      return Promise.resolve();
    }
    state.cancelTimer?.();
    state.cancelTimer = undefined;
    state.lastWriteAtMs = this.#ports.clock.now();
    if (!this.#mayWrite(partitionId, state)) {
      // Ownership may come back, or the partition is forgotten soon.
      this.#schedule(partitionId, state);
      return Promise.resolve();
    }
    const records = state.wantedRecords;
    this.#writes(state, coverable(state));
    state.writing = this.#ports.checkpoint.write(partitionId, position).then(
      () => {
        state.written = position;
        if (this.#partitions.get(partitionId) === state) {
          this.#store(state, records);
        }
        this.#works();
        this.#ports.written(partitionId, position);
      },
      (thrown: unknown) => this.#fails(thrown, partitionId, position),
    );
    return state.writing.finally(() => {
      state.writing = undefined;
      if (this.#partitions.get(partitionId) === state) {
        this.#writes(state, 0);
        this.#schedule(partitionId, state);
        this.#writeEarly();
      }
    });
  }

  #fails(thrown: unknown, partition: string, { sequenceNumber }: Position): void {
    const now = this.#ports.clock.now();
    this.#failingSinceMs ??= now;
    this.#ports.failing(this.#failingSinceMs);
    if (this.#throttle.isDue("write")) {
      this.#ports.logger.log(
        "warning",
        `checkpoints could not be stored for ${Math.round((now - this.#failingSinceMs) / 1000)} s, so ${counted(this.#unstoredRecords, "forwarded record")} would be sent again after a crash; retrying: ${messageOf(thrown)}`,
        {
          code: "STORAGE_UNREACHABLE",
          partition,
          sequenceNumber,
          unstoredRecords: this.#unstoredRecords,
        },
      );
    }
  }

  #works(): void {
    if (this.#failingSinceMs === undefined) {
      return;
    }
    this.#ports.logger.log("info", "checkpoints are stored again", {
      failedForMs: this.#ports.clock.now() - this.#failingSinceMs,
    });
    this.#failingSinceMs = undefined;
    this.#ports.failing(null);
  }
}

function isAhead(state: PartitionState): boolean {
  return state.wanted !== undefined && state.wanted !== state.written;
}

/** Records that a write of the newest position would newly cover. */
function coverable(state: PartitionState): number {
  return state.wantedRecords - state.writtenRecords;
}
