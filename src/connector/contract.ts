/** The types and ports that the connector's rooms share. The rooms meet in `pipeline.ts` alone. */

/** Where an event stands in its partition. The offset is an opaque text; only the hub understands it. */
export type Position = {
  readonly offset: string;
  /** Rises by one from event to event of a partition. */
  readonly sequenceNumber: number;
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
  readonly partitionId: string;
  readonly sequenceNumber: number;
  /** 0 for the first record of the message. */
  readonly recordIndex: number;
};

export type DeadLetter = PlacedRecord & {
  readonly reason: DeadLetterReason;
  /** One sentence for a person; no secret. */
  readonly detail: string;
};

/**
 * A finished request body and the records in it, in the order of arrival, of all partitions.
 * The body is the only copy of the bytes: `recordAt` unescapes a record from it when somebody needs one.
 */
export type Chunk = {
  readonly id: string;
  /** UTF-8 JSON `{"intake_key":…,"jsons":[…]}`; holds the intake key, so it is never logged. */
  readonly body: Buffer;
  readonly recordCount: number;
  /** @param index From 0 to `recordCount - 1`. */
  recordAt(index: number): PlacedRecord;
  /** How many of its records are of each partition. */
  countByPartition(): ReadonlyMap<string, number>;
  /** The records from `from` (inclusive) to `to` (exclusive) as a chunk of their own. */
  slice(from: number, to: number): Chunk;
  /** The body's buffer may be used again: every byte of it was sent and answered. Nothing may be asked afterwards. */
  release(): void;
};

/** A memory that texts lie in, and that writes one of them as the inside of a JSON string; the text engine. */
export type TextMemory = {
  /** @returns how long it became, or -1 when it would be longer than `maxBytes`. */
  escape(start: number, end: number, maxBytes: number): number;
  /** Copies what was escaped last. */
  copyEscaped(into: Buffer, at: number, length: number): void;
};

/** The record would break a limit of the open body, so it belongs in the next one. */
export const FULL = 0;
/** No body can carry the record. */
export const TOO_LARGE = -1;

/** Groups records into request bodies, in the order of arrival. */
export type ChunkerPort = {
  /**
   * Puts a record into the open body.
   * @param engine Its memory holds the record from `start` to `end`, as UTF-8; it is copied.
   * @returns the bytes of memory that it takes there, or `FULL` or `TOO_LARGE`: it was not taken.
   */
  add(
    engine: TextMemory,
    start: number,
    end: number,
    partitionId: string,
    sequenceNumber: number,
    recordIndex: number,
  ): number;
  /** @returns the open body as a chunk, if it holds a record; the next one begins another. */
  seal(): Chunk | undefined;
};

/** The intake's verdict on a chunk: every record was accepted, but for those named here. */
export type Delivery = {
  readonly refused: readonly {
    readonly record: PlacedRecord;
    readonly reason: DeadLetterReason;
    readonly detail: string;
  }[];
  /** Records that the intake accepted, counted request by request. */
  readonly accepted: number;
  /** The status and duration of the last answer, for the log and the page. */
  readonly lastAnswer: IntakeAnswer;
  /** The body was sent once, whole, and answered well: no socket can still read from its buffer. */
  readonly isBodyFree: boolean;
};

export type IntakeAnswer = {
  readonly status: number;
  readonly durationMs: number;
};

/** The events that the hub keeps of one partition. */
export type PartitionEnd = {
  /** The oldest one. */
  readonly firstSequenceNumber: number;
  /** The newest one; -1 when there never was one. */
  readonly lastSequenceNumber: number;
  /** Milliseconds since 1970. */
  readonly lastEnqueuedAtMs: number;
};

/** What the pipeline gives to the hub room for each partition it reads. Nothing here waits: credit is the backpressure. */
export type PartitionReader = {
  /**
   * Takes one message, in rising sequence numbers.
   * @param bytes Hold the body from `start` to `end` during the call alone: their buffer is read into again.
   */
  receive(bytes: Buffer, start: number, end: number, sequenceNumber: number): void;
  /** The messages received so far end at this position; called after each read, so that it is decoded once for all. */
  reach(position: Position, enqueuedAtMs: number): void;
  /** Messages received and not settled. */
  readonly pendingEvents: number;
  /** No more comes before something is settled: if nothing is under way, what waits for company must be sent. */
  flush(): void;
  /** The link is up, even if the hub is quiet. */
  alive(): void;
  /** What the hub holds of this partition now, for the lag. */
  observeEnd(end: PartitionEnd): void;
  /** The partition is another reader's now; nothing more will come. What is under way may still be settled. */
  close(): void;
};

/** What would come again after a crash, over all partitions, and its bounds. */
export type ReceiveBudget = {
  readonly maxBytes: number;
  readonly pendingBytes: number;
  readonly isFull: boolean;
  /** So far over a bound that nothing more may be read, not even what was asked for. */
  readonly mustPause: boolean;
  /** Calls `wake` whenever something was settled, until the returned function is called. */
  onRoom(wake: () => void): () => void;
};

/** Receives from the hub and keeps partition ownership. */
export type HubPort = {
  /**
   * Reads until `pause` is called.
   * @param open Called when a partition becomes ours, with the position its reading starts after.
   * @param fail Called when reading broke in a way that must not be; the run then ends.
   */
  start(
    open: (partitionId: string, from: Position | StartPosition) => PartitionReader,
    budget: ReceiveBudget,
    fail: (error: unknown) => void,
  ): Promise<void>;
  /** Stops receiving: no reader is called again. Ownership is kept until `release`. */
  pause(): void;
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
  /** Writes the position of a partition; resolves once it, or a higher one, is stored. */
  write(partitionId: string, position: Position): Promise<void>;
};

/** A position as it is stored. */
export type StoredPosition = Position & {
  /** When it was written, by the store's clock; milliseconds since 1970. */
  readonly storedAtMs: number;
  /** When the hub was created whose position it is; undefined where another program wrote it. */
  readonly hubCreatedAtMs: number | undefined;
};

/** Where the positions of all partitions are kept for all processes of the group. */
export type PositionStore = CheckpointPort & {
  /** @returns undefined when none is stored, or none that can be read. */
  read(partitionId: string): Promise<StoredPosition | undefined>;
  /**
   * A reading begins.
   * @param hubCreatedAtMs When the hub was created that is read; stored beside the positions.
   * @param isStoredValid False when what was read last is of no use, so that a lower position may take its place.
   */
  begin(partitionId: string, hubCreatedAtMs: number | undefined, isStoredValid: boolean): void;
};

/** One record of who reads a partition, as all clients of the service keep it. */
export type OwnershipRecord = {
  readonly partitionId: string;
  /** Empty: it was given back. */
  readonly ownerId: string;
  readonly etag: string | undefined;
  /** By the store's clock; milliseconds since 1970. */
  readonly modifiedAtMs: number;
};

/** Where consumers of the group say who reads which partition. */
export type OwnershipStore = {
  /** @returns all records, and the store's own time. */
  list(): Promise<{ readonly records: readonly OwnershipRecord[]; readonly nowMs: number }>;
  /**
   * Writes a record, if it is still as it was read.
   * @returns false when another consumer has changed it.
   * @throws when the store does not answer, or the record was deleted: that says nothing of who owns the partition.
   */
  claim(record: Pick<OwnershipRecord, "partitionId" | "ownerId" | "etag">): Promise<boolean>;
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
  delivered(answer: IntakeAnswer): void;
  checkpointed(partitionId: string, position: Position): void;
  lag(partitionId: string, events: number): void;
  /** `null` when the intake answers well again. */
  intakeFailing(sinceMs: number | null, cause: string): void;
  /** `null` when positions are stored again. */
  storageFailing(sinceMs: number | null): void;
  /** The receive loop of a partition is alive, even if the hub is quiet. */
  heartbeat(partitionId: string): void;
};

/** For a pipeline that nobody watches. */
export const silentObserver: PipelineObserver = {
  partitionOpened: () => undefined,
  partitionClosed: () => undefined,
  received: () => undefined,
  settled: () => undefined,
  delivered: () => undefined,
  checkpointed: () => undefined,
  lag: () => undefined,
  intakeFailing: () => undefined,
  storageFailing: () => undefined,
  heartbeat: () => undefined,
};

export type Outcome = "forwarded" | "filtered" | "heartbeat" | "dead-lettered";

/** Never larger than this, so that the intake's 10 MiB a request holds with room to spare. */
export const MAX_BODY_BYTES = 9 * 1024 * 1024;
/** More gain no speed, and their answer, which names each, must be read whole. */
export const MAX_CHUNK_RECORDS = 50_000;
/** UTF-8 bytes of one event as it came, unescaped: as the intake counts; just under both figures of its documentation. */
export const MAX_EVENT_BYTES = 250_000;
