import type { Socket } from "node:net";
import type { Address } from "./address.ts";
import type { HubContext } from "./context.ts";
import { Grants } from "./grants.ts";
import { expiredToken } from "./keys.ts";
import { type AttachedLink, attach, unauthorized } from "./links.ts";
import { type OutgoingLink, ReaderLink, ReplyLink } from "./outgoing.ts";
import type { Refusal } from "./refusal.ts";
import { creditOf, isTrue, spendCredit } from "./window.ts";
import {
  acceptSocket,
  type Frame,
  FrameGuard,
  KAFKA,
  type WireConnection,
  type WireLink,
  type WireSession,
} from "./wire.ts";

/** Unsent bytes at which the links wait for the socket. */
const SEND_HIGH_BYTES = 1024 * 1024;
/** Unsent bytes at which a client that does not read is not read either. */
const REPLY_HIGH_BYTES = 8 * 1024 * 1024;
/** For a client to say hello, and to end after an error. */
const HANDSHAKE_MS = 60_000;
const LINKS_MAX = 2000;
/** Of one session, as the service says it. */
const HANDLE_MAX = 255;

/** One client: its links, what it may do, and the pump that sends events to it. */
export class HubConnection {
  readonly context: HubContext;
  readonly wire: WireConnection;
  readonly grants: Grants;
  readonly socket: Socket;
  readonly #links = new Map<WireLink, AttachedLink>();
  readonly #cancelHandshake: () => void;
  #isPumpPlanned = false;

  constructor(socket: Socket, context: HubContext, closed: (connection: HubConnection) => void) {
    this.context = context;
    this.socket = socket;
    const { connection, wire, plainKey } = acceptSocket(socket, context.keys);
    this.wire = wire;
    this.grants = new Grants(context.clock, plainKey, () => this.#detachExpired());
    this.#cancelHandshake = context.clock.after(HANDSHAKE_MS, () => this.drop());
    const guard = new FrameGuard(
      (bytes) => this.#input(bytes),
      (problem) => {
        if (problem === KAFKA) {
          context.metKafka();
        }
        this.#abort();
      },
    );
    // rhea's own listener would take the bytes unchecked.
    socket.removeAllListeners("data");
    socket.on("data", (bytes: Buffer) => {
      context.received.bytes += bytes.length;
      guard.push(bytes);
    });
    socket.on("drain", () => this.#drained());
    socket.on("close", () => {
      this.#cancelHandshake();
      this.wire.eof();
      this.grants.close();
      for (const link of [...this.#links.keys()]) {
        this.#forget(link);
      }
      closed(this);
    });
    connection.on("connection_open", () => this.#cancelHandshake());
    connection.on("session_open", ({ session }) => this.#takeOver(session as unknown as WireSession));
    connection.on("sender_open", ({ sender }) => this.#attach(sender as unknown as WireLink));
    connection.on("receiver_open", ({ receiver }) => this.#attach(receiver as unknown as WireLink));
    connection.on("sender_close", ({ sender }) => this.#forget(sender as unknown as WireLink));
    connection.on("receiver_close", ({ receiver }) => this.#forget(receiver as unknown as WireLink));
    connection.on("session_close", ({ session }) => this.#forgetSession(session as unknown as WireSession));
    // rhea reports what a client did wrong to whoever listens, and to the console or as an exception if nobody does.
    for (const event of ["error", "protocol_error"]) {
      connection.on(event, () => this.#abort());
    }
    for (const event of [
      "connection_close",
      "connection_error",
      "session_error",
      "sender_error",
      "receiver_error",
      "disconnected",
    ]) {
      connection.on(event, () => {});
    }
  }

  get links(): readonly AttachedLink[] {
    return [...this.#links.values()];
  }

  drop(): void {
    this.socket.destroy();
  }

  detach(link: WireLink, refusal: Refusal): void {
    this.#forget(link);
    link.close(refusal);
  }

  /** Sends what may be sent, once this turn of the event loop is over. */
  schedulePump(): void {
    if (!this.#isPumpPlanned) {
      this.#isPumpPlanned = true;
      setImmediate(() => {
        this.#isPumpPlanned = false;
        this.#pump();
      });
    }
  }

  /** The reply link that a request names, or else one of the same kind on the request's session. */
  replyLink(replyTo: string | undefined, request: WireLink, kind: Address["kind"]): ReplyLink | undefined {
    const replies = this.links.flatMap(({ address, outgoing }) =>
      address.kind === kind && outgoing instanceof ReplyLink ? [outgoing] : [],
    );
    return (
      replies.find(({ names }) => replyTo !== undefined && names.includes(replyTo)) ??
      replies.find(({ link }) => link.session === request.session)
    );
  }

  #input(bytes: Buffer): void {
    this.wire.input(bytes);
    if (this.socket.writableLength > REPLY_HIGH_BYTES) {
      this.socket.pause();
    }
  }

  #drained(): void {
    if (!this.context.interference.isFrozen(this)) {
      this.socket.resume();
      this.schedulePump();
    }
  }

  #detachExpired(): void {
    for (const { link, address } of this.links) {
      if (!this.grants.allows(address)) {
        this.detach(link, unauthorized(expiredToken(this.context.clock.now())));
      }
    }
  }

  #abort(): void {
    this.socket.destroySoon();
  }

  #attach(link: WireLink): void {
    if (this.#links.size >= LINKS_MAX) {
      this.#abort();
      return;
    }
    const attached = attach(link, this);
    if (attached !== undefined) {
      this.#links.set(link, attached);
    }
  }

  #forget(link: WireLink): void {
    const attached = this.#links.get(link);
    if (attached !== undefined) {
      this.#links.delete(link);
      attached.close();
    }
  }

  #forgetSession(session: WireSession): void {
    for (const link of [...this.#links.keys()]) {
      if (link.session === session) {
        this.#forget(link);
      }
    }
  }

  /** Puts our transfers, credit and dispositions in the place of rhea's. */
  #takeOver(session: WireSession): void {
    // The Python client compares with it without looking whether it is there.
    session.local.begin["handle_max"] = HANDLE_MAX;
    session.on_transfer = (frame) => this.#onTransfer(session, frame);
    session.on_flow = (frame) => this.#onFlow(session, frame);
    // What a client does with an event is its own matter: a log has nothing to release or to deliver again.
    session.on_disposition = () => {};
  }

  #onTransfer(session: WireSession, frame: Frame): void {
    session.incoming.next_transfer_id += 1;
    const link = linkOf(session, frame);
    const incoming = link === undefined ? undefined : this.#links.get(link)?.incoming;
    incoming?.onTransfer(frame);
    // rhea opens the session's window again once half of it is used.
    this.wire._register();
  }

  #onFlow(session: WireSession, frame: Frame): void {
    const flow = frame.performative;
    session.outgoing.on_flow(flow);
    session.incoming.on_flow(flow);
    const link = linkOf(session, frame);
    const outgoing = link === undefined ? undefined : this.#links.get(link)?.outgoing;
    if (outgoing !== undefined) {
      this.#updateCredit(outgoing, frame);
    } else if (isTrue(flow["echo"])) {
      session._write_flow(link);
    }
    this.schedulePump();
  }

  #updateCredit(outgoing: OutgoingLink, frame: Frame): void {
    const flow = frame.performative;
    const { link } = outgoing;
    link.credit = creditOf(link, flow);
    const isDraining = isTrue(flow["drain"]);
    link._get_drain = () => isDraining;
    if (isDraining) {
      this.#pumpWhilePossible(outgoing);
      spendCredit(link, link.credit);
    }
    if (isDraining || isTrue(flow["echo"])) {
      link.session._write_flow(link);
    }
  }

  #pumpWhilePossible(outgoing: OutgoingLink): void {
    while (this.#maySend(outgoing) && outgoing.pump()) {
      // Each call sends one burst.
    }
  }

  #maySend(outgoing: OutgoingLink): boolean {
    const { interference } = this.context;
    const isPaused = interference.pausesTransfers && outgoing instanceof ReaderLink;
    return !interference.isFrozen(this) && !isPaused && this.socket.writableLength < SEND_HIGH_BYTES;
  }

  #pump(): void {
    if (this.socket.destroyed) {
      return;
    }
    let isMore = false;
    for (const { outgoing } of this.#links.values()) {
      if (outgoing?.link.is_open() && this.#maySend(outgoing)) {
        isMore = outgoing.pump() || isMore;
      }
    }
    // A full socket calls again when it has drained.
    if (isMore && this.socket.writableLength < SEND_HIGH_BYTES) {
      this.schedulePump();
    }
  }
}

function linkOf(session: WireSession, frame: Frame): WireLink | undefined {
  const handle = frame.performative["handle"];
  return typeof handle === "number" ? session.remote.handles[handle] : undefined;
}
