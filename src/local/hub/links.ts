import { type Address, parseAddress, pathOf } from "./address.ts";
import type { HubContext } from "./context.ts";
import { meets } from "./faults.ts";
import type { Grants } from "./grants.ts";
import { IncomingLink, MESSAGE_BYTES_MAX } from "./incoming.ts";
import { checkIdentity, checkToken } from "./keys.ts";
import { answerManagement } from "./management.ts";
import { readMessage } from "./message.ts";
import { type OutgoingLink, ReaderLink, ReplyLink } from "./outgoing.ts";
import { startOf } from "./position.ts";
import type { Reader } from "./readers.ts";
import { isRefusal, type Refusal } from "./refusal.ts";
import { encodeReply, REQUEST_BYTES_MAX, type Reply, type Request, readRequest } from "./requests.ts";
import type { WireLink } from "./wire.ts";

/** The connection as its links see it. */
export type LinkHost = {
  readonly context: HubContext;
  readonly grants: Grants;
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
const REPLIES_MAX = 100;
const nothing = () => {};

/**
 * Answers a client's attach: with the same termini, since clients insist on both, and at once with a detach if the link
 * is refused.
 * @returns undefined if it was refused.
 */
export function attach(link: WireLink, host: LinkHost): AttachedLink | undefined {
  const source = terminusOf(link, "source");
  const target = terminusOf(link, "target");
  const text = String((link.is_receiver() ? target : source)?.address ?? "");
  echo(link, "source", source, text);
  echo(link, "target", target, text);
  const address = parseAddress(text);
  const attached = address === undefined ? notFound(text) : attachTo(address, link, host);
  if (isRefusal(attached)) {
    link.close(attached);
    return undefined;
  }
  return attached;
}

function attachTo(address: Address, link: WireLink, host: LinkHost): AttachedLink | Refusal {
  const { attachRefusal } = host.context.faults;
  if (attachRefusal !== undefined && meets(address, attachRefusal.filter)) {
    return attachRefusal.refusal;
  }
  if (!host.grants.allows(address)) {
    return unauthorized(`No token of this connection covers '${pathOf(address)}' for this purpose.`);
  }
  switch (address.kind) {
    case "cbs":
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
      return { condition: "amqp:decode-error", description: "The request is no AMQP message." };
    }
    const reply = answer(request);
    const replies = host.replyLink(request.replyTo, link, address.kind);
    if (replies !== undefined && replies.waiting >= REPLIES_MAX) {
      return { condition: "amqp:resource-limit-exceeded", description: "Too many answers wait for credit." };
    }
    if (reply !== undefined) {
      replies?.send(encodeReply(request, reply));
    }
    return undefined;
  });
  return { link, address, incoming, close: nothing };
}

function answerToken(request: Request, host: LinkHost): Reply {
  const { clock, keys, identities, faults } = host.context;
  const [token, audience] = [String(request.body), request.property("name")];
  const check = () =>
    request.property("type") === "jwt"
      ? checkIdentity(token, audience, identities, clock.now())
      : checkToken(token, audience, keys, clock.now());
  const grant = faults.refusesTokens ? "the local hub was told to refuse tokens" : check();
  if (typeof grant === "string") {
    return { status: 401, ...unauthorized(`InvalidSignature: ${grant}.`) };
  }
  host.grants.add(grant);
  return { status: 202, description: "Accepted" };
}

function answerRead(request: Request, host: LinkHost): Reply | undefined {
  const { clock, faults } = host.context;
  if (faults.stallsManagement) {
    return undefined;
  }
  const name = request.property("name");
  if (!host.grants.allowsReading(name)) {
    return { status: 401, ...unauthorized(`No token of this connection covers '${name}'.`) };
  }
  return answerManagement(request, (wanted) => host.context.hub(wanted), clock.now());
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
    return noPartition(address.partitionId, hub.name);
  }
  link.local.attach["max_message_size"] = MESSAGE_BYTES_MAX;
  const incoming = new IncomingLink(link, MESSAGE_BYTES_MAX, (bytes, format) => {
    const message = readMessage(bytes, format);
    if (message === undefined) {
      return { condition: "amqp:decode-error", description: "The message is no AMQP message." };
    }
    host.context.received.messages += message.events.length;
    if (partition === undefined) {
      hub.publish(message);
    } else {
      hub.publishTo(partition, message);
    }
    return undefined;
  });
  return { link, address, incoming, close: nothing };
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
    return noPartition(address.partitionId, hub.name);
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
  const settled = link.remote.attach?.["snd_settle_mode"] === 1;
  const isTracking = [link.remote.attach?.["desired_capabilities"]].flat().includes(RUNTIME_METRIC);
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
  const properties = (link.remote.attach?.["properties"] ?? {}) as Record<string, unknown>;
  const epoch = properties[EPOCH];
  const name = properties[RECEIVER_NAME] ?? terminusOf(link, "target")?.address ?? link.name;
  return {
    name: String(name),
    epoch: typeof epoch === "number" ? epoch : undefined,
    evict: (refusal) => host.detach(link, refusal),
  };
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

function noPartition(id: string, hub: string): Refusal {
  return {
    condition: "com.microsoft:argument-out-of-range",
    description: `The specified partition '${id}' is invalid for the event hub '${hub}'.`,
  };
}

/** Also the answer to links whose token ran out. */
export function unauthorized(description: string): Refusal {
  return { condition: "amqp:unauthorized-access", description };
}
