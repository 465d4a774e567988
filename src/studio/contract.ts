/**
 * Every message between the studio's page and its server. Server and page meet here and nowhere else.
 *
 * Who may ask. The server listens on 127.0.0.1 alone and prints `http://127.0.0.1:PORT/?token=T`. An address of the page (not of
 * the API) with the right `token` sets the cookie `studio-PORT=T; HttpOnly; SameSite=Strict; Path=/` and answers with the page
 * at once (no redirect: a strict cookie would not travel along), which takes the token out of the address. Everything else wants the
 * cookie; without it, with another `Host` than 127.0.0.1:PORT or localhost:PORT, or with an `Origin` that is not the page's own (required
 * for everything but GET), the answer is 403. Bodies are `application/json` and nothing else. No address, query or body is logged.
 *
 * Pages. `/playbook /runs /runs/ID /events /events/ID /alerts /alerts/ID /formats /formats/NAME /setup` (and `/`) all answer with
 * `index.html` (`no-store`); `/assets/*` are the build's files (`immutable`). Content-Security-Policy: `default-src 'none'; script-src 'self';
 * style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';
 * frame-ancestors 'none'`, with `X-Content-Type-Options: nosniff` and `Referrer-Policy: no-referrer`. (Editor, tables and charts
 * place things by inline styles; there is no inline script and no eval.)
 *
 * Errors. Whatever is not 2xx has a `Problem` as its body; the page shows its `message`.
 *
 * Streams. Server-sent events: each `data:` is one JSON message of the stream's type, told apart by `type`; no `event:` names. A comment every
 * 15 s keeps the line alive. A stream begins with what holds now, so that a reconnection needs no memory; the page asks again for what it shows. A
 * slow reader gets less (messages that a newer one replaces are left out), never buffered without bound. The page closes its streams while
 * its tab is hidden, since a browser allows six connections to a server.
 *
 * Text from events, logs and servers is hostile and travels as JSON text; the page shows it as text, with controls made visible.
 */
import Type, { type Static, type TSchema } from "typebox";
import {
  AlertDetail,
  AlertPage,
  RuleDetail,
  RuleList,
  RuleTests,
  RuleTrial,
  SetAlert,
  TryRule,
} from "./contract/alerts.ts";
import {
  EventDetail,
  Facets,
  FieldNames,
  FieldValues,
  Histogram,
  Hit,
  Hits,
  Parsing,
  SearchParameters,
} from "./contract/events.ts";
import {
  FormatDetail,
  FormatLanguage,
  FormatList,
  FormatSaved,
  FormatTests,
  FormatTrial,
  SaveFormat,
  TestFormat,
  TryFormat,
} from "./contract/formats.ts";
import {
  Check,
  Counts,
  Draft,
  Playbook,
  SamplesSent,
  SavePlaybook,
  Secret,
  SendSamples,
  SetupCommands,
  Studio,
  Switch,
  Verdict,
} from "./contract/playbook.ts";
import {
  CurvePoint,
  DeadLetters,
  Figures,
  IntakeAnswer,
  Ledger,
  LogLine,
  LogPage,
  Replayed,
  Run,
  RunDetail,
  RunPage,
} from "./contract/runs.ts";
import { Done, LogLevel } from "./contract/shared.ts";

const NOTHING = Type.Object({});
const searching = SearchParameters.properties;
const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 500 }));

/** `query`: parameters of the address, texts there; `body`: of everything but GET; `answer`: of a 2xx. */
type Route = { readonly query: TSchema; readonly body: TSchema; readonly answer: TSchema };

const get = <Answer extends TSchema, Query extends TSchema = typeof NOTHING>(
  answer: Answer,
  query: Query = NOTHING as TSchema as Query,
) => ({ query, body: NOTHING, answer });
const post = <Body extends TSchema, Answer extends TSchema>(body: Body, answer: Answer) => ({
  query: NOTHING,
  body,
  answer,
});

/** By method and path; a part with a colon is a parameter, percent-encoded. A GET changes nothing. */
export const ROUTES = {
  "GET /api/studio": get(Studio),

  "GET /api/playbook": get(Playbook),
  "PUT /api/playbook": post(SavePlaybook, Playbook),
  /** Judges what the form holds, on every edit; nothing is kept. */
  "POST /api/playbook/judge": post(Draft, Verdict),
  /** On starts a run (409 while what is saved has problems); off ends it. */
  "POST /api/playbook/switch": post(Switch, Playbook),
  /** The one answer that holds a secret: one of those that are saved, asked for by a person. */
  "POST /api/playbook/secrets/:name/show": post(NOTHING, Secret),
  /** Starts the preflight on what the form holds; its lines come by the stream `live`. */
  "POST /api/check": post(Draft, Check),
  /** Starts the embedded servers if they do not run, and tells their settings. */
  "POST /api/local-stack/settings": post(NOTHING, Draft),
  /** Sends the sample events into the hub of the saved settings; 409 where they may not send. */
  "POST /api/local-stack/samples": post(SendSamples, SamplesSent),

  "GET /api/runs": get(RunPage, Type.Object({ cursor: Type.Optional(Type.String()), limit })),
  "GET /api/runs/:id": get(RunDetail),
  /** Ends it as SIGTERM does, and switches the playbook off. */
  "POST /api/runs/:id/stop": post(NOTHING, Done),
  "GET /api/runs/:id/log": get(
    LogPage,
    Type.Object({
      /** This level and those above it. */
      level: Type.Optional(LogLevel),
      /** A text that the line holds, in any case. */
      q: Type.Optional(Type.String({ maxLength: 1000 })),
      before: Type.Optional(Type.Integer()),
      limit,
    }),
  ),
  "GET /api/dead-letters": get(DeadLetters),
  "POST /api/dead-letters/replay": post(NOTHING, Replayed),

  "GET /api/events": get(Hits, Type.Object({ ...searching, cursor: Type.Optional(Type.String()), limit })),
  "GET /api/events/histogram": get(Histogram, SearchParameters),
  "GET /api/events/facets": get(Facets, SearchParameters),
  "GET /api/events/fields": get(FieldNames),
  "GET /api/events/values": get(
    FieldValues,
    Type.Object({ field: Type.String(), prefix: Type.Optional(Type.String()) }),
  ),
  "GET /api/events/:id": get(EventDetail),
  "GET /api/events/:id/parsing": get(Parsing),

  "GET /api/alerts": get(
    AlertPage,
    Type.Object({
      state: Type.Optional(Type.Enum(["open", "closed", "all"])),
      /** Alerts of this event only. */
      event: Type.Optional(Type.String()),
      cursor: Type.Optional(Type.String()),
      limit,
    }),
  ),
  "GET /api/alerts/:id": get(AlertDetail),
  "POST /api/alerts/:id/state": post(SetAlert, Done),
  "GET /api/rules": get(RuleList),
  "GET /api/rules/:id": get(RuleDetail),
  "POST /api/rules/:id/switch": post(Switch, Done),
  "POST /api/rules/:id/test": post(NOTHING, RuleTests),
  /** Starts it; a few run at a time, and of more the oldest ends. */
  "POST /api/rules/try": post(TryRule, RuleTrial),
  "GET /api/rules/trials/:id": get(RuleTrial),
  "POST /api/rules/trials/:id/stop": post(NOTHING, RuleTrial),

  "GET /api/formats": get(FormatList),
  "GET /api/formats/language": get(FormatLanguage),
  "GET /api/formats/:name": get(FormatDetail),
  "POST /api/formats/:name/try": post(TryFormat, FormatTrial),
  "POST /api/formats/:name/test": post(TestFormat, FormatTests),
  "POST /api/formats/:name/save": post(SaveFormat, FormatSaved),

  "GET /api/setup": get(SetupCommands),
} as const satisfies Readonly<Record<string, Route>>;

export type Routes = typeof ROUTES;
export type RouteName = keyof Routes;
export type AnswerOf<Name extends RouteName> = Static<Routes[Name]["answer"]>;
export type BodyOf<Name extends RouteName> = Static<Routes[Name]["body"]>;
export type QueryOf<Name extends RouteName> = Static<Routes[Name]["query"]>;

/** Files to save, with `Content-Disposition: attachment`; not JSON messages. `events.jsonl` takes the parameters of a search and streams. */
export const DOWNLOADS = [
  "GET /api/events/export",
  "GET /api/events/:id/raw",
  "GET /api/runs/:id/export",
  "GET /api/setup/template",
] as const;

/** Of the whole studio: it begins with counts, playbook and check, and the newest run if there is one. */
export const LiveMessage = Type.Union([
  Type.Object({ type: Type.Literal("counts"), counts: Counts }),
  Type.Object({ type: Type.Literal("playbook"), playbook: Playbook }),
  Type.Object({ type: Type.Literal("check"), check: Check }),
  /** A run that began, ended, or whose count or reason changed; at most once a second. */
  Type.Object({ type: Type.Literal("run"), run: Run }),
  /** Alerts, rules or formats changed: ask again for what is shown. */
  Type.Object({
    type: Type.Literal("changed"),
    what: Type.Enum(["alerts", "rules", "formats", "dead-letters"]),
  }),
]);
export type LiveMessage = Static<typeof LiveMessage>;

/** Of one run: once a second while it runs, log lines as they come (the stream sends new ones only). */
export const RunMessage = Type.Union([
  Type.Object({ type: Type.Literal("figures"), figures: Figures, ledger: Ledger, point: CurvePoint }),
  Type.Object({ type: Type.Literal("answers"), answers: Type.Array(IntakeAnswer) }),
  Type.Object({ type: Type.Literal("log"), lines: Type.Array(LogLine), skipped: Type.Integer() }),
]);
export type RunMessage = Static<typeof RunMessage>;

/** Of events as they come, those that match `q`: every 250 ms at most, the newest 100 of them, `events` is how many there were. */
export const TailMessage = Type.Object({
  type: Type.Literal("hits"),
  hits: Type.Array(Hit),
  events: Type.Integer(),
});
export type TailMessage = Static<typeof TailMessage>;

/** The streams; `GET /api/events/live` takes `q`. */
export const STREAMS = {
  "GET /api/live": LiveMessage,
  "GET /api/runs/:id/live": RunMessage,
  "GET /api/events/live": TailMessage,
} as const;
export type Streams = typeof STREAMS;
