import type { Clock } from "../../kernel/clock.ts";
import { sleep } from "../../kernel/clock.ts";
import type { ControlPlane } from "../control-plane.ts";
import { describeFailure, exchange, isSuccess } from "../control-plane.ts";
import { SecretsUnavailable } from "../errors.ts";
import type { JsonObject } from "./settings-schema.ts";
import { isObject } from "./settings-schema.ts";

const ATTEMPTS = 10;
const TIMEOUT_MS = 30_000;
const MAX_WAIT_MS = 10_000;

/**
 * The secrets of the module, by name.
 * @throws SecretsUnavailable after ten attempts, with waits of 1, 2, 4, 8 and then 10 s; the signal's reason once it aborts.
 */
export async function fetchSecrets(
  plane: ControlPlane,
  clock: Clock,
  signal: AbortSignal,
): Promise<JsonObject> {
  if (plane.secretsUrl === undefined) {
    throw new SecretsUnavailable(
      "the module has secrets but no address to get them from; set url_secrets or url_callback",
    );
  }
  for (let attempt = 0; ; attempt++) {
    const outcome = await exchange(plane, { method: "GET", url: plane.secretsUrl }, TIMEOUT_MS, signal);
    if (isSuccess(outcome) && isObject(outcome.body) && isObject(outcome.body["value"])) {
      return outcome.body["value"];
    }
    if (attempt + 1 === ATTEMPTS) {
      const cause = isSuccess(outcome) ? "an answer without a value" : describeFailure(outcome);
      throw new SecretsUnavailable(
        `the platform did not hand out the module's secrets in ${ATTEMPTS} attempts (${cause}); check token and url_secrets`,
      );
    }
    await sleep(clock, Math.min(MAX_WAIT_MS, 1000 * 2 ** attempt), signal);
  }
}
