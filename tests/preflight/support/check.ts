import { systemClock } from "../../../src/kernel/clock.ts";
import { NO_PROXIES } from "../../../src/kernel/proxy.ts";
import type {
  CheckEnvironment,
  CheckId,
  CheckResult,
  GivenSettings,
} from "../../../src/preflight/contract.ts";
import { runChecks } from "../../../src/preflight/run.ts";

/** Settings whose strings are right in form, and whose servers nobody asks. */
export const RIGHT_SETTINGS = {
  hub_connection_string:
    "Endpoint=sb://company-eventhub.servicebus.windows.net/;SharedAccessKeyName=sekoiaio;SharedAccessKey=aHViLXNlY3JldA==;EntityPath=logs",
  hub_name: "logs",
  hub_consumer_group: "soc",
  storage_connection_string:
    "DefaultEndpointsProtocol=https;AccountName=companycheckpoints;AccountKey=c3RvcmFnZS1zZWNyZXQ=;EndpointSuffix=core.windows.net",
  storage_container_name: "checkpoints",
  intake_key: "intake-key-0123456789",
  intake_server: "https://intake.sekoia.io",
};

export const ENVIRONMENT: CheckEnvironment = {
  clock: systemClock,
  problems: [],
  unknown: [],
  proxies: NO_PROXIES,
  openCredential: () => Promise.reject(new Error("no identity in this test")),
  userAgent: "test",
  mask: (text) => text,
  webSocketPort: 443,
};

/** Runs the checks up to those wanted. @returns their results, in the order in which they were asked for. */
export async function resultsOf(
  ids: readonly CheckId[],
  settings: GivenSettings,
  environment: Partial<CheckEnvironment> = {},
): Promise<readonly CheckResult[]> {
  const found = new Map<CheckId, CheckResult>();
  const { signal } = new AbortController();
  for await (const result of runChecks(settings, { ...ENVIRONMENT, ...environment }, signal)) {
    found.set(result.id, result);
    if (ids.every((id) => found.has(id))) {
      break;
    }
  }
  return ids.map((id) => {
    const result = found.get(id);
    if (result === undefined) {
      throw new Error(`the check ${id} gave no result`);
    }
    return result;
  });
}

export async function resultOf(
  id: CheckId,
  settings: GivenSettings,
  environment: Partial<CheckEnvironment> = {},
): Promise<CheckResult> {
  const [result] = await resultsOf([id], settings, environment);
  return result as CheckResult;
}

/** A port of this machine that nobody listens on. */
export const CLOSED_PORT = 1;
