import rhea, {
  type Connection,
  type ConnectionDetails,
  type ConnectionOptions,
  type Receiver,
  type Session,
} from "rhea";
import { Transfer } from "./transfer.ts";

/**
 * Everything of rhea 3.0.5 that is used here without being documented, in one place; the version is pinned exactly,
 * and `self-test.ts` tries all of it at each start.
 */
type RheaInternals = {
  readonly connection: { input(bytes: Buffer): void };
  readonly session: {
    on_transfer: (frame: RheaTransferFrame) => void;
    readonly local: { readonly channel: number };
    readonly remote: { readonly channel?: number; readonly begin?: { readonly next_outgoing_id?: number } };
  };
  readonly receiver: {
    readonly local: { readonly handle: number };
    readonly remote: { readonly attach?: { readonly initial_delivery_count?: number } };
  };
};

type RheaTransferFrame = {
  readonly performative: {
    readonly delivery_id?: number;
    readonly message_format?: number;
    readonly settled?: boolean;
    readonly more?: boolean;
    readonly aborted?: boolean;
  };
  readonly payload?: Buffer;
};

/** Gives bytes to rhea as if they had come from its socket. Whole frames only, and never a view of a reused buffer. */
export function feed(connection: Connection, bytes: Buffer): void {
  (connection as unknown as RheaInternals["connection"]).input(bytes);
}

/** The channels of an open session and the id of the first transfer that will come on it. */
export function sessionNumbers(session: Session): { local: number; remote: number; nextIncomingId: number } {
  const { local, remote } = session as unknown as RheaInternals["session"];
  return {
    local: local.channel,
    remote: remote.channel ?? 0,
    nextIncomingId: (remote.begin?.next_outgoing_id ?? 0) >>> 0,
  };
}

/** The handle of an attached link and the count of deliveries it starts with. */
export function linkNumbers(receiver: Receiver): { handle: number; deliveryCount: number } {
  const { local, remote } = receiver as unknown as RheaInternals["receiver"];
  return { handle: local.handle, deliveryCount: (remote.attach?.initial_delivery_count ?? 0) >>> 0 };
}

/** The slower way: rhea parses the frames of a session, and its transfers come here instead of to its receiver. */
export function takeTransfers(session: Session, take: (transfer: Transfer, payload: Buffer) => void): void {
  const transfer = new Transfer();
  (session as unknown as RheaInternals["session"]).on_transfer = ({ performative, payload }) => {
    transfer.deliveryId = performative.delivery_id ?? -1;
    transfer.messageFormat = performative.message_format ?? -1;
    transfer.settled = performative.settled === true;
    transfer.more = performative.more === true;
    transfer.aborted = performative.aborted === true;
    transfer.payloadStart = 0;
    take(transfer, payload ?? EMPTY);
  };
}

const EMPTY = Buffer.alloc(0);

/** What rhea needs of a socket. `on("data")` is for the slower way alone. */
export type RheaSocket = {
  write(bytes: Buffer): unknown;
  end(): unknown;
  on(event: string, listener: (...values: never[]) => void): unknown;
  get_id_string(): string;
};

/** @param connect Makes the socket, and calls `connected` once it is usable. */
export function createRheaConnection(
  options: ConnectionOptions,
  connect: (connected: () => void) => RheaSocket,
): Connection {
  const details = {
    connect: (_port: number, _host: string, _options: unknown, connected: () => void) => connect(connected),
  };
  return rhea.create_container().create_connection({
    ...options,
    connection_details: () => details as unknown as ConnectionDetails,
  });
}
