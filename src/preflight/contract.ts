/** The types that the checks share. */
import type { TokenCredential } from "@azure/event-hubs";
import type { Clock } from "../kernel/clock.ts";
import type { Proxies } from "../kernel/proxy.ts";
import type { CauseId } from "./causes.ts";

/** The trigger's settings by their own names, as a person wrote them: nothing is trimmed, and anything may be missing. */
export type GivenSettings = {
  readonly hub_connection_string?: string;
  readonly hub_namespace?: string;
  readonly hub_name?: string;
  readonly hub_consumer_group?: string;
  readonly storage_connection_string?: string;
  readonly storage_account_url?: string;
  readonly storage_container_name?: string;
  readonly intake_key?: string;
  readonly intake_server?: string;
  readonly transport?: string;
};

/** A setting that breaks a rule of its schema; `text` tells which, and never the value. */
export type SettingProblem = { readonly field: string; readonly text: string };

export type CheckEnvironment = {
  readonly clock: Clock;
  /** What the schema says; the two connection strings have checks of their own. */
  readonly problems: readonly SettingProblem[];
  /** Settings that nothing knows. */
  readonly unknown: readonly string[];
  readonly proxies: Proxies;
  /** Signs in with Entra ID. */
  readonly openCredential: () => Promise<TokenCredential>;
  readonly userAgent: string;
  /** Hides secrets in what a server or a library said. */
  readonly mask: (text: string) => string;
  /** Where WebSockets are tried when AMQP's port is closed; 443 but for tests. */
  readonly webSocketPort: number;
};

/** In the order in which they run. */
export const CHECK_IDS = [
  "settings",
  "hub-access",
  "hub-host",
  "hub-port",
  "hub-tls",
  "hub-key",
  "hub",
  "hub-claims",
  "consumer-group",
  "hub-events",
  "storage-access",
  "storage-host",
  "storage-port",
  "storage-tls",
  "storage-key",
  "container",
  "blob",
  "storage-options",
  "group-readers",
  "intake-server",
  "intake-host",
  "intake-port",
  "intake-tls",
  "intake-key",
  "clock",
] as const;

export type CheckId = (typeof CHECK_IDS)[number];
export type CheckStatus = "passed" | "failed" | "skipped" | "warning";

/** What one check found. */
export type CheckResult = {
  readonly id: CheckId;
  readonly title: string;
  readonly status: CheckStatus;
  /** The name of the cause in docs/troubleshooting.md; null where all is well or the check was skipped. */
  readonly code: CauseId | null;
  /** What was found where all is well. */
  readonly detail: string | null;
  /** One sentence each; null where all is well. */
  readonly cause: string | null;
  readonly fix: string | null;
  /** The step of the setup guide that this belongs to. */
  readonly guideStep: string;
};

/** What a check says: all is well, there was nothing to try, or one of the known causes with the values of its places. */
export type Finding =
  | { readonly kind: "passed"; readonly detail: string }
  | { readonly kind: "skipped"; readonly reason: string; readonly fix: string }
  | { readonly kind: "found"; readonly cause: CauseId; readonly values: Readonly<Record<string, string>> };

export function passed(detail: string): Finding {
  return { kind: "passed", detail };
}

export function found(cause: CauseId, values: Readonly<Record<string, string>> = {}): Finding {
  return { kind: "found", cause, values };
}
