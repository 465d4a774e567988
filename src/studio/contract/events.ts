import Type, { type Static } from "typebox";
import { AlertLevel, Field, Instant, StageTrace } from "./shared.ts";

const AlertBadge = Type.Object({ id: Type.String(), rule: Type.String(), level: AlertLevel });
export type AlertBadge = Static<typeof AlertBadge>;

export const Hit = Type.Object({
  /** The intake's event id. */
  id: Type.String(),
  receivedAt: Instant,
  /** The event's own time; null without. */
  timestamp: Type.Union([Type.Null(), Type.String()]),
  /** `action.type`, else what the format calls a category; null without. */
  category: Type.Union([Type.Null(), Type.String()]),
  /** One line: the format's description, else the beginning of the raw event; at most 500 characters. */
  description: Type.String(),
  alerts: Type.Array(AlertBadge),
});
export type Hit = Static<typeof Hit>;

/** What every search of events takes, as parameters of the address. Times are of reception. */
export const SearchParameters = Type.Object({
  /** The platform's language; empty finds all. An intake key may be given as its hint, `customer.intake_key:"…1f2c"`. */
  q: Type.Optional(Type.String({ maxLength: 10_000 })),
  /** `5m 15m 1h 24h 7d 30d all`, up to now; `from` and `to` win over it. */
  period: Type.Optional(Type.String()),
  from: Type.Optional(Instant),
  to: Type.Optional(Instant),
});
export type SearchParameters = Static<typeof SearchParameters>;

export const Hits = Type.Object({
  hits: Type.Array(Hit),
  /** The `cursor` of the next page; null after the last. */
  next: Type.Union([Type.Null(), Type.String()]),
  tookMs: Type.Number(),
});
export type Hits = Static<typeof Hits>;

export const Histogram = Type.Object({
  from: Instant,
  to: Instant,
  bucketMs: Type.Integer({ minimum: 1 }),
  /** From `from` on, a bucket each, at most 120, gaps as 0. */
  events: Type.Array(Type.Integer()),
  total: Type.Integer(),
  tookMs: Type.Number(),
});
export type Histogram = Static<typeof Histogram>;

const Facet = Type.Object({
  path: Type.String(),
  values: Type.Array(Type.Object({ value: Type.String(), events: Type.Integer() })),
});
export type Facet = Static<typeof Facet>;

/** The fields that tell the events apart best, `action.type user.name host.name` first where there are any. */
export const Facets = Type.Object({
  facets: Type.Array(Facet),
  /** Counted over the newest so many of the events found; null when over all. */
  ofNewest: Type.Union([Type.Null(), Type.Integer()]),
});
export type Facets = Static<typeof Facets>;

const FieldName = Type.Object({ path: Type.String(), type: Type.String(), events: Type.Integer() });
export type FieldName = Static<typeof FieldName>;

/** Fields that stored events have, the commonest first. */
export const FieldNames = Type.Object({ fields: Type.Array(FieldName) });
export type FieldNames = Static<typeof FieldNames>;

/** Values of one field that begin with a prefix, the commonest first; intake keys as their hints. */
export const FieldValues = Type.Object({ values: Type.Array(Type.String()) });
export type FieldValues = Static<typeof FieldValues>;

export const EventDetail = Type.Object({
  hit: Hit,
  /** In the order of their paths; the intake key as its hint. Empty when nothing parsed it. */
  fields: Type.Array(Field),
  /** The event's bytes as text, at most 256 KiB of it. */
  raw: Type.String(),
  rawBytes: Type.Integer(),
  isRawCut: Type.Boolean(),
  /** The format that parsed it; null when none did. */
  format: Type.Union([Type.Null(), Type.String()]),
  intakeKeyHint: Type.String(),
});
export type EventDetail = Static<typeof EventDetail>;

/** The event parsed once more, with its trace. */
export const Parsing = Type.Object({
  format: Type.Union([Type.Null(), Type.String()]),
  tookMicros: Type.Number(),
  stages: Type.Array(StageTrace),
  warnings: Type.Array(Type.Object({ stage: Type.String(), field: Type.String(), reason: Type.String() })),
});
export type Parsing = Static<typeof Parsing>;
