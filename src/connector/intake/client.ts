import axios, { type AxiosInstance } from "axios";
import type { Clock } from "../../kernel/clock.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/log.ts";
import { LogThrottle } from "../../kernel/log-throttle.ts";
import { type Proxies, type Route, routeTo } from "../../kernel/proxy.ts";
import type { Chunk, Delivery, IntakePort } from "../contract.ts";
import { batchUrl } from "../endpoint/intake.ts";
import { type AnswerBody, readAnswerBody } from "./answer.ts";
import { IntakeMisconfigured, IntakeUnreachable } from "./errors.ts";
import { Gate } from "./gate.ts";
import { KeyProof } from "./key-proof.ts";
import { judge, type Verdict } from "./verdict.ts";

export type IntakeSettings = {
  /** The setting `intake_server`, with or without a path and a slash at its end. */
  readonly server: string;
  readonly userAgent: string;
  readonly proxies: Proxies;
  readonly maxConcurrentRequests: number;
  /** Of silence on the connection. */
  readonly requestTimeoutMs: number;
  /** From the start of a request to the last byte of its answer: one that drips would be waited for without end. */
  readonly exchangeTimeoutMs: number;
  /** Waits between attempts while the intake fails. */
  readonly backoff: { readonly firstMs: number; readonly maxMs: number };
  /** Least wait after an answer that says the configuration is wrong. */
  readonly misconfiguredWaitMs: number;
  /** A no is always the events' fault. For events that are set aside already: nothing is lost if it was the key's. */
  readonly isKeyTrusted: boolean;
};

export const INTAKE_DEFAULTS = {
  maxConcurrentRequests: 40,
  requestTimeoutMs: 30_000,
  exchangeTimeoutMs: 60_000,
  backoff: { firstMs: 500, maxMs: 60_000 },
  misconfiguredWaitMs: 30_000,
} as const;

export type IntakePorts = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** `null` when the intake answers well again. */
  failing(sinceMs: number | null, cause: string): void;
  /** Every answer, and every request that got none. */
  answered?(answer: SeenAnswer): void;
};

/** One answer of the intake, as a person reads it; no secret. */
export type SeenAnswer = {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** 0 when no answer came. */
  readonly status: number;
  /** Those it accepted. */
  readonly events: number;
  readonly durationMs: number;
  /** The first few. */
  readonly eventIds: readonly string[];
  /** What went wrong; null with a plain success. */
  readonly note: string | null;
};

/** An answer names each event: an id takes 40 bytes, a refusal a sentence. */
const ANSWER_BYTES_A_RECORD = 512;
const LEAST_ANSWER_BYTES = 1024 * 1024;
/** Events of a chunk that were refused and wait for the proof of the key, before the search goes on. */
const MAX_SUSPECTS = 32;
/** While the intake fails, one log line in this time. */
const REPEAT_LOG_MS = 60_000;

type Retry = Extract<Verdict, { kind: "retry" }>;
type Final = Exclude<Verdict, Retry>;
type Attempt<V extends Verdict = Verdict> = {
  readonly verdict: V;
  readonly status: number;
  readonly durationMs: number;
};
type FinalAnswer = Attempt<Final> & { readonly isFirstAttempt: boolean };

/** Sends chunks to `/batch` and repeats until each record is accepted or refused for good. */
export class IntakeClient implements IntakePort {
  readonly #settings: IntakeSettings;
  readonly #ports: IntakePorts;
  readonly #gate: Gate;
  readonly #keyProof: KeyProof;
  readonly #http: AxiosInstance;
  readonly #route: Route;
  readonly #throttle: LogThrottle;

  constructor(settings: IntakeSettings, ports: IntakePorts) {
    this.#settings = settings;
    this.#ports = ports;
    const { maxConcurrentRequests: maxConcurrent, backoff } = settings;
    this.#gate = new Gate({ maxConcurrent, backoff }, ports);
    this.#keyProof = new KeyProof(ports.clock);
    this.#throttle = new LogThrottle(ports.clock, REPEAT_LOG_MS);
    this.#route = routeTo(new URL(settings.server), settings.proxies);
    this.#http = axios.create({
      ...this.#route,
      timeout: settings.requestTimeoutMs,
      maxRedirects: 0,
      maxBodyLength: Number.POSITIVE_INFINITY,
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

  deliver(chunk: Chunk, signal: AbortSignal): Promise<Delivery> {
    return this.#deliver(chunk, signal, undefined);
  }

  /** @param doubtedAfter Of the chunk's first no, if it had one; see `KeyProof`. */
  async #deliver(chunk: Chunk, signal: AbortSignal, doubtedAfter: number | undefined): Promise<Delivery> {
    const answer = await this.#sendUntilFinal(chunk, signal, doubtedAfter);
    if (answer.verdict.kind === "split" && chunk.recordCount > 1) {
      return this.#isolate(chunk, signal);
    }
    return settle(chunk, answer);
  }

  /** Sends the chunk until it is accepted, refused or to be split. */
  async #sendUntilFinal(
    chunk: Chunk,
    signal: AbortSignal,
    doubtedAfter: number | undefined,
    isKeyTrusted = this.#settings.isKeyTrusted,
  ): Promise<FinalAnswer> {
    let doubt = doubtedAfter;
    const isKeyProven = () => isKeyTrusted || (doubt !== undefined && this.#keyProof.isProven(doubt));
    for (let isFirstAttempt = true; ; isFirstAttempt = false) {
      if (doubt !== undefined && !isKeyProven()) {
        await this.#keyProof.wait(doubt, this.#settings.misconfiguredWaitMs, signal);
      }
      const { verdict, status, durationMs } = await this.#attempt(chunk, signal, isKeyProven);
      if (verdict.kind !== "retry") {
        return { verdict, status, durationMs, isFirstAttempt };
      }
      if (verdict.isDoubtful) {
        doubt ??= this.#keyProof.newest;
      }
    }
  }

  /**
   * Finds the records of a chunk that the intake does not take. Each is sent once more alone, after the key was proven
   * good since its own answer: should the key be withdrawn meanwhile, none is set aside.
   */
  async #isolate(chunk: Chunk, signal: AbortSignal): Promise<Delivery> {
    const deliveries: Delivery[] = [];
    const suspects: { readonly index: number; readonly doubtedAfter: number }[] = [];
    const deliverSuspect = async () => {
      const suspect = suspects.shift();
      if (suspect === undefined) {
        return;
      }
      const { index, doubtedAfter } = suspect;
      deliveries.push(await this.#deliver(chunk.slice(index, index + 1), signal, doubtedAfter));
    };
    // Ranges, not slices: memory holds one part at a time.
    const ranges: Range[] = halvesOf(0, chunk.recordCount);
    for (let range = ranges.shift(); range !== undefined; range = ranges.shift()) {
      const [from, to] = range;
      const part = chunk.slice(from, to);
      const answer = await this.#sendUntilFinal(part, signal, undefined, true);
      if (answer.verdict.kind !== "split") {
        deliveries.push(settle(part, answer));
      } else if (part.recordCount > 1) {
        ranges.unshift(...halvesOf(from, to));
      } else {
        suspects.push({ index: from, doubtedAfter: this.#keyProof.newest });
      }
      // An intake that takes nothing at all is not asked for each event.
      if (suspects.length >= MAX_SUSPECTS) {
        await deliverSuspect();
      }
    }
    while (suspects.length > 0) {
      await deliverSuspect();
    }
    return deliveries.reduce(joined);
  }

  /** One request, once the gate lets it through. */
  async #attempt(chunk: Chunk, signal: AbortSignal, isKeyProven: () => boolean): Promise<Attempt> {
    const startedAtMs = await this.#gate.enter(signal);
    const request = this.#keyProof.started();
    try {
      const { verdict, status, eventIds } = await this.#post(chunk, signal, isKeyProven);
      const atMs = this.#ports.clock.now();
      const durationMs = atMs - startedAtMs;
      const events = verdict.kind === "accepted" ? chunk.recordCount - verdict.refused.length : 0;
      this.#ports.answered?.({ atMs, status, events, durationMs, eventIds, note: noteOf(verdict) });
      if (verdict.kind === "retry") {
        this.#failed(verdict, startedAtMs);
      }
      // A no for the events says nothing of the intake's state.
      else if (verdict.kind === "accepted") {
        this.#succeeded();
      }
      if (verdict.kind === "accepted" && verdict.refused.length < chunk.recordCount) {
        this.#keyProof.accepted(request);
      }
      return { verdict, status, durationMs };
    } finally {
      this.#gate.leave();
    }
  }

  async #post(
    chunk: Chunk,
    signal: AbortSignal,
    isKeyProven: () => boolean,
  ): Promise<{ verdict: Verdict; status: number; eventIds: readonly string[] }> {
    signal.throwIfAborted();
    const { server, exchangeTimeoutMs } = this.#settings;
    // One for each request, so not `AbortSignal.any`: its weak references cost more than the request's headers.
    const exchange = new AbortController();
    const giveUp = () => exchange.abort(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    let isTimeUp = false;
    const timer = setTimeout(() => {
      isTimeUp = true;
      exchange.abort();
    }, exchangeTimeoutMs);
    try {
      const response = await this.#http.post<AnswerBody>(batchUrl(server), chunk.body, {
        signal: exchange.signal,
        maxContentLength: LEAST_ANSWER_BYTES + chunk.recordCount * ANSWER_BYTES_A_RECORD,
      });
      const retryAfter: unknown = response.headers["retry-after"];
      const answer = {
        status: response.status,
        retryAfter: typeof retryAfter === "string" ? retryAfter : undefined,
        body: response.data,
      };
      const verdict = judge(answer, chunk.recordCount, this.#ports.clock.now(), isKeyProven());
      return { verdict, status: response.status, eventIds: response.data.firstIds };
    } catch (thrown) {
      if (signal.aborted) {
        throw signal.reason;
      }
      // Only the message: the error of axios holds the request, and with it the key.
      const reason = isTimeUp ? `no whole answer within ${exchangeTimeoutMs / 1000} s` : messageOf(thrown);
      const error = new IntakeUnreachable(
        `the intake cannot be reached (${reason}); the same events are sent again`,
      );
      const verdict: Verdict = { kind: "retry", error, waitMs: undefined, isDoubtful: false };
      return { verdict, status: 0, eventIds: [] };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    }
  }

  #failed(verdict: Retry, startedAtMs: number): void {
    const { failingSinceMs } = this.#gate;
    const wasFailing = failingSinceMs !== null;
    // It may be the fault of one event. So the next request goes soon, and if that is answered so too, it is the key's.
    const isInDoubt = verdict.isDoubtful && !(wasFailing && startedAtMs > failingSinceMs);
    const isMisconfigured = verdict.error instanceof IntakeMisconfigured && !isInDoubt;
    const leastWaitMs = Math.max(
      verdict.waitMs ?? 0,
      isMisconfigured ? this.#settings.misconfiguredWaitMs : 0,
    );
    const waitMs = this.#gate.failed(startedAtMs, leastWaitMs);
    this.#ports.failing(this.#gate.failingSinceMs, verdict.error.message);
    if (!wasFailing) {
      this.#throttle.clear();
    }
    if (!this.#throttle.isDue(isInDoubt ? "doubt" : "failing")) {
      return;
    }
    this.#ports.logger.log(isMisconfigured ? "error" : "warning", verdict.error.message, {
      code: verdict.error.code,
      nextAttemptInMs: waitMs,
    });
  }

  #succeeded(): void {
    const sinceMs = this.#gate.failingSinceMs;
    this.#gate.succeeded();
    if (sinceMs === null) {
      return;
    }
    this.#ports.logger.log("info", "the intake accepts events again", {
      failedForMs: this.#ports.clock.now() - sinceMs,
    });
    this.#ports.failing(null, "");
  }
}

function noteOf(verdict: Verdict): string | null {
  switch (verdict.kind) {
    case "retry":
      return verdict.waitMs === undefined
        ? verdict.error.message
        : `Retry-After ${Math.ceil(verdict.waitMs / 1000)} s`;
    case "split":
      return verdict.detail;
    case "accepted": {
      const [first] = verdict.refused;
      return first === undefined ? null : `${verdict.refused.length} refused: ${first.detail}`;
    }
  }
}

type Range = readonly [from: number, to: number];

function halvesOf(from: number, to: number): [Range, Range] {
  const middle = Math.ceil((from + to) / 2);
  return [
    [from, middle],
    [middle, to],
  ];
}

function settle(chunk: Chunk, { verdict, status, durationMs, isFirstAttempt }: FinalAnswer): Delivery {
  const lastAnswer = { status, durationMs };
  if (verdict.kind === "split") {
    const reason = verdict.isTooLarge ? "EVENT_TOO_LARGE" : "INTAKE_REFUSED";
    const refused = [{ record: chunk.recordAt(0), reason, detail: verdict.detail } as const];
    return { refused, accepted: 0, lastAnswer, isBodyFree: false };
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

function joined(first: Delivery, second: Delivery): Delivery {
  return {
    refused: [...first.refused, ...second.refused],
    accepted: first.accepted + second.accepted,
    lastAnswer: second.lastAnswer,
    isBodyFree: false,
  };
}
