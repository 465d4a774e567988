import { NotSignedIn } from "../connector/endpoint/errors.ts";
import { type HubEndpoint, openWebSocketStream } from "../connector/endpoint/hub.ts";
import { counted } from "../kernel/counted.ts";
import { messageOf } from "../kernel/errors.ts";
import { proxyFor } from "../kernel/proxy.ts";
import { durationText } from "./ages.ts";
import type { CauseId } from "./causes.ts";
import { type CheckRun, left } from "./check-run.ts";
import { type Finding, found, passed } from "./contract.ts";
import { type Attempt, HubProbe, keptIn } from "./hub-probe.ts";
import type { Target } from "./network.ts";

const TOKEN_SCOPE = "https://eventhubs.azure.net//.default";
/** Security logs of a whole tenant do not pause for longer. */
const QUIET_MS = 24 * 3_600_000;

export function hubTarget({ hub, environment }: CheckRun): Target {
  const { endpoint, address } = left(hub);
  const isAmqp = endpoint.transport === "amqp";
  const url = new URL(`https://${address.host}:${address.port}/`);
  return {
    ...address,
    setting: endpoint.access.kind === "key" ? "hub_connection_string" : "hub_namespace",
    proxy: isAmqp ? undefined : proxyFor(url, endpoint.proxies),
    webSockets:
      isAmqp && address.isTls
        ? {
            port: environment.webSocketPort,
            isOpen: () => takesWebSockets(endpoint, environment.webSocketPort),
          }
        : undefined,
  };
}

async function takesWebSockets(endpoint: HubEndpoint, port: number): Promise<boolean> {
  try {
    const stream = await openWebSocketStream({ ...endpoint, transport: "websockets" }, port);
    stream.destroy();
    return true;
  } catch {
    // Whatever it was, WebSockets do not help.
    return false;
  }
}

/** Whether the hub takes our key or token. */
export async function checkHubKey(run: CheckRun): Promise<Finding> {
  const { endpoint, policy } = left(run.hub);
  const { access } = endpoint;
  if (access.kind === "entra") {
    try {
      await access.credential.getToken(TOKEN_SCOPE);
    } catch (thrown) {
      return notSignedIn(thrown);
    }
  }
  run.probe = new HubProbe(endpoint, run.settings.hub_consumer_group?.trim() || "$Default");
  const answer = await run.probe.properties();
  if (answer.ok || isNotFound(answer)) {
    return passed(`the hub accepts the key of ${policy}`);
  }
  if (!isUnauthorized(answer)) {
    return found("HUB_SILENT", { reason: reasonOf(answer) });
  }
  if (/\bip\b.*prevented|not allowed.*\bip\b/i.test(answer.reason)) {
    return found("HUB_ADDRESS_REFUSED");
  }
  if (/\bListen\b.*\bclaim/i.test(answer.reason)) {
    return found("KEY_CANNOT_LISTEN", { policy });
  }
  return access.kind === "entra"
    ? found("HUB_TOKEN_REFUSED", { reason: answer.reason })
    : found("HUB_KEY_REFUSED", { policy, reason: answer.reason });
}

export function notSignedIn(thrown: unknown): Finding {
  const reason = thrown instanceof NotSignedIn ? thrown.reason : messageOf(thrown);
  return found("ENTRA_NOT_SIGNED_IN", { reason });
}

export async function checkHub(run: CheckRun): Promise<Finding> {
  const { endpoint, address } = left(run.hub);
  const answer = await left(run.probe).properties();
  if (answer.ok) {
    const since = answer.value.createdOn.toISOString().slice(0, 10);
    return passed(
      `${answer.value.name} exists since ${since}, with ${counted(answer.value.partitionIds.length, "partition")}`,
    );
  }
  const { hubName } = endpoint;
  if (!isNotFound(answer)) {
    return found("HUB_SILENT", { reason: reasonOf(answer) });
  }
  const isNamespace = address.host.split(".")[0]?.toLowerCase() === hubName.toLowerCase();
  return found(isNamespace ? "HUB_NAME_IS_NAMESPACE" : "HUB_NOT_FOUND", { hubName });
}

/** Whether the key may listen, and no more than that. */
export async function checkClaims(run: CheckRun): Promise<Finding> {
  const { policy } = left(run.hub);
  const probe = left(run.probe);
  const reading = await probe.oldest();
  if (!reading.ok && isUnauthorized(reading)) {
    return found("KEY_CANNOT_LISTEN", { policy });
  }
  // Any other refusal concerns the group, and only who may listen is told of it.
  if (!reading.ok && groupFault(reading) === undefined) {
    return found("HUB_SILENT", { reason: reasonOf(reading) });
  }
  if (await probe.maySend()) {
    return found("KEY_MAY_MORE", { policy });
  }
  return passed(`${policy} can listen and cannot send`);
}

export async function checkConsumerGroup(run: CheckRun): Promise<Finding> {
  const group = run.settings.hub_consumer_group?.trim() || "$Default";
  const reading = await left(run.probe).oldest();
  if (reading.ok) {
    return passed(`the consumer group ${group} exists and can be used`);
  }
  const fault = groupFault(reading);
  if (fault === "GROUP_SHARED") {
    run.isGroupHeld = true;
    return passed(`the consumer group ${group} exists and is in use`);
  }
  return found(fault ?? "HUB_SILENT", { group, reason: reasonOf(reading) });
}

/** What a refused reader says of its consumer group. */
function groupFault(refused: Attempt<unknown> & { readonly ok: false }): CauseId | undefined {
  if (isNotFound(refused)) {
    return "GROUP_NOT_FOUND";
  }
  if (/ReceiverDisconnected/.test(refused.code)) {
    return "GROUP_SHARED";
  }
  const isFull = /QuotaExceeded|ResourceLimit|resource-limit/.test(`${refused.code} ${refused.reason}`);
  return isFull ? "GROUP_FULL" : undefined;
}

/** What the hub holds: partitions, how far back, and how fresh. */
export async function checkHubEvents(run: CheckRun): Promise<Finding> {
  const probe = left(run.probe);
  const states = await probe.partitions();
  if (!states.ok) {
    return found("PARTITION_NOT_READABLE", { partition: "0", reason: reasonOf(states) });
  }
  const kept = states.value.reduce((sum, partition) => sum + keptIn(partition), 0);
  if (kept === 0) {
    return found("HUB_EMPTY");
  }
  const nowMs = run.environment.clock.now();
  const newestMs = Math.max(
    ...states.value
      .filter(({ isEmpty }) => !isEmpty)
      .map(({ lastEnqueuedOnUtc }) => lastEnqueuedOnUtc.getTime()),
  );
  const ageMs = Math.max(0, nowMs - newestMs);
  if (ageMs > QUIET_MS) {
    return found("HUB_QUIET", { age: durationText(ageMs) });
  }
  const oldest = await probe.oldest();
  const since =
    oldest.ok && oldest.value !== undefined
      ? `, the oldest ${durationText(nowMs - oldest.value.enqueuedTimeUtc.getTime())} old`
      : "";
  return passed(
    `${counted(kept, "event")} in ${counted(states.value.length, "partition")}${since}, the newest ${durationText(ageMs)} old`,
  );
}

function isUnauthorized(answer: Attempt<unknown>): boolean {
  return !answer.ok && /Unauthorized/.test(answer.code);
}

function isNotFound(answer: Attempt<unknown>): boolean {
  return (
    !answer.ok &&
    (/MessagingEntityNotFound/.test(answer.code) || /could not be found|not-found/.test(answer.reason))
  );
}

function reasonOf(answer: { readonly code: string; readonly reason: string }): string {
  return answer.code === "" ? answer.reason : `${answer.code}, ${answer.reason}`;
}
