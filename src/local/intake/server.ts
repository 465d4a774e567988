import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf } from "../../kernel/errors.ts";
import { LocalServerFailed } from "../errors.ts";
import { answerAlerts, answerRules, setAlert } from "./alerts/alert-api.ts";
import type { Alerts } from "./alerts/alerts.ts";
import { type CoreOptions, openCore } from "./core.ts";
import { countEvents, type IntakeStats } from "./counts.ts";
import { ENDPOINTS, type Endpoint } from "./decode.ts";
import { type EventsAnswer, type Interference, NO_INTERFERENCE } from "./interference.ts";
import { QueryInvalid } from "./query/query.ts";
import { Refusal } from "./refusal.ts";
import { readBody } from "./request-body.ts";
import { requestKey } from "./request-key.ts";
import { answerSearch, isStream, type SearchAnswer } from "./search-api.ts";
import type { EventQuery, EventStore, StoredEvent } from "./store.ts";
import { takeEvents } from "./take.ts";

export type IntakeOptions = CoreOptions & {
  /** 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** The known intake keys; every key is known unless given. */
  readonly keys?: readonly string[] | undefined;
  /** Counts the events and keeps none: a sink for measurements. */
  readonly discard?: boolean | undefined;
  /** Gets the raw text of each event as it is accepted, before the answer. */
  readonly onAccepted?: ((raw: string) => void) | undefined;
  readonly interference?: Interference | undefined;
};

export type LocalIntake = {
  /** `http://127.0.0.1:<port>`, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Events accepted so far, those of a reopened database included. */
  count(): number;
  stats(): IntakeStats;
  /** What it holds, to be searched in this process. */
  readonly store: EventStore;
  readonly alerts: Alerts;
  /**
   * Waits until all that was accepted is parsed, held against the rules, and can be found.
   * @returns false when that took longer than `withinMs`.
   */
  settled(withinMs?: number): Promise<boolean>;
  /** The same for an answer, which waits no longer than a person would. */
  settledSoon(): Promise<void>;
  /** Stored events, newest first. */
  events(query?: EventQuery): readonly StoredEvent[];
  /** Stops listening and ends all connections; the events stay. */
  suspend(): Promise<void>;
  /** Listens again, on the same port. */
  resume(): Promise<void>;
  close(): Promise<void>;
};

type Answer = EventsAnswer | SearchAnswer;

const HOST = "127.0.0.1";
/** Longer than clients keep an idle connection, so that none is closed under a request on its way. */
const KEEP_ALIVE_MS = 120_000;

/**
 * An HTTP intake for one machine: takes events as the platform's intake does and lets one search them.
 * @throws LocalServerFailed when the port is taken or the database cannot be opened.
 */
export async function startIntake(options: IntakeOptions = {}): Promise<LocalIntake> {
  const core = openCore(options);
  const { store, alerts, pipeline } = core;
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
  let port = 0;
  const interference = options.interference ?? NO_INTERFERENCE;

  const receive = async (
    endpoint: Endpoint,
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<Answer | "answered"> => {
    counts.requested();
    const body = await readBody(request);
    if (options.discard !== true) {
      await pipeline.room();
    }
    const accept = () =>
      takeEvents(endpoint, body, requestKey(request, url), {
        rules: { keys, reasonOf: interference.reasonOf },
        store: options.discard === true ? undefined : pipeline,
        counts,
        onAccepted: options.onAccepted,
      });
    return interference.meet({ body, response, accept });
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<Answer | "answered"> => {
    const url = new URL(request.url ?? "/", `http://${HOST}`);
    const endpoint = ENDPOINTS.find((path) => path === url.pathname);
    if (endpoint !== undefined) {
      return methodOf(request, "POST") ?? receive(endpoint, request, response, url);
    }
    if (/^\/(?:events|alerts|rules)\b/.test(url.pathname)) {
      await pipeline.settledSoon();
    }
    if (url.pathname === "/events" || url.pathname.startsWith("/events/")) {
      return methodOf(request, "GET") ?? answerSearch(store, url.pathname, url.searchParams);
    }
    if (url.pathname === "/alerts" || url.pathname.startsWith("/alerts/")) {
      const isChange = url.pathname.split("/").length > 3;
      const refused = methodOf(request, isChange ? "POST" : "GET");
      if (refused !== undefined) {
        return refused;
      }
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
    void answer(request, response)
      .catch(failedAnswer)
      .then(async (given) => reply(response, given))
      .catch(() => response.destroy());
  });

  try {
    port = await listen(options.port ?? 0);
  } catch (cause) {
    await core.close();
    throw cause;
  }
  return {
    url: `http://${HOST}:${port}`,
    port,
    count: () => counts.total,
    stats: () => counts.stats(),
    settled: (withinMs) => pipeline.settled(withinMs),
    settledSoon: () => pipeline.settledSoon(),
    events: (query = {}) => store.find(query),
    store,
    alerts,
    suspend: stop,
    resume: async () => {
      await listen(port);
    },
    async close() {
      await stop();
      await core.close();
    },
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
  if (thrown instanceof Refusal) {
    const { status, message, retryAfterSeconds: seconds } = thrown;
    const headers = seconds === undefined ? {} : { "retry-after": String(seconds) };
    return { status, body: { error: message }, headers };
  }
  return { status: 500, body: { error: `the local intake failed: ${messageOf(thrown)}` } };
}

async function reply(response: ServerResponse, answer: Answer | "answered"): Promise<void> {
  if (answer === "answered") {
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
  const { status, body, headers }: EventsAnswer = answer;
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": text.length,
    ...headers,
  });
  response.end(text);
}
