import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { InputInvalid, messageOf } from "../../kernel/errors.ts";
import { LocalServerFailed } from "../errors.ts";
import { answerAlerts, answerRules, setAlert } from "./alerts/alert-api.ts";
import { Alerts } from "./alerts/alerts.ts";
import type { DetectionOptions } from "./alerts/detection.ts";
import { countEvents, type IntakeStats } from "./counts.ts";
import { ENDPOINTS, type Endpoint } from "./decode.ts";
import { type Faults, planFaults } from "./faults.ts";
import type { ParseEvent } from "./parse.ts";
import { QueryInvalid } from "./query/query.ts";
import { Refusal } from "./refusal.ts";
import { readBody } from "./request-body.ts";
import { requestKey } from "./request-key.ts";
import { answerSearch, isStream, type SearchAnswer } from "./search-api.ts";
import { type EventQuery, EventStore, type StoredEvent } from "./store.ts";
import { takeEvents } from "./take.ts";

export type IntakeOptions = {
  /** 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** A SQLite file; in memory unless given. */
  readonly database?: string | undefined;
  /** The known intake keys; every key is known unless given. */
  readonly keys?: readonly string[] | undefined;
  /** Counts the events and keeps none: a sink for measurements. */
  readonly discard?: boolean | undefined;
  /** Gets the raw text of each event as it is accepted, before the answer. */
  readonly onAccepted?: ((raw: string) => void) | undefined;
  readonly parse?: ParseEvent | undefined;
  /** What each event that was parsed is held against; nothing unless given. */
  readonly detection?: DetectionOptions | undefined;
};

/** What the intake answered to one request. */
export type ObservedAnswer = {
  readonly status: number;
  readonly events: number;
  readonly tookMs: number;
  /** The first few. */
  readonly eventIds: string[];
  readonly note: string | null;
};

export type LocalIntake = {
  /** `http://127.0.0.1:<port>`, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  readonly faults: Faults;
  /** Events accepted so far, those of a reopened database included. */
  count(): number;
  stats(): IntakeStats;
  /** What it holds, to be searched in this process. */
  readonly store: EventStore;
  readonly alerts: Alerts;
  /** Tells every answer to a request that brought events. @returns ends it. */
  observe(listener: (answer: ObservedAnswer) => void): () => void;
  /** Stored events, newest first. */
  events(query?: EventQuery): readonly StoredEvent[];
  close(): Promise<void>;
};

type EventsAnswer = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is instead of the body. */
  readonly page?: string | undefined;
  /** A byte of the body now and then, and no end. */
  readonly dripEveryMs?: number | undefined;
};
type Answer = EventsAnswer | SearchAnswer;

const HOST = "127.0.0.1";
const NO_RULES: DetectionOptions = { rules: [] };
/** Longer than clients keep an idle connection, so that none is closed under a request on its way. */
const KEEP_ALIVE_MS = 120_000;

/**
 * An HTTP intake for one machine: takes events as the platform's intake does and lets one search them.
 * @throws LocalServerFailed when the port is taken or the database cannot be opened.
 */
export async function startIntake(options: IntakeOptions = {}): Promise<LocalIntake> {
  const store = openDatabase(options);
  const alerts = new Alerts({ store, detection: options.detection ?? NO_RULES });
  const insert: EventStore["insert"] = (events, eventIds, nowMs) => {
    let isStored = false;
    try {
      store.insert(events, eventIds, nowMs, (stored) => alerts.take(stored));
      isStored = true;
    } finally {
      alerts.settle(isStored);
    }
  };
  const counts = countEvents(store.countByKey());
  const keys = options.keys === undefined ? undefined : new Set(options.keys);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const fail = (cause: Error) =>
        reject(
          new LocalServerFailed(`the local intake cannot listen on ${HOST}:${port}; choose another port`, {
            cause,
          }),
        );
      server.once("error", fail);
      server.listen(port, HOST, () => {
        server.off("error", fail);
        resolve((server.address() as AddressInfo).port);
      });
    });
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const listeners = new Set<(answer: ObservedAnswer) => void>();
  let port = 0;
  const { faults, plan } = planFaults({
    down: stop,
    up: async () => {
      await listen(port);
    },
  });

  const receive = async (endpoint: Endpoint, request: IncomingMessage, url: URL): Promise<Answer | "cut"> => {
    counts.requested();
    const body = await readBody(request);
    const fault = plan.next();
    if (fault?.kind === "answer") {
      return {
        status: fault.status,
        body: { error: `answered ${fault.status} by order` },
        page: fault.page,
        ...(fault.retryAfter !== undefined && { headers: { "retry-after": fault.retryAfter } }),
      };
    }
    if (fault?.kind === "cut" && fault.when === "before") {
      return "cut";
    }
    const status = plan.statusOf?.(body.toString("utf8"));
    if (status !== undefined) {
      return { status, body: { error: `answered ${status} by order` } };
    }
    const answer = takeEvents(endpoint, body, requestKey(request, url), {
      rules: { keys, reasonOf: plan.reasonOf },
      store: options.discard === true ? undefined : { insert },
      counts,
      onAccepted: options.onAccepted,
    });
    if (plan.delayMs > 0) {
      await wait(plan.delayMs);
    }
    if (fault?.kind === "cut") {
      return "cut";
    }
    return fault?.kind === "drip" ? { ...answer, dripEveryMs: fault.everyMs } : answer;
  };
  const answer = async (request: IncomingMessage): Promise<Answer | "cut"> => {
    const url = new URL(request.url ?? "/", `http://${HOST}`);
    const endpoint = ENDPOINTS.find((path) => path === url.pathname);
    if (endpoint !== undefined) {
      const started = performance.now();
      const given = methodOf(request, "POST") ?? (await receive(endpoint, request, url));
      if (given !== "cut" && listeners.size > 0) {
        const observed = observedAnswer(given, performance.now() - started);
        for (const listener of listeners) listener(observed);
      }
      return given;
    }
    if (url.pathname === "/events" || url.pathname.startsWith("/events/")) {
      return methodOf(request, "GET") ?? answerSearch(store, url.pathname, url.searchParams);
    }
    if (url.pathname === "/alerts" || url.pathname.startsWith("/alerts/")) {
      const isChange = url.pathname.split("/").length > 3;
      const refused = methodOf(request, isChange ? "POST" : "GET");
      if (refused !== undefined) return refused;
      return isChange
        ? setAlert(alerts, url.pathname)
        : answerAlerts(alerts, store, url.pathname, url.searchParams);
    }
    if (url.pathname === "/rules") {
      return methodOf(request, "GET") ?? answerRules(alerts);
    }
    if (url.pathname === "/stats") {
      return methodOf(request, "GET") ?? { status: 200, body: counts.stats() };
    }
    throw new Refusal(404, `no endpoint ${url.pathname}`);
  };
  server.on("request", (request, response) => {
    void answer(request)
      .catch(failedAnswer)
      .then(async (given) => reply(response, given))
      .catch(() => response.destroy());
  });

  try {
    port = await listen(options.port ?? 0);
  } catch (cause) {
    await alerts.close();
    store.close();
    throw cause;
  }
  return {
    url: `http://${HOST}:${port}`,
    port,
    faults,
    count: () => counts.total,
    stats: () => counts.stats(),
    events: (query = {}) => store.find(query),
    store,
    alerts,
    observe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      await stop();
      await alerts.close();
      store.close();
    },
  };
}

function openDatabase({ database = ":memory:", parse }: IntakeOptions) {
  try {
    return new EventStore(database, parse);
  } catch (cause) {
    throw new InputInvalid(
      `the local intake cannot open its database ${database}: ${messageOf(cause)}; give the path of a new file in a folder that exists`,
      { cause },
    );
  }
}

const OBSERVED_IDS = 5;

function observedAnswer(given: Answer, tookMs: number): ObservedAnswer {
  if (isStream(given)) return { status: 200, events: 0, tookMs, eventIds: [], note: null };
  const body = given.body as { event_ids?: string[]; event_id?: string; error?: unknown } | null;
  const eventIds = body?.event_ids ?? (body?.event_id === undefined ? [] : [body.event_id]);
  const retryAfter = given.headers?.["retry-after"];
  const note = retryAfter === undefined ? body?.error : `Retry-After ${retryAfter}`;
  return {
    status: given.status,
    events: eventIds.length,
    tookMs,
    eventIds: eventIds.slice(0, OBSERVED_IDS),
    note: note === undefined ? null : String(note),
  };
}

/** The refusal of any other method than `allowed`. */
function methodOf(request: IncomingMessage, allowed: "GET" | "POST"): Answer | undefined {
  return request.method === allowed
    ? undefined
    : { status: 405, body: { error: `only ${allowed} is allowed here` }, headers: { allow: allowed } };
}

function failedAnswer(thrown: unknown): Answer {
  if (thrown instanceof QueryInvalid) {
    const { message, position, length } = thrown;
    return { status: 400, body: { error: message, position, length } };
  }
  return thrown instanceof Refusal
    ? { status: thrown.status, body: { error: thrown.message } }
    : { status: 500, body: { error: `the local intake failed: ${messageOf(thrown)}` } };
}

async function reply(response: ServerResponse, answer: Answer | "cut"): Promise<void> {
  if (answer === "cut") {
    response.socket?.destroy();
    return;
  }
  if (isStream(answer)) {
    const gone = new AbortController();
    response.once("close", () => gone.abort(new Error("the reader left")));
    response.writeHead(200, { "content-type": answer.type, "cache-control": "no-store" });
    response.flushHeaders();
    await pipeline(Readable.from(answer.texts(gone.signal)), response).catch(() => response.destroy());
    return;
  }
  const { status, body, headers, page, dripEveryMs }: EventsAnswer = answer;
  const text = Buffer.from(page ?? JSON.stringify(body));
  response.writeHead(status, {
    "content-type": page === undefined ? "application/json" : "text/html",
    // No answer of this status has a body, and none says how long it is.
    ...(status !== 204 && { "content-length": text.length }),
    ...headers,
  });
  if (dripEveryMs === undefined) {
    response.end(text);
    return;
  }
  let sent = 0;
  const drip = setInterval(() => response.write(text.subarray(sent, ++sent)), dripEveryMs);
  response.on("close", () => clearInterval(drip));
}
