import { randomUUID } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import { sleep } from "../kernel/clock.ts";
import type { JsonObject } from "./config/settings-schema.ts";
import type { ControlPlane } from "./control-plane.ts";
import { describeFailure, exchange, isSuccess } from "./control-plane.ts";
import { CallbackFailed } from "./errors.ts";

const ATTEMPTS = 10;
const TIMEOUT_MS = 30_000;

/**
 * Starts a playbook run on the platform.
 * @param directory Where the platform finds files that belong to the event.
 * @throws CallbackFailed; the signal's reason once it aborts.
 */
export type SendEvent = (name: string, event: JsonObject, directory?: string) => Promise<void>;

/** A refusal (4xx) ends the attempts at once; anything else is tried ten times with waits of 1, 2, 4 … 256 s. */
export function createSendEvent(plane: ControlPlane, clock: Clock, signal: AbortSignal): SendEvent {
  return async (name, event, directory) => {
    const url = plane.callbackUrl;
    if (url === undefined) {
      throw new CallbackFailed(`the event ${name} has nowhere to go; set url_callback`);
    }
    // The same id for all attempts: the platform can tell a repetition from a second event.
    const data = { name, event, request_id: randomUUID(), ...(directory === undefined ? {} : { directory }) };
    for (let attempt = 0; ; attempt++) {
      const outcome = await exchange(plane, { method: "POST", url, data }, TIMEOUT_MS, signal);
      if (isSuccess(outcome)) {
        return;
      }
      const refused = outcome.status !== undefined && outcome.status >= 400 && outcome.status < 500;
      if (refused || attempt + 1 === ATTEMPTS) {
        throw new CallbackFailed(
          `the platform did not take the event ${name} (${describeFailure(outcome)}); check token and url_callback`,
        );
      }
      await sleep(clock, 1000 * 2 ** attempt, signal);
    }
  };
}
