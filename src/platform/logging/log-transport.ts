import type { Logger } from "../../kernel/log.ts";
import type { ControlPlane } from "../control-plane.ts";
import { describeFailure, exchange, isSuccess } from "../control-plane.ts";
import type { LogShipperPorts, ShipOutcome } from "./log-shipper.ts";

const TIMEOUT_MS = 10_000;

/**
 * Posts lines to the platform's log endpoint.
 * @param local Told once when the endpoint stops taking lines, and never through the endpoint itself.
 * @param signal Gives up what is under way.
 */
export function createLogTransport(
  plane: ControlPlane,
  url: string,
  local: Logger,
  signal: AbortSignal,
): LogShipperPorts["send"] {
  let troubled = false;
  return async (logs) => {
    const answer = await exchange(plane, { method: "POST", url, data: { logs } }, TIMEOUT_MS, signal);
    if (isSuccess(answer)) {
      troubled = false;
      return "taken";
    }
    if (!troubled) {
      troubled = true;
      local.log("warning", "the platform does not accept log lines; events are still forwarded", {
        cause: describeFailure(answer),
      });
    }
    return outcomeOf(answer.status);
  };
}

function outcomeOf(status: number | undefined): ShipOutcome {
  const refused = status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429;
  return refused ? "refused" : "failed";
}
