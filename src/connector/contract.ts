/** The types and ports that the connector's rooms share. The rooms meet in `pipeline.ts` alone. */

/** Where an event stands in its partition. The offset is an opaque text; only the hub understands it. */
export type Position = {
  readonly offset: string;
  /** Rises by one from event to event of a partition. */
  readonly sequenceNumber: number;
};

/** One message of the hub, its body untouched. */
export type HubEvent = {
  readonly position: Position;
  /** When the hub stored it, milliseconds since 1970. */
  readonly enqueuedAtMs: number;
  /** The bytes of the body; several data sections are joined. */
  readonly body: Buffer;
};

/** Where a partition without a checkpoint starts. */
export type StartPosition =
  | { readonly kind: "earliest" }
  | { readonly kind: "latest" }
  | { readonly kind: "time"; readonly enqueuedAtMs: number };

/** What became of a record that is not forwarded. */
export type DeadLetterReason = "EVENT_TOO_LARGE" | "EVENT_NOT_UTF8" | "BODY_UNREADABLE" | "INTAKE_REFUSED";

/** A record with the place it came from, as the chunks and the dead letters carry it. */
export type PlacedRecord = {
  readonly bytes: Buffer;
  readonly position: Position;
  /** 0 for the first record of the message. */
  readonly recordIndex: number;
};

export type DeadLetter = PlacedRecord & {
  readonly partitionId: string;
  readonly reason: DeadLetterReason;
  /** One sentence for a person; no secret. */
  readonly detail: string;
};

/**
 * A finished request body and the records in it, in the order of arrival, all of one partition.
 * The body is the only copy of the bytes: `recordAt` unescapes a record from it when somebody needs one.
 */
export type Chunk = {
  readonly id: string;
  readonly partitionId: string;
  /** UTF-8 JSON `{"intake_key":…,"jsons":[…]}`; holds the intake key, so it is never logged. */
  readonly body: Buffer;
  readonly recordCount: number;
  /** @param index From 0 to `recordCount - 1`. */
  recordAt(index: number): PlacedRecord;
  /** The records from `from` (inclusive) to `to` (exclusive) as a chunk of their own. */
  slice(from: number, to: number): Chunk;
};

/** The intake's verdict on a chunk: every record was accepted, but for those named here. */
export type Delivery = {
  readonly refused: readonly {
    readonly record: PlacedRecord;
    readonly reason: DeadLetterReason;
    readonly detail: string;
  }[];
  /** The status and duration of the last answer, for the log and the page. */
  readonly lastAnswer: IntakeAnswer;
};

export type IntakeAnswer = {
  readonly status: number;
  readonly events: number;
  readonly durationMs: number;
  readonly eventIds: readonly string[];
};

/** What the pipeline gives to the hub room for each partition it reads. */
export type PartitionReader = {
  /**
   * Takes events in rising sequence numbers.
   * @returns when more may be handed over: the wait is the backpressure.
   */
  receive(events: readonly HubEvent[]): Promise<void>;
  /** The newest event the hub holds for this partition, for the lag. */
  observeEnd(lastSequenceNumber: number, lastEnqueuedAtMs: number): void;
  /** The partition is no longer ours (`lost`) or reading stopped (`stopped`); nothing more will come. */
  close(reason: "lost" | "stopped"): Promise<void>;
};

/** Receives from the hub and keeps partition ownership. */
export type HubPort = {
  /**
   * Reads until `stop` is called.
   * @param open Called when a partition becomes ours, with the position its reading starts after.
   */
  start(open: (partitionId: string, from: Position | StartPosition) => PartitionReader): Promise<void>;
  /** Stops receiving; resolves once no reader will be called again. Ownership is kept until `release`. */
  pause(): Promise<void>;
  /** Gives ownership back and closes the connection. */
  release(): Promise<void>;
  /** True while the partition is ours, as far as the store's last answer tells. */
  owns(partitionId: string): boolean;
};

/** Sends chunks until each has a verdict. */
export type IntakePort = {
  /** @throws the signal's reason once it aborts; the chunk then counts as not delivered. */
  deliver(chunk: Chunk, signal: AbortSignal): Promise<Delivery>;
};

export type CheckpointPort = {
  /** Writes the position of a partition; resolves once it is stored. */
  write(partitionId: string, position: Position): Promise<void>;
};

export type DeadLetterPort = {
  /** Stores the letters of one partition; resolves once they are stored, however long that takes. */
  store(letters: readonly DeadLetter[], signal: AbortSignal): Promise<void>;
};

/** What the pipeline tells about its work; the module turns it into metrics and health. */
export type PipelineObserver = {
  partitionOpened(partitionId: string): void;
  partitionClosed(partitionId: string): void;
  received(partitionId: string, events: number, records: number, newestEnqueuedAtMs: number): void;
  /** Records that left the window: forwarded to the intake, filtered, heartbeats or dead-lettered. */
  settled(partitionId: string, outcome: Outcome, records: number): void;
  delivered(partitionId: string, answer: IntakeAnswer): void;
  checkpointed(partitionId: string, position: Position): void;
  lag(partitionId: string, events: number): void;
  /** `null` when the intake answers well again. */
  intakeFailing(sinceMs: number | null, cause: string): void;
  /** The receive loop of a partition is alive, even if the hub is quiet. */
  heartbeat(partitionId: string): void;
};

export type Outcome = "forwarded" | "filtered" | "heartbeat" | "dead-lettered";

/** Never larger than this, so that the intake's 10 MiB a request holds with room to spare. */
export const MAX_BODY_BYTES = 9 * 1024 * 1024;
/** UTF-8 bytes of one event as they travel in the body, quotes left out; just under both figures of the intake's documentation. */
export const MAX_EVENT_BYTES = 250_000;
