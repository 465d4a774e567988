import { partsOf } from "../connector/endpoint/connection-string.ts";
import { type HubEndpoint, hubAddress } from "../connector/endpoint/hub.ts";
import { accountUrlOf, type StorageEndpoint } from "../connector/endpoint/storage.ts";
import type { CheckRun } from "./check-run.ts";
import { type CheckEnvironment, type Finding, found, type GivenSettings, passed } from "./contract.ts";

/** Fields whose faults are reported by checks of their own. */
const OWN_CHECKS = new Set(["hub_connection_string", "storage_connection_string"]);
const CONTAINER_NAME = /^(?=.{3,63}$)[a-z0-9](-?[a-z0-9])*$/;

/** The schema's rules. */
export async function checkSettings({ environment }: CheckRun): Promise<Finding> {
  const problems = environment.problems.filter(({ field }) => !OWN_CHECKS.has(field));
  const { unknown } = environment;
  if (problems.length > 0) {
    const texts = [
      ...unknown.map((name) => `${name} is unknown; check its spelling`),
      ...problems.map(({ text }) => text),
    ];
    return found("SETTINGS_INVALID", { problems: texts.join("; ") });
  }
  if (unknown.length > 0) {
    return found("SETTINGS_UNKNOWN", { names: unknown.join(", ") });
  }
  return passed("every setting is valid");
}

/** The hub's connection string or namespace. */
export async function checkHubAccess(run: CheckRun): Promise<Finding> {
  const { hub_connection_string: text, hub_namespace: namespace } = run.settings;
  const hubName = run.settings.hub_name?.trim() ?? "";
  const isGiven = text !== undefined && text.trim() !== "";
  if (!isGiven && (namespace === undefined || namespace.trim() === "")) {
    return found("HUB_ACCESS_MISSING");
  }
  const fault = isGiven ? hubStringFault(text) : undefined;
  if (fault !== undefined) {
    return fault;
  }
  if (hubName === "") {
    return found("SETTING_MISSING", { setting: "hub_name" });
  }
  const endpoint = await hubEndpointOf(run.settings, run.environment);
  const address = hubAddress(endpoint);
  if (address === undefined) {
    return isGiven
      ? found("HUB_ENDPOINT_INVALID")
      : found("HUB_NAMESPACE_INVALID", { value: namespace ?? "" });
  }
  const parts = partsOf(isGiven ? text : "");
  const keyName = parts.get("sharedaccesskeyname");
  const entityPath = parts.get("entitypath");
  if (entityPath !== undefined && entityPath.toLowerCase() !== hubName.toLowerCase()) {
    return found("ENTITY_PATH_DIFFERS", { entityPath, hubName });
  }
  const broken = ruleFault(run, "hub_connection_string");
  if (broken !== undefined) {
    return broken;
  }
  const ofString = keyName === undefined ? "the signature" : `the policy "${keyName}"`;
  const policy = isGiven ? ofString : "the identity";
  run.hub = { endpoint, address, policy };
  if (isGiven && text !== text.trim()) {
    return found("STRING_WITH_SPACES_AROUND", { setting: "hub_connection_string" });
  }
  const isEmulator = parts.get("usedevelopmentemulator")?.toLowerCase() === "true";
  if (isGiven && entityPath === undefined && !isEmulator) {
    return found("ENTITY_PATH_MISSING");
  }
  return passed(`Event Hub ${hubName} at ${address.host}, by ${policy}`);
}

/** The hub as the settings name it; whether they are right is reported by the checks. */
export async function hubEndpointOf(
  settings: GivenSettings,
  { openCredential, proxies }: Pick<CheckEnvironment, "openCredential" | "proxies">,
): Promise<HubEndpoint> {
  const connectionString = settings.hub_connection_string?.trim() ?? "";
  const namespace = settings.hub_namespace?.trim() ?? "";
  return {
    access:
      connectionString === ""
        ? { kind: "entra", namespace, credential: await openCredential() }
        : { kind: "key", connectionString },
    hubName: settings.hub_name?.trim() ?? "",
    transport: settings.transport === "websockets" ? "websockets" : "amqp",
    proxies,
  };
}

function hubStringFault(text: string): Finding | undefined {
  const setting = "hub_connection_string";
  const parts = partsOf(unquoted(text));
  if (parts.has("accountkey") || parts.has("accountname") || parts.has("defaultendpointsprotocol")) {
    return found("HUB_STRING_IS_STORAGE");
  }
  const fault = formFault(setting, text);
  if (fault !== undefined) {
    return fault;
  }
  if (!parts.has("endpoint")) {
    return found("STRING_PART_MISSING", { setting, part: "Endpoint" });
  }
  const needed = parts.has("sharedaccesssignature") ? [] : ["SharedAccessKeyName", "SharedAccessKey"];
  const missing = needed.find((part) => !parts.get(part.toLowerCase()));
  if (missing !== undefined) {
    return found("STRING_PART_MISSING", { setting, part: missing });
  }
  return /^sb:\/\//i.test(parts.get("endpoint") ?? "") ? undefined : found("HUB_ENDPOINT_INVALID");
}

/** The storage account's connection string or address, and the container's name. */
export async function checkStorageAccess(run: CheckRun): Promise<Finding> {
  const { storage_connection_string: text, storage_account_url: accountUrl } = run.settings;
  const containerName = run.settings.storage_container_name?.trim() ?? "";
  const isGiven = text !== undefined && text.trim() !== "";
  if (!isGiven && (accountUrl === undefined || accountUrl.trim() === "")) {
    return found("STORAGE_ACCESS_MISSING");
  }
  const fault = isGiven ? storageStringFault(text, run.environment.clock.now()) : undefined;
  if (fault !== undefined) {
    return fault;
  }
  if (containerName === "") {
    return found("SETTING_MISSING", { setting: "storage_container_name" });
  }
  if (!CONTAINER_NAME.test(containerName)) {
    return found("CONTAINER_NAME_INVALID", { container: containerName });
  }
  const access: StorageEndpoint["access"] = isGiven
    ? { kind: "key", connectionString: text.trim() }
    : {
        kind: "entra",
        accountUrl: accountUrl?.trim() ?? "",
        credential: await run.environment.openCredential(),
      };
  const url = accountUrlOf(access);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    const setting = isGiven ? "storage_connection_string" : "storage_account_url";
    return found("STORAGE_ADDRESS_INVALID", { setting });
  }
  const broken = ruleFault(run, "storage_connection_string");
  if (broken !== undefined) {
    return broken;
  }
  run.storage = { endpoint: { access, containerName, proxies: run.environment.proxies }, url };
  if (isGiven && text !== text.trim()) {
    return found("STRING_WITH_SPACES_AROUND", { setting: "storage_connection_string" });
  }
  return passed(`container ${containerName} at ${url.host}`);
}

function storageStringFault(text: string, nowMs: number): Finding | undefined {
  const setting = "storage_connection_string";
  const parts = partsOf(unquoted(text));
  if (/^sb:/i.test(parts.get("endpoint") ?? "") || parts.has("sharedaccesskey")) {
    return found("STORAGE_STRING_IS_HUB");
  }
  const fault = formFault(setting, text);
  if (fault !== undefined || parts.get("usedevelopmentstorage") === "true") {
    return fault;
  }
  const signature = parts.get("sharedaccesssignature");
  if (signature === undefined) {
    const missing = ["AccountName", "AccountKey"].find((part) => !parts.get(part.toLowerCase()));
    return missing === undefined ? undefined : found("STRING_PART_MISSING", { setting, part: missing });
  }
  if (!parts.has("blobendpoint") && !parts.has("accountname")) {
    return found("STRING_PART_MISSING", { setting, part: "BlobEndpoint" });
  }
  const end = new URLSearchParams(signature.replace(/^\?/, "")).get("se");
  const isOver = end !== null && Date.parse(end) <= nowMs;
  return isOver ? found("STORAGE_SAS_EXPIRED", { date: end }) : undefined;
}

/** What the schema says of a connection string and no check of its own has found, such as a second way in beside it. */
function ruleFault({ environment }: CheckRun, field: string): Finding | undefined {
  const problem = environment.problems.find((candidate) => candidate.field === field);
  return problem === undefined ? undefined : found("SETTINGS_INVALID", { problems: problem.text });
}

/** Faults of copying that any connection string may have. */
function formFault(setting: string, text: string): Finding | undefined {
  if (/["'`\u2018-\u201f]/.test(text)) {
    return found("STRING_QUOTED", { setting });
  }
  // A hub's signature begins with a word and a space of its own.
  const rest = text.trim().replace(/SharedAccessSignature=SharedAccessSignature (?=\S)/i, "");
  if (/\s/.test(rest)) {
    return found("STRING_BROKEN_BY_SPACES", { setting });
  }
  return undefined;
}

function unquoted(text: string): string {
  return text.replaceAll(/["'`\u2018-\u201f]/g, "");
}

/** The intake's address. */
export async function checkIntakeServer(run: CheckRun): Promise<Finding> {
  const { intake_server: server = "", intake_key: key = "" } = run.settings;
  if (key.trim() === "") {
    return found("SETTING_MISSING", { setting: "intake_key" });
  }
  const url = URL.parse(server.trim());
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    return found("INTAKE_ADDRESS_INVALID");
  }
  run.intake = url;
  return passed(`${url.origin}${url.pathname === "/" ? "" : url.pathname}`);
}
