import type { Format } from "../../ecs/engine.ts";
import { toJson } from "../../ecs/values/json-text.ts";

/** An ECS event as it is stored. */
export type ParsedEvent = {
  /** JSON text. */
  readonly ecs: string;
  /** `message` is left out of it, since it is the raw event, which is stored already. */
  readonly isMessageRaw: boolean;
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
    return { ecs: toJson(event), isMessageRaw };
  };
}
