import { type Clock, sleep } from "../../kernel/clock.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/log.ts";
import type { CheckpointPort, Position } from "../contract.ts";

type PartitionState = {
  /** Where reading began; positions that follow may be lower, when the hub was made anew. */
  begun: Position | undefined;
  wanted: Position | undefined;
  written: Position | undefined;
  lastWriteAtMs: number;
  writing: Promise<void> | undefined;
  cancelTimer: (() => void) | undefined;
};

export type CheckpointerHooks = {
  /** False when somebody else owns the partition: its checkpoint is theirs to write. */
  mayWrite(partitionId: string): boolean;
  written(partitionId: string, position: Position): void;
};

const LAST_WRITE_RETRY_MS = 250;

/**
 * Writes each partition's position at most once in `everyMs`, the newest one, never backwards, one write at a time.
 * A write that fails is repeated with the next; it never holds up the events.
 */
export class Checkpointer {
  readonly #port: CheckpointPort;
  readonly #everyMs: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #hooks: CheckpointerHooks;
  readonly #partitions = new Map<string, PartitionState>();

  constructor(port: CheckpointPort, everyMs: number, clock: Clock, logger: Logger, hooks: CheckpointerHooks) {
    this.#port = port;
    this.#everyMs = everyMs;
    this.#clock = clock;
    this.#logger = logger;
    this.#hooks = hooks;
  }

  /** Everything up to `position` is settled. */
  offer(partitionId: string, position: Position): void {
    const state = this.#stateOf(partitionId);
    if (state.wanted !== undefined && position.sequenceNumber <= state.wanted.sequenceNumber) return;
    state.wanted = position;
    this.#schedule(partitionId, state);
  }

  /** Reading starts after this position, which is stored. */
  begin(partitionId: string, position: Position): void {
    this.#stateOf(partitionId).begun = position;
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
    while (isAhead(state) && this.#hooks.mayWrite(partitionId)) {
      await (state.writing ?? this.#write(partitionId, state));
      if (isAhead(state) && state.writing === undefined)
        await sleep(this.#clock, LAST_WRITE_RETRY_MS, signal);
    }
  }

  /** Forgets a partition that is read no longer; a write under way still ends. */
  forget(partitionId: string): void {
    this.#partitions.get(partitionId)?.cancelTimer?.();
    this.#partitions.delete(partitionId);
  }

  #stateOf(partitionId: string): PartitionState {
    let state = this.#partitions.get(partitionId);
    if (state === undefined) {
      state = {
        begun: undefined,
        wanted: undefined,
        written: undefined,
        lastWriteAtMs: 0,
        writing: undefined,
        cancelTimer: undefined,
      };
      this.#partitions.set(partitionId, state);
    }
    return state;
  }

  #schedule(partitionId: string, state: PartitionState): void {
    if (state.cancelTimer !== undefined || state.writing !== undefined || !isAhead(state)) return;
    const waitMs = Math.max(0, state.lastWriteAtMs + this.#everyMs - this.#clock.now());
    state.cancelTimer = this.#clock.after(waitMs, () => {
      state.cancelTimer = undefined;
      // `#write` never rejects, and `flush` waits for it by `state.writing`.
      if (state.writing === undefined) void this.#write(partitionId, state);
    });
  }

  #write(partitionId: string, state: PartitionState): Promise<void> {
    const position = state.wanted;
    if (position === undefined || !isAhead(state)) return Promise.resolve();
    state.cancelTimer?.();
    state.cancelTimer = undefined;
    state.lastWriteAtMs = this.#clock.now();
    if (!this.#hooks.mayWrite(partitionId)) {
      // Ownership may come back, or the partition is forgotten soon.
      this.#schedule(partitionId, state);
      return Promise.resolve();
    }
    state.writing = this.#port.write(partitionId, position).then(
      () => {
        state.written = position;
        this.#hooks.written(partitionId, position);
      },
      (thrown: unknown) => {
        this.#logger.log(
          "warning",
          `the checkpoint of partition ${partitionId} could not be stored and is tried again: ${messageOf(thrown)}`,
          {
            code: "STORAGE_UNREACHABLE",
            partition: partitionId,
            sequenceNumber: position.sequenceNumber,
          },
        );
      },
    );
    return state.writing.finally(() => {
      state.writing = undefined;
      if (this.#partitions.get(partitionId) === state) this.#schedule(partitionId, state);
    });
  }
}

function isAhead(state: PartitionState): boolean {
  return state.wanted !== undefined && state.wanted !== state.written;
}
