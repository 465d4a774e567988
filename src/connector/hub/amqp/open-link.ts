import rhea, { type Connection, type EventContext, type Receiver } from "rhea";
import type { Clock } from "../../../kernel/clock.ts";
import type { Position, StartPosition } from "../../contract.ts";
import { HubFault, toHubFault } from "./faults.ts";
import { type PartitionLink, SESSION_WINDOW_FRAMES } from "./link.ts";
import { sessionNumbers } from "./rhea-hooks.ts";

/** What is read, and from where. */
export type LinkSource = {
  /** `hub/ConsumerGroups/group/Partitions/0` */
  readonly address: string;
  /** The events after this position. */
  readonly after: Position | StartPosition;
  /** Names this consumer to the hub, which quotes it to the one that is replaced. */
  readonly identifier: string;
  /** A link with an owner level replaces the reader that has the same level or a lower one; without, it replaces none. */
  readonly ownerLevel: number | undefined;
};

export type OpenLink = {
  readonly link: PartitionLink;
  /** Resolves with the cause once the link is gone; never rejects. */
  readonly closed: Promise<HubFault>;
  close(): void;
};

export type LinkHooks = {
  readonly connectionClosed: Promise<HubFault>;
  readonly clock: Clock;
  begun(channel: number): void;
  attached(receiver: Receiver): void;
  /** Nothing that still comes on the channel is wanted. */
  detached(channel: number): void;
  /** The channel's number is free again. */
  ended(channel: number): void;
};

const ANSWER_MS = 30_000;
const SELECTOR = "apache.org:selector-filter:string";
const SELECTOR_CODE = 0x468c_0000_0004;

/**
 * Opens a session and a receiving link of its own on it.
 * @throws HubFault when the hub refuses, does not answer in time, or the connection is lost.
 */
export async function openPartitionLink(
  connection: Connection,
  source: LinkSource,
  link: PartitionLink,
  hooks: LinkHooks,
): Promise<OpenLink> {
  const session = connection.create_session({ incoming: SESSION_WINDOW_FRAMES });
  const closed = Promise.withResolvers<HubFault>();
  const opened = Promise.withResolvers<Receiver>();
  let channel = -1;
  const end = (fault: HubFault) => {
    if (channel !== -1) {
      hooks.detached(channel);
    }
    closed.resolve(fault);
  };
  session.on("session_open", () => {
    channel = sessionNumbers(session).remote;
    link.begun(session);
    hooks.begun(channel);
  });
  session.on("session_error", () => end(toHubFault(session.error, "the hub ended the session")));
  session.on("session_close", () => {
    end(new HubFault("amqp:session:closed", "the hub ended the session"));
    session.remove();
    if (channel !== -1) {
      hooks.ended(channel);
    }
  });
  session.begin();
  const receiver = session.open_receiver(linkOptions(source));
  receiver.on("receiver_open", () => {
    // A refusal is an attach without a source, and a detach that says why.
    if (receiver.source?.address) {
      opened.resolve(receiver);
    }
  });
  receiver.on("receiver_error", (context: EventContext) =>
    end(toHubFault(context.receiver?.error, "the hub ended the link")),
  );
  receiver.on("receiver_close", (context: EventContext) => {
    end(toHubFault(context.receiver?.error, "the hub ended the link"));
    // rhea answers the detach only after this event, and a detach that follows the session's end ends the connection.
    receiver.close();
    session.close();
  });
  const close = () => {
    end(new HubFault("closed", "the link was closed"));
    receiver.close();
    session.close();
  };
  const cancel = hooks.clock.after(ANSWER_MS, () => {
    end(new HubFault("com.microsoft:timeout", `the hub did not answer for ${ANSWER_MS / 1000} s`));
  });
  const refused = Promise.race([closed.promise, hooks.connectionClosed]);
  void refused.then((fault) => opened.reject(fault));
  try {
    hooks.attached(await opened.promise);
  } catch (fault) {
    if (!session.is_closed()) {
      close();
    }
    throw fault;
  } finally {
    cancel();
  }
  return { link, closed: refused, close };
}

function linkOptions({ address, after, identifier, ownerLevel }: LinkSource): object {
  const { types } = rhea;
  const selector = types.wrap_described(selectorOf(after), SELECTOR_CODE);
  return {
    source: { address, filter: { [SELECTOR]: selector } },
    target: { address: identifier },
    // Credit and settlement are given by hand.
    credit_window: 0,
    autoaccept: false,
    autosettle: false,
    properties: {
      "com.microsoft:receiver-name": identifier,
      ...(ownerLevel === undefined ? {} : { "com.microsoft:epoch": types.wrap_long(ownerLevel) }),
    },
  };
}

function selectorOf(after: Position | StartPosition): string {
  if ("offset" in after) {
    return `amqp.annotation.x-opt-offset > '${after.offset.replaceAll("'", "''")}'`;
  }
  if (after.kind === "earliest") {
    return "amqp.annotation.x-opt-offset > '-1'";
  }
  if (after.kind === "latest") {
    return "amqp.annotation.x-opt-offset > '@latest'";
  }
  return `amqp.annotation.x-opt-enqueued-time > '${after.enqueuedAtMs}'`;
}
