import axios, { type AxiosInstance } from "axios";
import type { Clock } from "../../kernel/clock.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/log.ts";
import { type Proxies, type Route, routeTo } from "../../kernel/proxy.ts";
import type { Chunk, Delivery, IntakePort } from "../contract.ts";
import { batchUrl } from "../endpoint/intake.ts";
import { IntakeMisconfigured, IntakeUnreachable } from "./errors.ts";
import { Gate } from "./gate.ts";
import { type AnswerBody, judge, readAnswerBody, type Verdict } from "./verdict.ts";

export type IntakeSettings = {
  /** The setting `intake_server`, with or without a path and a slash at its end. */
  readonly server: string;
  readonly userAgent: string;
  readonly proxies: Proxies;
  readonly maxConcurrentRequests: number;
  readonly requestTimeoutMs: number;
  /** Waits between attempts while the intake fails. */
  readonly backoff: { readonly firstMs: number; readonly maxMs: number };
  /** Least wait after an answer that says the configuration is wrong. */
  readonly misconfiguredWaitMs: number;
};

export const INTAKE_DEFAULTS = {
  maxConcurrentRequests: 40,
  requestTimeoutMs: 30_000,
  backoff: { firstMs: 500, maxMs: 60_000 },
  misconfiguredWaitMs: 30_000,
} as const;

export type IntakeEvents = {
  /** `null` when the intake answers well again. */
  failing(sinceMs: number | null, cause: string): void;
};

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** While the intake fails, one log line in this time. */
const REPEAT_LOG_MS = 60_000;

type Attempt = { readonly verdict: Verdict; readonly status: number; readonly durationMs: number };

/** Sends chunks to `/batch` and repeats until each record is accepted or refused for good. */
export class IntakeClient implements IntakePort {
  readonly #settings: IntakeSettings;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #events: IntakeEvents;
  readonly #gate: Gate;
  readonly #http: AxiosInstance;
  readonly #route: Route;
  #nextLogAtMs = 0;

  constructor(
    settings: IntakeSettings,
    clock: Clock,
    random: () => number,
    logger: Logger,
    events: IntakeEvents,
  ) {
    this.#settings = settings;
    this.#clock = clock;
    this.#logger = logger;
    this.#events = events;
    this.#gate = new Gate(
      { maxConcurrent: settings.maxConcurrentRequests, backoff: settings.backoff },
      clock,
      random,
    );
    this.#route = routeTo(new URL(settings.server), settings.proxies);
    this.#http = axios.create({
      ...this.#route,
      timeout: settings.requestTimeoutMs,
      maxRedirects: 0,
      maxBodyLength: Number.POSITIVE_INFINITY,
      maxContentLength: MAX_ANSWER_BYTES,
      responseType: "text",
      validateStatus: () => true,
      // The body is a finished Buffer: nothing to be transformed.
      transformRequest: [(data: unknown) => data],
      transformResponse: [readAnswerBody],
      headers: { "Content-Type": "application/json", "User-Agent": settings.userAgent },
    });
  }

  /** Closes idle connections. */
  close(): void {
    this.#route.httpAgent.destroy();
    this.#route.httpsAgent.destroy();
  }

  async deliver(chunk: Chunk, signal: AbortSignal): Promise<Delivery> {
    for (let isFirstAttempt = true; ; ) {
      const { verdict, status, durationMs } = await this.#attempt(chunk, signal);
      if (verdict.kind === "again") {
        isFirstAttempt = false;
        continue;
      }
      if (verdict.kind === "split" && chunk.recordCount > 1) return this.#deliverHalves(chunk, signal);
      const lastAnswer = { status, durationMs };
      if (verdict.kind === "split") {
        const reason = verdict.isTooLarge ? "EVENT_TOO_LARGE" : "INTAKE_REFUSED";
        return {
          refused: [{ record: chunk.recordAt(0), reason, detail: verdict.detail }],
          accepted: 0,
          lastAnswer,
          isBodyFree: false,
        };
      }
      return {
        refused: verdict.refused.map(({ index, detail }) => ({
          record: chunk.recordAt(index),
          reason: "INTAKE_REFUSED",
          detail,
        })),
        accepted: chunk.recordCount - verdict.refused.length,
        lastAnswer,
        isBodyFree: isFirstAttempt,
      };
    }
  }

  async #deliverHalves(chunk: Chunk, signal: AbortSignal): Promise<Delivery> {
    const middle = Math.ceil(chunk.recordCount / 2);
    const first = await this.deliver(chunk.slice(0, middle), signal);
    const second = await this.deliver(chunk.slice(middle, chunk.recordCount), signal);
    return {
      refused: [...first.refused, ...second.refused],
      accepted: first.accepted + second.accepted,
      lastAnswer: second.lastAnswer,
      isBodyFree: false,
    };
  }

  /** One request, once the gate lets it through. */
  async #attempt(chunk: Chunk, signal: AbortSignal): Promise<Attempt> {
    const startedAtMs = await this.#gate.enter(signal);
    try {
      const { verdict, status } = await this.#post(chunk, signal);
      if (verdict.kind === "again") this.#failed(verdict, startedAtMs);
      else this.#succeeded();
      return { verdict, status, durationMs: this.#clock.now() - startedAtMs };
    } finally {
      this.#gate.leave();
    }
  }

  async #post(chunk: Chunk, signal: AbortSignal): Promise<{ verdict: Verdict; status: number }> {
    try {
      const response = await this.#http.post<AnswerBody>(batchUrl(this.#settings.server), chunk.body, {
        signal,
      });
      const retryAfter: unknown = response.headers["retry-after"];
      const answer = {
        status: response.status,
        retryAfter: typeof retryAfter === "string" ? retryAfter : undefined,
        body: response.data,
      };
      return { verdict: judge(answer, chunk.recordCount, this.#clock.now()), status: response.status };
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      // Only the message: the error of axios holds the request, and with it the key.
      const error = new IntakeUnreachable(
        `the intake cannot be reached (${messageOf(thrown)}); the same events are sent again`,
      );
      return { verdict: { kind: "again", error, waitMs: undefined }, status: 0 };
    }
  }

  #failed(verdict: Extract<Verdict, { kind: "again" }>, startedAtMs: number): void {
    const isMisconfigured = verdict.error instanceof IntakeMisconfigured;
    const leastWaitMs = Math.max(
      verdict.waitMs ?? 0,
      isMisconfigured ? this.#settings.misconfiguredWaitMs : 0,
    );
    const wasFailing = this.#gate.failingSinceMs !== null;
    const waitMs = this.#gate.failed(startedAtMs, leastWaitMs);
    this.#events.failing(this.#gate.failingSinceMs, verdict.error.message);
    const now = this.#clock.now();
    if (wasFailing && now < this.#nextLogAtMs) return;
    this.#nextLogAtMs = now + REPEAT_LOG_MS;
    this.#logger.log(isMisconfigured ? "critical" : "warning", verdict.error.message, {
      code: verdict.error.code,
      nextAttemptInMs: waitMs,
    });
  }

  #succeeded(): void {
    const sinceMs = this.#gate.failingSinceMs;
    this.#gate.succeeded();
    if (sinceMs === null) return;
    this.#logger.log("info", "the intake takes events again", { failedForMs: this.#clock.now() - sinceMs });
    this.#events.failing(null, "");
  }
}
