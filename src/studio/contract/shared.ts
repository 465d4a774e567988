/** What several pages of the studio say. */
import Type, { type Static } from "typebox";

/** ISO 8601, UTC, with milliseconds at least: `2026-11-24T17:20:01.123Z`. */
export const Instant = Type.String({ format: "date-time" });

/** The body of every answer that is not 2xx. `message` is a sentence for a person: what happened, to what, what to do. */
export const Problem = Type.Object({
  error: Type.Object({
    /**
     * `bad-request` 400, `forbidden` 403 (no token, foreign Host or Origin), `not-found` 404, `conflict` 409 (somebody else
     * saved meanwhile, or the thing is in no state for it), `query` 422 (a search that cannot be read), `failed` 500 and 502.
     */
    code: Type.Enum(["bad-request", "forbidden", "not-found", "conflict", "query", "failed"]),
    message: Type.String(),
    /** With `query`: where in the search, in UTF-16 units from 0. */
    position: Type.Optional(Type.Integer({ minimum: 0 })),
    length: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
});
export type Problem = Static<typeof Problem>;

/** The answer of a command that has nothing more to tell. */
export const Done = Type.Object({ done: Type.Literal(true) });
export type Done = Static<typeof Done>;

export const LogLevel = Type.Enum(["debug", "info", "warning", "error", "critical"]);
export type LogLevel = Static<typeof LogLevel>;

export const AlertLevel = Type.Enum(["informational", "low", "medium", "high", "critical"]);
export type AlertLevel = Static<typeof AlertLevel>;

/** A place in a text with what is wrong there: lines and columns count from 1, as the libraries `ecs` and `rules` say it. */
export const SourceDiagnostic = Type.Object({
  severity: Type.Enum(["error", "warning"]),
  code: Type.String(),
  message: Type.String(),
  hint: Type.String(),
  /** The file within its folder, such as `ingest/parser.yml`. */
  file: Type.String(),
  line: Type.Integer({ minimum: 1 }),
  column: Type.Integer({ minimum: 1 }),
  length: Type.Integer({ minimum: 0 }),
});
export type SourceDiagnostic = Static<typeof SourceDiagnostic>;

/** One leaf of an ECS event: its dotted path and its value as JSON text, so that no 64-bit number and no `1.0` is bent. */
export const Field = Type.Object({
  path: Type.String(),
  /** The JSON of the value; `value` of a text without its quotes is what the page shows. Cut at 20,000 characters. */
  json: Type.String(),
  isCut: Type.Boolean(),
});
export type Field = Static<typeof Field>;

/** What one item of the pipeline did to one event. */
export const StageTrace = Type.Object({
  stage: Type.String(),
  outcome: Type.Enum(["ran", "filtered", "failed"]),
  /** Why it was filtered or failed. */
  reason: Type.Optional(Type.String()),
  set: Type.Array(Field),
  notComputed: Type.Array(Type.Object({ path: Type.String(), reason: Type.String() })),
  deleted: Type.Array(Type.String()),
  /** An external stage's result, as JSON, cut at 20,000 characters. */
  output: Type.Optional(Type.String()),
});
export type StageTrace = Static<typeof StageTrace>;
