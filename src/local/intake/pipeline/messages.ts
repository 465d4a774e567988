import type { CorrelatorStatistics, RuleMatch, SimilarityEntity } from "../../../rules/contract.ts";
import type { SegmentDelta } from "../index/segment-delta.ts";
import type { SegmentParts } from "../index/segment-parts.ts";

/** Stored events that are to be parsed, held against the rules and indexed, in the order of their numbers. */
export type Batch = {
  readonly firstNumber: number;
  readonly receivedAtMs: readonly number[];
  readonly intakeKeys: readonly string[];
  readonly raws: readonly string[];
  /** The ECS events of an earlier time, null where nothing parsed one: these are only indexed again. */
  readonly parsed: readonly (string | null)[] | undefined;
};

/** What became of a batch. */
export type Processed = {
  /** JSON texts as they are to be stored; null when nothing parsed the event. */
  readonly ecs: readonly (string | null)[];
  /** 1 where the event's message is its raw text, which its JSON leaves out. */
  readonly isMessageRaw: Uint8Array;
  readonly firings: readonly Firing[];
  /** Segments that became full, the open one first; then what the rest added to the one after them. */
  readonly sealed: readonly SegmentParts[];
  readonly delta: SegmentDelta;
  readonly statistics: DetectionStatistics;
};

/** Rules that fired on one event. The references of correlations are numbers of events, as text. */
export type Firing = {
  readonly number: number;
  readonly receivedAtMs: number;
  readonly entity: SimilarityEntity;
  readonly matches: readonly RuleMatch[];
};

export type DetectionStatistics = CorrelatorStatistics & { readonly failedEvents: number };

/** Works one batch after the other; between them it is told what changed. */
export type Worker = {
  /** Batches that it takes before the first one's result. */
  readonly depth: number;
  /** Settled when it works, or could not begin. */
  readonly ready: Promise<void>;
  process(batch: Batch): void;
  /** Forgets what it indexed since the last full segment: these events come again. */
  reset(): void;
  /** Reads rules and indicators again. */
  refreshRules(): void;
  useFormat(folder: string): void;
  close(): Promise<void>;
};

export type WorkerEvents = {
  /** In the order of the batches. */
  readonly onProcessed: (result: Processed) => void;
  /** It ended; what was under way is lost, and it is ready for new batches. */
  readonly onLost: (reason: string) => void;
};
