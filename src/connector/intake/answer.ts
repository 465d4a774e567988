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
  /** The first of them, for a person. */
  readonly firstIds: readonly string[];
  readonly errors: readonly unknown[];
  /** How an answer without a list of ids begins, for the log: ASCII, without the intake key. */
  readonly beginning: string;
};

export type Refusal = { readonly index: number; readonly detail: string };

const FIRST_IDS = 5;
const ID_CHARS = 64;
const BEGINNING_CHARS = 100;
const REASON_CHARS = 200;

/**
 * Reads an answer's body. Nothing else of it is kept: a thousand event ids for each request would soon be what memory
 * is full of.
 */
export function readAnswerBody(given: unknown): AnswerBody {
  const text = typeof given === "string" ? given : "";
  const body = parseJson(text);
  const { event_ids: ids, errors } =
    typeof body === "object" && body !== null ? (body as { event_ids?: unknown; errors?: unknown }) : {};
  const hasIds = Array.isArray(ids);
  const named = hasIds ? ids.filter((id): id is string => typeof id === "string" && id !== "") : [];
  return {
    eventIds: hasIds ? named.length : undefined,
    firstIds: named.slice(0, FIRST_IDS).map((id) => id.slice(0, ID_CHARS)),
    errors: Array.isArray(errors) ? errors : [],
    beginning: hasIds ? "" : beginningOf(text),
  };
}

/**
 * The events of a request that an answer's `errors` refuse, by their index.
 * @returns undefined when an entry names no event of the request, or one twice: such a list proves nothing.
 */
export function readRefusals(errors: readonly unknown[], records: number): readonly Refusal[] | undefined {
  const refusals = new Map<number, Refusal>();
  for (const error of errors) {
    if (typeof error !== "object" || error === null) {
      return undefined;
    }
    const { index, reason } = error as { index?: unknown; reason?: unknown };
    if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= records) {
      return undefined;
    }
    if (refusals.has(index)) {
      return undefined;
    }
    const why = typeof reason === "string" ? reason.slice(0, REASON_CHARS) : "no reason given";
    refusals.set(index, { index, detail: `the intake refused the event: ${why}` });
  }
  return [...refusals.values()];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // An answer without JSON proves nothing, whatever it says.
    return undefined;
  }
}

/** A server that sends the request back would put the key into the log. */
function beginningOf(text: string): string {
  return text
    .slice(0, 4 * BEGINNING_CHARS)
    .replace(/"intake_key"\s*:\s*"[^"]*"?/g, '"intake_key":"…"')
    .slice(0, BEGINNING_CHARS)
    .replaceAll(/[^\x20-\x7e…]+/g, " ")
    .trim();
}
