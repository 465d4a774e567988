import rhea from "rhea";
import { type Address, parseAddress, pathOf } from "./address.ts";
import type { HubContext } from "./context.ts";
import { noPartition } from "./entity.ts";
import type { Grants } from "./grants.ts";
import { IDEMPOTENT_PRODUCER } from "./idempotence.ts";
import { IncomingLink, MESSAGE_BYTES_MAX } from "./incoming.ts";
import type { Claim } from "./keys.ts";
import { answerManagement } from "./management.ts";
import { type IncomingMessage, PRODUCER_SEQUENCE_NUMBER, readMessage } from "./message.ts";
import { type OutgoingLink, ReaderLink, ReplyLink } from "./outgoing.ts";
import type { Partition } from "./partition.ts";
import { startOf } from "./position.ts";
import type { Reader } from "./readers.ts";
import { isRefusal, type Refusal } from "./refusal.ts";
import { encodeReply, REQUEST_BYTES_MAX, type Reply, type Request, readRequest } from "./requests.ts";
import type { WireLink } from "./wire.ts";

/** The connection as its links see it. */
export type LinkHost = {
  readonly context: HubContext;
  readonly grants: Grants;
  readonly links: readonly AttachedLink[];
  replyLink(replyTo: string | undefined, request: WireLink, kind: Address["kind"]): ReplyLink | undefined;
  detach(link: WireLink, refusal: Refusal): void;
  schedulePump(): void;
};

/** A link that was let in. One of `incoming` and `outgoing` is set. */
export type AttachedLink = {
  readonly link: WireLink;
  readonly address: Address;
  readonly incoming?: IncomingLink;
  readonly outgoing?: OutgoingLink;
  close(): void;
};

type Terminus = {
  readonly address?: unknown;
  readonly filter?: Record<string, { readonly value?: unknown }>;
  described(): object;
};

const SELECTOR_FILTER = "apache.org:selector-filter:string";
const EPOCH = "com.microsoft:epoch";
const RECEIVER_NAME = "com.microsoft:receiver-name";
const RUNTIME_METRIC = "com.microsoft:enable-receiver-runtime-metric";
const PRODUCER_ID = "com.microsoft:producer-id";
const PRODUCER_EPOCH = "com.microsoft:producer-epoch";
const REPLIES_MAX = 100;
const UNSETTLED = 0;
const nothing = () => {};

/**
 * Answers a client's attach: with the same termini, since clients insist on both; without any, and at once with a detach,
 * if the link is refused.
 * @returns undefined if it was refused.
 */
export function attach(link: WireLink, host: LinkHost): AttachedLink | undefined {
  const source = terminusOf(link, "source");
  const target = terminusOf(link, "target");
  const text = String((link.is_receiver() ? target : source)?.address ?? "");
  const address = parseAddress(text);
  const attached = address === undefined ? notFound(text) : attachTo(address, link, host);
  if (isRefusal(attached)) {
    // An attach without termini tells the client that a detach follows (part 2, section 2.6.3); Go's looks for both.
    link.local.attach["source"] = undefined;
    link.local.attach["target"] = undefined;
    link.close(attached);
    return undefined;
  }
  echo(link, "source", source, text);
  echo(link, "target", target, text);
  return attached;
}

function attachTo(address: Address, link: WireLink, host: LinkHost): AttachedLink | Refusal {
  const refusal = host.context.interference.refusalOf(address);
  if (refusal !== undefined) {
    return refusal;
  }
  if (!host.grants.allows(address)) {
    return unauthorized(missingClaim([address.kind === "reader" ? "Listen" : "Send"], pathOf(address)));
  }
  switch (address.kind) {
    case "cbs":
      if (link.is_receiver() && host.links.some((other) => other.address.kind === "cbs" && other.incoming)) {
        return {
          condition: "amqp:not-allowed",
          description: "A connection has one link that sends to $cbs, and this one has it already.",
        };
      }
      return attachRequests(address, link, host, (request) => answerToken(request, host));
    case "management":
      return attachRequests(address, link, host, (request) => answerRead(request, host));
    case "hub":
      return attachProducer(address, link, host);
    case "reader":
      return attachReader(address, link, host);
  }
}

/** `$cbs` and `$management`: requests on one link, answers on another. */
function attachRequests(
  address: Address,
  link: WireLink,
  host: LinkHost,
  answer: (request: Request) => Reply | undefined,
): AttachedLink {
  if (!link.is_receiver()) {
    const names = [link.name, String(terminusOf(link, "target")?.address ?? "")];
    // Settled replies leave nothing to keep until the client acknowledges.
    link.local.attach["snd_settle_mode"] = 1;
    const outgoing = new ReplyLink(link, names, host.context.sent);
    return { link, address, outgoing, close: nothing };
  }
  const incoming = new IncomingLink(link, REQUEST_BYTES_MAX, (bytes) => {
    const request = readRequest(bytes);
    if (request === undefined) {
      return { condition: "amqp:decode-error", description: "The request is not an AMQP message." };
    }
    const reply = answer(request);
    const replies = host.replyLink(request.replyTo, link, address.kind);
    if (replies !== undefined && replies.waiting >= REPLIES_MAX) {
      return { condition: "amqp:resource-limit-exceeded", description: "Too many answers wait for credit." };
    }
    return reply === undefined ? undefined : () => replies?.send(encodeReply(request, reply));
  });
  return { link, address, incoming, close: nothing };
}

function answerToken(request: Request, host: LinkHost): Reply {
  const grant = host.context.checkToken(
    String(request.body),
    request.property("name"),
    request.property("type") === "jwt",
  );
  if (typeof grant === "string") {
    return { status: 401, ...unauthorized(grant) };
  }
  const [hub = ""] = grant.path.split("/");
  if (hub !== "" && !hub.startsWith("$") && host.context.hub(hub) === undefined) {
    // Told here, since a client takes the link's refusal for a lost connection and tries again.
    return { status: 404, ...notFound(hub) };
  }
  host.grants.add(grant);
  return { status: 202, description: "Accepted" };
}

function answerRead(request: Request, host: LinkHost): Reply | undefined {
  const { clock, interference } = host.context;
  if (interference.stallsManagement) {
    return undefined;
  }
  const name = request.property("name");
  const refusal = refusalToRead(name, request.property("security_token"), host);
  if (refusal !== undefined) {
    return { status: 401, ...unauthorized(refusal) };
  }
  return answerManagement(request, (wanted) => host.context.hub(wanted), clock.now());
}

/** @param token Of this one request, if it brings one; the connection's own count only without. */
function refusalToRead(hub: string, token: string, host: LinkHost): string | undefined {
  if (token === "") {
    return host.grants.allowsReading(hub) ? undefined : missingClaim(["Listen", "Send"], hub);
  }
  const isIdentity = !token.startsWith("SharedAccessSignature");
  const grant = host.context.checkToken(token, `/${hub}/$management`, isIdentity);
  return typeof grant === "string" ? grant : undefined;
}

function attachProducer(
  address: Address & { kind: "hub" },
  link: WireLink,
  host: LinkHost,
): AttachedLink | Refusal {
  const hub = host.context.hub(address.hub);
  const partition = address.partitionId === undefined ? undefined : hub?.partition(address.partitionId);
  if (hub === undefined || !link.is_receiver()) {
    return notFound(address.hub);
  }
  if (address.partitionId !== undefined && partition === undefined) {
    return noPartition(hub);
  }
  const producer = producerOf(address, link, partition);
  if (isRefusal(producer)) {
    return producer;
  }
  link.local.attach["max_message_size"] = MESSAGE_BYTES_MAX;
  const incoming = new IncomingLink(link, MESSAGE_BYTES_MAX, (bytes, format) => {
    const message = readMessage(bytes, format);
    if (message === undefined) {
      return { condition: "amqp:decode-error", description: "The message is not an AMQP message." };
    }
    const refusal = producer.publish(message);
    if (refusal === undefined) {
      host.context.received.messages += message.events.length;
      hub.publish(message, partition);
    }
    return refusal;
  });
  return { link, address, incoming, close: nothing };
}

/** What a link with numbered events is answered, and how each of its messages is looked at; nothing for any other link. */
function producerOf(
  address: Address & { kind: "hub" },
  link: WireLink,
  partition: Partition | undefined,
): { publish(message: IncomingMessage): Refusal | undefined } | Refusal {
  if (!capabilitiesOf(link).includes(IDEMPOTENT_PRODUCER)) {
    return { publish: () => undefined };
  }
  if (partition === undefined) {
    return {
      condition: "amqp:not-allowed",
      description: `An idempotent producer must name a partition of '${address.hub}'.`,
    };
  }
  const asked = propertiesOf(link);
  const state = partition.producers.attach({
    producerId: numberAt(asked, PRODUCER_ID),
    epoch: numberAt(asked, PRODUCER_EPOCH),
    sequenceNumber: numberAt(asked, PRODUCER_SEQUENCE_NUMBER),
  });
  if (isRefusal(state)) {
    return state;
  }
  const { types } = rhea;
  link.local.attach["offered_capabilities"] = [IDEMPOTENT_PRODUCER];
  link.local.attach["properties"] = {
    [PRODUCER_ID]: types.wrap_long(state.producerId),
    [PRODUCER_EPOCH]: types.wrap_short(state.epoch),
    [PRODUCER_SEQUENCE_NUMBER]: types.wrap_int(state.sequenceNumber),
  };
  return { publish: (message) => partition.producers.publish(state, message) };
}

function attachReader(
  address: Address & { kind: "reader" },
  link: WireLink,
  host: LinkHost,
): AttachedLink | Refusal {
  const { clock, sent } = host.context;
  const hub = host.context.hub(address.hub);
  if (hub === undefined || link.is_receiver()) {
    return notFound(address.hub);
  }
  const partition = hub.partition(address.partitionId);
  if (partition === undefined) {
    return noPartition(hub);
  }
  const readers = hub.readers(address.group, address.partitionId);
  if (readers === undefined) {
    return notFound(`${hub.name}/ConsumerGroups/${address.group}`);
  }
  const from = startOf(selectorOf(link), partition);
  if (isRefusal(from)) {
    return from;
  }
  const reader = readerOf(link, host);
  const refusal = readers.admit(reader);
  if (refusal !== undefined) {
    return refusal;
  }
  // Event Hubs sends settled unless the client asks for the contrary: one that says `mixed` never acknowledges (Go).
  const settled = link.remote.attach?.["snd_settle_mode"] !== UNSETTLED;
  const isTracking = capabilitiesOf(link).includes(RUNTIME_METRIC);
  const outgoing = new ReaderLink(link, partition, from, sent, {
    settled,
    ...(isTracking ? { metricsNow: () => clock.now() } : {}),
  });
  const forget = partition.onAppend(() => host.schedulePump());
  const close = () => {
    forget();
    readers.leave(reader);
  };
  return { link, address, outgoing, close };
}

function readerOf(link: WireLink, host: LinkHost): Reader {
  const properties = propertiesOf(link);
  const name = properties[RECEIVER_NAME] ?? terminusOf(link, "target")?.address ?? link.name;
  return {
    name: String(name),
    epoch: numberAt(properties, EPOCH),
    evict: (refusal) => host.detach(link, refusal),
  };
}

/** One symbol, or several. */
function capabilitiesOf(link: WireLink): readonly unknown[] {
  return [link.remote.attach?.["desired_capabilities"]].flat();
}

function propertiesOf(link: WireLink): Record<string, unknown> {
  return (link.remote.attach?.["properties"] ?? {}) as Record<string, unknown>;
}

function numberAt(properties: Record<string, unknown>, name: string): number | undefined {
  const value = properties[name];
  return typeof value === "number" ? value : undefined;
}

function selectorOf(link: WireLink): string | undefined {
  const selector = terminusOf(link, "source")?.filter?.[SELECTOR_FILTER];
  return selector === undefined ? undefined : String(selector.value ?? selector);
}

function terminusOf(link: WireLink, side: "source" | "target"): Terminus | undefined {
  return (link.remote.attach?.[side] ?? undefined) as Terminus | undefined;
}

function echo(link: WireLink, side: "source" | "target", asked: Terminus | undefined, address: string): void {
  if (asked !== undefined) {
    link.local.attach[side] = asked.described();
  } else if (side === "source") {
    link.set_source({ address });
  } else {
    link.set_target({ address });
  }
}

function notFound(what: string): Refusal {
  return {
    condition: "amqp:not-found",
    description: `The messaging entity '${what}' could not be found.`,
  };
}

/** @param claims Any one of them is enough. */
function missingClaim(claims: readonly Claim[], path: string): string {
  return `Unauthorized access. '${claims.join("' or '")}' claim(s) are required to perform this operation. Resource: '${path}'.`;
}

/** Also the answer to links whose token ran out. */
export function unauthorized(description: string): Refusal {
  return { condition: "amqp:unauthorized-access", description };
}
