import Type, { type Static } from "typebox";
import { Instant, LogLevel } from "./shared.ts";

/**
 * `Succeeded`: it was asked to end, drained what was in flight and ended with exit code 0, or ended before it had begun. `Failed`: it ended by itself, or with
 * another code. `Stopped`: it was asked to end and had to be ended by force, or the studio ended while it ran.
 */
const RunStatus = Type.Enum(["Running", "Succeeded", "Failed", "Stopped"]);
export type RunStatus = Static<typeof RunStatus>;

export const Run = Type.Object({
  id: Type.String(),
  status: RunStatus,
  startedAt: Instant,
  endedAt: Type.Union([Type.Null(), Instant]),
  /** Records received so far. */
  events: Type.Integer(),
  /** A sentence; null while all is well. A running trigger that meets a fault has one too. */
  reason: Type.Union([Type.Null(), Type.String()]),
  /** The name that the playbook had. */
  playbook: Type.String(),
  process: Type.Union([Type.Null(), Type.Integer()]),
});
export type Run = Static<typeof Run>;

export const RunPage = Type.Object({
  /** Newest first. */
  runs: Type.Array(Run),
  next: Type.Union([Type.Null(), Type.String()]),
});
export type RunPage = Static<typeof RunPage>;

const Amounts = {
  received: Type.Integer(),
  forwarded: Type.Integer(),
  filtered: Type.Integer(),
  heartbeats: Type.Integer(),
  deadLettered: Type.Integer(),
  pending: Type.Integer(),
  returned: Type.Integer(),
};

/** The accounts of a partition, from the trigger's page `/ledger`. */
export const LedgerRow = Type.Object({
  partition: Type.String(),
  ...Amounts,
  /** The sequence number of the stored position; null before the first. */
  checkpoint: Type.Union([Type.Null(), Type.String()]),
  lagEvents: Type.Union([Type.Null(), Type.Integer()]),
});
export type LedgerRow = Static<typeof LedgerRow>;

export const Ledger = Type.Object({ partitions: Type.Array(LedgerRow), total: Type.Object(Amounts) });
export type Ledger = Static<typeof Ledger>;

export const Figures = Type.Object({
  received: Type.Integer(),
  forwarded: Type.Integer(),
  /** Over the last seconds. */
  receivedPerSecond: Type.Number(),
  deadLetters: Type.Integer(),
  /** By how much the newest event received is older than the hub's newest; null while unknown. */
  behindMs: Type.Union([Type.Null(), Type.Number()]),
});
export type Figures = Static<typeof Figures>;

/** A point of the two curves. */
export const CurvePoint = Type.Object({
  /** Milliseconds since 1970. */
  at: Type.Number(),
  receivedPerSecond: Type.Number(),
  lagEvents: Type.Union([Type.Null(), Type.Number()]),
});
export type CurvePoint = Static<typeof CurvePoint>;

/** One answer of the intake. */
export const IntakeAnswer = Type.Object({
  at: Instant,
  /** 0 when no answer came. */
  status: Type.Integer(),
  events: Type.Integer(),
  tookMs: Type.Number(),
  /** The first few; `events` tells how many there were. */
  eventIds: Type.Array(Type.String()),
  /** `Retry-After 2 s`, or what went wrong; null with a plain success. */
  note: Type.Union([Type.Null(), Type.String()]),
});
export type IntakeAnswer = Static<typeof IntakeAnswer>;

export const RunDetail = Type.Object({
  run: Run,
  /** Null before the trigger has told any. */
  figures: Type.Union([Type.Null(), Figures]),
  ledger: Type.Union([Type.Null(), Ledger]),
  /** Oldest first, at most 600 points over the whole run. */
  curve: Type.Array(CurvePoint),
  /** Newest first, at most 50. */
  answers: Type.Array(IntakeAnswer),
});
export type RunDetail = Static<typeof RunDetail>;

export const LogLine = Type.Object({
  /** Rises within a run. */
  number: Type.Integer(),
  at: Instant,
  level: LogLevel,
  message: Type.String(),
  /** Further fields as JSON text, a stack among them; null without. */
  fields: Type.Union([Type.Null(), Type.String()]),
});
export type LogLine = Static<typeof LogLine>;

export const LogPage = Type.Object({
  /** Oldest first; the page ends with the newest line unless `before` was given. */
  lines: Type.Array(LogLine),
  /** The `before` of the page with older lines; null when there are none. */
  before: Type.Union([Type.Null(), Type.Integer()]),
});
export type LogPage = Static<typeof LogPage>;

export const DeadLetter = Type.Object({
  id: Type.String(),
  at: Instant,
  partition: Type.String(),
  reason: Type.String(),
  bytes: Type.Integer(),
  /** The beginning of the event, at most 2,000 characters, hostile text. */
  preview: Type.String(),
  isSentAgain: Type.Boolean(),
});
export type DeadLetter = Static<typeof DeadLetter>;

/** The dead letters of the playbook's settings, newest first, at most 500; they lie in the checkpoint container. */
export const DeadLetters = Type.Object({
  letters: Type.Array(DeadLetter),
  total: Type.Integer(),
  /** Why they cannot be read now; null when they were. */
  reason: Type.Union([Type.Null(), Type.String()]),
});
export type DeadLetters = Static<typeof DeadLetters>;

/** What `deadletter replay` did: all letters that were not sent again yet. */
export const Replayed = Type.Object({ forwarded: Type.Integer(), setAsideAgain: Type.Integer() });
export type Replayed = Static<typeof Replayed>;
