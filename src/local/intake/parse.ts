import type { Dict, Value } from "../../ecs/contract/value.ts";
import { Float } from "../../ecs/contract/value.ts";
import type { Format } from "../../ecs/engine.ts";
import { toJson } from "../../ecs/values/json-text.ts";

/** An ECS event as it is stored. */
export type ParsedEvent = {
  /** JSON text. */
  readonly ecs: string;
  /** `message` is left out of it, since it is the raw event, which is stored already. */
  readonly isMessageRaw: boolean;
  /** What `readEvent` makes of the text; it is read when it is not given. */
  readonly event?: Readonly<Record<string, unknown>>;
};

/** Makes an ECS event of a raw one; undefined when it is not to be parsed. */
export type ParseEvent = (raw: string, intakeKey: string) => ParsedEvent | undefined;

/** An ECS event's JSON with the message that was left out of it. */
export function withMessage(ecs: string, message: string | undefined): string {
  if (message === undefined) {
    return ecs;
  }
  return `${ecs.slice(0, -1)}${ecs === "{}" ? "" : ","}"message":${JSON.stringify(message)}}`;
}

/** Parses every event by one format. */
export function parserOf(format: Format): ParseEvent {
  return (raw) => {
    const { event } = format.parse(raw, { now: new Date() });
    const isMessageRaw = event.get("message") === raw;
    if (isMessageRaw) {
      event.delete("message");
    }
    return { ecs: toJson(event), isMessageRaw, event: plainDict(event) };
  };
}

function plainDict(dict: Dict): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [key, item] of dict) {
    if (key === "__proto__") {
      const value = plainValue(item);
      Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
    } else {
      object[String(key)] = plainValue(item);
    }
  }
  return object;
}

/** Whole numbers that a double cannot hold are kept as their text. */
function plainValue(value: Value): unknown {
  if (typeof value === "bigint") {
    return String(value);
  }
  if (typeof value === "number") {
    return Number.isFinite(value) ? value : null;
  }
  if (typeof value !== "object" || value === null) {
    return value ?? null;
  }
  if (value instanceof Float) {
    return Number.isFinite(value.value) ? value.value : null;
  }
  return Array.isArray(value) ? value.map(plainValue) : plainDict(value);
}
