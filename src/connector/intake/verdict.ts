import { IntakeMisconfigured, IntakeUnreachable } from "./errors.ts";

/** An answer of the intake, as far as the verdict needs it. */
export type Answer = {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: AnswerBody;
};

/** What counts of an answer's body. */
export type AnswerBody = {
  /** How many event ids it names; undefined when it has no list of them. */
  readonly eventIds: number | undefined;
  readonly errors: readonly unknown[];
};

export type Refusal = { readonly index: number; readonly detail: string };

/**
 * What an answer means for the chunk it answers.
 * `accepted`: every record but those refused. `again`: the same bytes, later. `split`: smaller parts; a single record
 * that is still answered so is refused for good.
 */
export type Verdict =
  | { readonly kind: "accepted"; readonly refused: readonly Refusal[] }
  | {
      readonly kind: "retry";
      readonly error: IntakeUnreachable | IntakeMisconfigured;
      readonly waitMs: number | undefined;
    }
  | { readonly kind: "split"; readonly isTooLarge: boolean; readonly detail: string };

const MISCONFIGURED_ADVICE: Readonly<Record<number, string>> = {
  400: "check intake_key and intake_server if no event is accepted, else the event that it does not take is set aside",
  401: "check intake_key",
  403: "check intake_key, and whether this address may reach the intake",
  404: "check intake_server",
};

/** A wrong key or address, or one event that the intake does not take: the answer alone does not tell which. */
export const BAD_REQUEST = 400;

/** The longest wait that an answer may ask for. */
const MAX_RETRY_AFTER_MS = 15 * 60_000;

/**
 * Reads an answer's body. Nothing else of it is kept: a thousand event ids for each request would soon be what memory
 * is full of.
 */
export function readAnswerBody(text: unknown): AnswerBody {
  const body = parseJson(text);
  const { event_ids: ids, errors } =
    typeof body === "object" && body !== null ? (body as { event_ids?: unknown; errors?: unknown }) : {};
  return {
    eventIds: Array.isArray(ids) ? ids.filter((id) => typeof id === "string").length : undefined,
    errors: Array.isArray(errors) ? errors : [],
  };
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text)) as unknown;
  } catch {
    // An answer without JSON tells by its status alone.
    return undefined;
  }
}

/**
 * @param records How many records the request carried.
 * @param nowMs For a `Retry-After` that names a date.
 * @param isKeyProven Whether the intake takes other events with this key, so that a 400 is the events' fault.
 */
export function judge(answer: Answer, records: number, nowMs: number, isKeyProven = false): Verdict {
  const { status } = answer;
  if (status >= 200 && status < 300) return judgeAccepted(answer.body, records);
  if (status === 408 || status === 429 || status >= 500) {
    return {
      kind: "retry",
      error: new IntakeUnreachable(`the intake answered HTTP ${status}; the same events are sent again`),
      waitMs: retryAfterMs(answer.retryAfter, nowMs),
    };
  }
  if (status === 413)
    return { kind: "split", isTooLarge: true, detail: "the intake answered HTTP 413: too large" };
  if (status === BAD_REQUEST && isKeyProven) {
    const detail = "the intake answered HTTP 400, while it took other events with the same key";
    return { kind: "split", isTooLarge: false, detail };
  }
  const advice =
    MISCONFIGURED_ADVICE[status] ??
    (status < 400 ? "check intake_server: it answers with a redirect" : undefined);
  if (advice !== undefined) {
    return {
      kind: "retry",
      error: new IntakeMisconfigured(
        `the intake answered HTTP ${status}: ${advice}; nothing is lost, the hub keeps the events`,
      ),
      waitMs: retryAfterMs(answer.retryAfter, nowMs),
    };
  }
  return { kind: "split", isTooLarge: false, detail: `the intake answered HTTP ${status}` };
}

/**
 * The documentation says that a batch reports its rejected events one by one, but not how. Read here: `errors` with the
 * index of each. Fewer event ids than events and no such list leaves open which were refused, so all count as refused.
 */
function judgeAccepted({ eventIds, errors }: AnswerBody, records: number): Verdict {
  const refused = errors.flatMap((error) => readRefusal(error, records));
  if (eventIds === undefined || eventIds + refused.length >= records) return { kind: "accepted", refused };
  const detail = `the intake answered with ${eventIds} event ids for ${records} events without naming those it refused`;
  return {
    kind: "accepted",
    refused: Array.from({ length: records }, (_, index) => ({ index, detail })),
  };
}

function readRefusal(error: unknown, records: number): Refusal[] {
  if (typeof error !== "object" || error === null) return [];
  const { index, reason } = error as { index?: unknown; reason?: unknown };
  if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= records) return [];
  return [
    {
      index,
      detail: `the intake refused the event: ${typeof reason === "string" ? reason.slice(0, 200) : "no reason given"}`,
    },
  ];
}

/** Seconds or a date (RFC 9110 §10.2.3), in milliseconds from now; undefined when it says neither. */
function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const delayMs = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(delayMs) ? undefined : Math.min(Math.max(0, delayMs), MAX_RETRY_AFTER_MS);
}
