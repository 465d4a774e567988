import { openCredential } from "../connector/endpoint/credential.ts";
import type { Format } from "../ecs/engine.ts";
import { systemClock } from "../kernel/clock.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import { hubEndpointOf } from "../preflight/access.ts";
import type { CheckResult, GivenSettings } from "../preflight/contract.ts";
import { runChecks } from "../preflight/run.ts";
import { type InspectionReport, inspectMessages } from "./inspect.ts";
import type { RawSettings } from "./raw-settings.ts";

/** Where the service takes WebSockets. */
const WEB_SOCKET_PORT = 443;
/** The consumer group that every Event Hub has. */
const DEFAULT_GROUP = "$Default";

/** The hub refused to show its messages, although the checks found nothing wrong. */
class HubNotInspected extends AppError {
  readonly code = "HUB_REFUSED";
  readonly disposition = "stop";
}

/** Gives the platform's settings to the checks. */
export function checkSettings(settings: RawSettings, signal: AbortSignal): AsyncGenerator<CheckResult> {
  const { problems, unknown, proxies, userAgent, mask } = settings;
  const environment = {
    clock: systemClock,
    problems,
    unknown,
    proxies,
    openCredential: credentialOf(settings),
    userAgent,
    mask,
    webSocketPort: WEB_SOCKET_PORT,
  };
  return runChecks(textsOf(settings), environment, signal);
}

/** Looks at the newest messages of the hub that the settings name. */
export async function inspectHub(
  settings: RawSettings,
  format: Format,
  wanted: number,
  signal: AbortSignal,
): Promise<InspectionReport> {
  const given = textsOf(settings);
  const { proxies } = settings;
  const hub = await hubEndpointOf(given, { openCredential: credentialOf(settings), proxies });
  const group = given.hub_consumer_group ?? DEFAULT_GROUP;
  const listed = settings.given["categories"];
  const categories = Array.isArray(listed) ? listed.filter((name) => typeof name === "string") : [];
  const inspect = (consumerGroup: string) =>
    inspectMessages({ hub, consumerGroup, categories, format, wanted, clock: systemClock }, signal);
  try {
    return await inspect(group);
  } catch (thrown) {
    if (signal.aborted) {
      throw thrown;
    }
    if (!isHeld(thrown) || group === DEFAULT_GROUP) {
      const reason = settings.mask(messageOf(thrown));
      throw new HubNotInspected(`the hub's messages cannot be read: ${reason}; run the check again`);
    }
    // While the trigger runs, its own group is closed to onlookers.
    return inspect(DEFAULT_GROUP);
  }
}

function isHeld(thrown: unknown): boolean {
  return (thrown as { code?: unknown } | null)?.code === "ReceiverDisconnectedError";
}

function credentialOf({ authorityHost, proxies }: RawSettings) {
  return () => openCredential(authorityHost, proxies);
}

function textsOf({ given }: RawSettings): GivenSettings {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => typeof value === "string"));
}
