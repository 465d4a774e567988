import { counted } from "../../kernel/counted.ts";
import { type Answer, type Refusal, readRefusals } from "./answer.ts";
import { IntakeMisconfigured, IntakeUnreachable } from "./errors.ts";

/**
 * What an answer means for the chunk it answers.
 * `accepted`: every record but those refused. `retry`: the same bytes, later. `split`: smaller parts; a single record
 * that is still answered so is refused for good.
 */
export type Verdict =
  | { readonly kind: "accepted"; readonly refused: readonly Refusal[] }
  | {
      readonly kind: "retry";
      readonly error: IntakeUnreachable | IntakeMisconfigured;
      readonly waitMs: number | undefined;
      /** It may be the fault of an event: once the key is proven good, the same answer is. */
      readonly isDoubtful: boolean;
    }
  | { readonly kind: "split"; readonly isTooLarge: boolean; readonly detail: string };

/** By their meaning these are never an event's fault: a wrong key, address or proxy, or a filter on the way. */
const NEVER_AN_EVENTS_FAULT: Readonly<Record<number, string>> = {
  401: "check intake_key",
  403: "check intake_key, and whether this address may reach the intake",
  404: "check intake_server",
  405: "check intake_server: something else answers there",
  407: "check proxy_url: the proxy asks for a user and password",
};

/** The longest wait that an answer may ask for. */
const MAX_RETRY_AFTER_MS = 15 * 60_000;

/**
 * @param records How many records the request carried.
 * @param nowMs For a `Retry-After` that names a date.
 * @param isKeyProven Whether the intake took other events with this key since, so that a no is the events' fault.
 */
export function judge(answer: Answer, records: number, nowMs: number, isKeyProven = false): Verdict {
  const { status } = answer;
  const waitMs = retryAfterMs(answer.retryAfter, nowMs);
  if (status >= 200 && status < 300) {
    return judgeSuccess(answer, records, waitMs, isKeyProven);
  }
  if (status === 408 || status === 429 || status >= 500) {
    const error = new IntakeUnreachable(`the intake answered HTTP ${status}; the same events are sent again`);
    return { kind: "retry", error, waitMs, isDoubtful: false };
  }
  const fixed =
    NEVER_AN_EVENTS_FAULT[status] ??
    (status < 400 ? "check intake_server: it answers with a redirect" : undefined);
  if (fixed !== undefined) {
    return misconfigured(`HTTP ${status}`, fixed, waitMs, false);
  }
  const isTooLarge = status === 413;
  // Smaller parts may be small enough; a single event that is too large must be proven so as any other.
  if (isKeyProven || (isTooLarge && records > 1)) {
    return { kind: "split", isTooLarge, detail: provenDetail(`HTTP ${status}`) };
  }
  const advice =
    "check intake_key and intake_server if no event is accepted, else the event that it does not take is set aside";
  return misconfigured(`HTTP ${status}`, advice, waitMs, true);
}

/**
 * Accepted is only what the answer proves: as many ids as events, or ids and errors that together name each event once.
 * Fewer ids leave open which events were taken, so the chunk is searched as for a no. Anything else is another server:
 * a proxy's page, a load balancer's "ok".
 */
function judgeSuccess(
  { status, body }: Answer,
  records: number,
  waitMs: number | undefined,
  isKeyProven: boolean,
): Verdict {
  const { eventIds, errors, beginning } = body;
  const answered = `HTTP ${status}`;
  if (eventIds === undefined || eventIds > records) {
    const said = beginning === "" ? "and no list of event ids" : `and this: ${beginning}`;
    return misconfigured(`${answered} ${said}`, "this is not the intake; check intake_server", waitMs, false);
  }
  const refused = readRefusals(errors, records);
  if (eventIds === records) {
    return { kind: "accepted", refused: refused ?? [] };
  }
  const isAccountedFor = refused !== undefined && eventIds + refused.length === records;
  // An answer that refuses everything proves no key.
  if (isAccountedFor && (eventIds > 0 || isKeyProven)) {
    return { kind: "accepted", refused };
  }
  const short = `${answered} with ${counted(eventIds, "event id")} for ${counted(records, "event")}`;
  if (isKeyProven) {
    return { kind: "split", isTooLarge: false, detail: provenDetail(short) };
  }
  return misconfigured(short, "check intake_key and intake_server if no event is accepted", waitMs, true);
}

function misconfigured(
  answered: string,
  advice: string,
  waitMs: number | undefined,
  isDoubtful: boolean,
): Verdict {
  const error = new IntakeMisconfigured(
    `the intake answered ${answered}: ${advice}; nothing is lost, the hub keeps the events`,
  );
  return { kind: "retry", error, waitMs, isDoubtful };
}

function provenDetail(answered: string): string {
  return `the intake answered ${answered}, while it took other events with the same key`;
}

/** Seconds or a date (RFC 9110 §10.2.3), in milliseconds from now; undefined when it says neither. */
function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) {
    return undefined;
  }
  const delayMs = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(delayMs) ? undefined : Math.min(Math.max(0, delayMs), MAX_RETRY_AFTER_MS);
}
