import { openCredential } from "./connector/endpoint/credential.ts";
import type { Format } from "./ecs/engine.ts";
import { systemClock } from "./kernel/clock.ts";
import { examineLive, type LiveReport } from "./live.ts";
import type { SettingsToCheck } from "./platform/settings-to-check.ts";
import { hubEndpointOf } from "./preflight/access.ts";
import type { CheckResult, GivenSettings } from "./preflight/contract.ts";
import { runChecks } from "./preflight/run.ts";

/** Where the service takes WebSockets. */
const WEB_SOCKET_PORT = 443;
/** The consumer group that every Event Hub has. */
const DEFAULT_GROUP = "$Default";

/** Gives the platform's settings to the checks. */
export function checkSettings(settings: SettingsToCheck, signal: AbortSignal): AsyncGenerator<CheckResult> {
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
export async function examineHub(
  settings: SettingsToCheck,
  format: Format,
  wanted: number,
  signal: AbortSignal,
): Promise<LiveReport> {
  const given = textsOf(settings);
  const { proxies } = settings;
  const hub = await hubEndpointOf(given, { openCredential: credentialOf(settings), proxies });
  const consumerGroup = given.hub_consumer_group ?? DEFAULT_GROUP;
  const listed = settings.given["categories"];
  const categories = Array.isArray(listed) ? listed.filter((name) => typeof name === "string") : [];
  return examineLive({ hub, consumerGroup, categories, format, wanted, clock: systemClock }, signal);
}

function credentialOf({ authorityHost, proxies }: SettingsToCheck) {
  return () => openCredential(authorityHost, proxies);
}

function textsOf({ given }: SettingsToCheck): GivenSettings {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => typeof value === "string"));
}
