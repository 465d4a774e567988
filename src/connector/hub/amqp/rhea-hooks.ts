import rhea, {
  type Connection,
  type ConnectionDetails,
  type ConnectionOptions,
  type Receiver,
  type Session,
} from "rhea";

/**
 * Everything of rhea 3.0.5 that is used here without being documented, in one place; the version is pinned exactly,
 * and a test tries all of it.
 */
type RheaInternals = {
  readonly connection: { input(bytes: Buffer): void };
  readonly session: {
    readonly local: { readonly channel: number };
    readonly remote: { readonly channel?: number; readonly begin?: { readonly next_outgoing_id?: number } };
  };
  readonly receiver: {
    readonly local: { readonly handle: number };
    readonly remote: { readonly attach?: { readonly initial_delivery_count?: number } };
  };
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

/** What rhea needs of a socket. */
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
