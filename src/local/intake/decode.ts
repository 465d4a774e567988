import { arrayItems } from "./array-items.ts";
import { Refusal } from "./refusal.ts";

/** The endpoints that take events. */
export const ENDPOINTS = ["/", "/plain", "/plain/batch", "/jsons", "/batch", "/array"] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

export type ReceivedEvent = { readonly intakeKey: string; readonly raw: string };

/** The endpoints that answer `{"event_id"}`; the others answer `{"event_ids"}`. */
export function isSingle(endpoint: Endpoint): boolean {
  return endpoint === "/" || endpoint === "/plain";
}

/**
 * Takes the events out of a request's body, in their order.
 * A sender's own timestamps (`@timestamp`, `timestamp`) are read over: the search is by reception time.
 * @param requestKey The key of the header or address; the endpoints whose body carries the key ignore it.
 * @throws Refusal 400 when the body has not the endpoint's shape, 401 when it needs a key and has none.
 */
export function decodeEvents(
  endpoint: Endpoint,
  body: Buffer,
  requestKey: string | undefined,
): readonly ReceivedEvent[] {
  const text = body.toString("utf8");
  switch (endpoint) {
    case "/":
      return [entryOf(parseJson(text), "the body")];
    case "/array":
      return arrayOf(parseJson(text), "the body").map((item, index) => entryOf(item, `item ${index}`));
    case "/batch":
      return batchOf(parseJson(text));
    case "/plain":
      return [{ intakeKey: present(requestKey), raw: filled(text) }];
    case "/plain/batch":
      return linesOf(text, present(requestKey));
    case "/jsons": {
      const intakeKey = present(requestKey);
      const items = arrayOf(parseJson(text), "the body");
      // Objects are kept as the text they had: parsed and written again they would lose bytes.
      return arrayItems(text).map((slice, index) => {
        const item = items[index];
        return { intakeKey, raw: typeof item === "string" ? item : slice };
      });
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "the body is not JSON");
  }
}

function arrayOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new Refusal(400, `${what} must be an array`);
  }
  return value;
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal(400, `${what} must be an object`);
  }
  return value as Record<string, unknown>;
}

function stringOf(value: unknown, what: string): string {
  if (typeof value !== "string") {
    throw new Refusal(400, `${what} must be a string`);
  }
  return value;
}

function entryOf(value: unknown, what: string): ReceivedEvent {
  const entry = objectOf(value, what);
  return {
    intakeKey: stringOf(entry["intake_key"], `intake_key of ${what}`),
    raw: stringOf(entry["json"], `json of ${what}`),
  };
}

function batchOf(value: unknown): readonly ReceivedEvent[] {
  const batch = objectOf(value, "the body");
  const intakeKey = stringOf(batch["intake_key"], "intake_key");
  return arrayOf(batch["jsons"], "jsons").map((item, index) => ({
    intakeKey,
    raw: stringOf(item, `jsons[${index}]`),
  }));
}

function linesOf(text: string, intakeKey: string): readonly ReceivedEvent[] {
  return filled(text)
    .split("\n")
    .filter((line) => line !== "")
    .map((raw) => ({ intakeKey, raw }));
}

function present(requestKey: string | undefined): string {
  if (requestKey === undefined || requestKey === "") {
    throw new Refusal(
      401,
      "the request names no intake key; send X-SEKOIAIO-INTAKE-KEY, a Basic password or ?intake_key=",
    );
  }
  return requestKey;
}

function filled(text: string): string {
  if (text === "") {
    throw new Refusal(400, "the body is empty");
  }
  return text;
}
