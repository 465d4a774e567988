import type { Address } from "./address.ts";
import type { Refusal } from "./refusal.ts";

/** Which links a fault meets; a field left out meets all. */
export type LinkFilter = {
  readonly hub?: string;
  readonly group?: string;
  readonly partitionId?: string;
  /** As the client sees it. */
  readonly role?: "receiver" | "sender";
};

/** True if the filter means a link with this address; the links of tokens and management are never meant. */
export function meets(address: Address, filter: LinkFilter): boolean {
  if (address.kind !== "reader" && address.kind !== "hub") {
    return false;
  }
  const same = (wanted: string | undefined, actual: string | undefined) =>
    wanted === undefined || wanted.toLowerCase() === actual?.toLowerCase();
  return (
    same(filter.hub, address.hub) &&
    same(filter.partitionId, address.partitionId) &&
    same(filter.group, address.kind === "reader" ? address.group : undefined) &&
    same(filter.role, address.kind === "reader" ? "receiver" : "sender")
  );
}

/** A connection as the faults see it. */
export type FaultTarget = {
  drop(): void;
  forceClose(refusal: Refusal): void;
  /** @returns how many links were detached. */
  detachLinks(filter: LinkFilter, refusal: Refusal): number;
  schedulePump(): void;
  freeze(isOn: boolean): void;
};

/** What the connections ask before they do something. */
export class FaultState {
  refusesTokens = false;
  stallsManagement = false;
  pausesTransfers = false;
  attachRefusal: { readonly refusal: Refusal; readonly filter: LinkFilter } | undefined;
}

/** Things that go wrong between a client and the service, for tests to cause. Each works on the wire, for real. */
export type Faults = {
  /** Destroys sockets without a word: all of them, or the oldest. @returns how many. */
  dropConnections(which?: "all" | "oldest"): number;
  /** Closes connections the way the service does for maintenance. @returns how many. */
  closeConnections(condition?: string, description?: string): number;
  /** Detaches the links that match with an error. @returns how many. */
  detachLinks(condition: string, filter?: LinkFilter, description?: string): number;
  /** Answers tokens with 401, or checks them again. */
  refuseTokens(isOn: boolean): void;
  /** Leaves `$management` requests without an answer. */
  stallManagement(isOn: boolean): void;
  /** Sends no events to any receiver; everything else goes on. */
  pauseTransfers(isOn: boolean): void;
  /** Reads and writes nothing on the connections there are, but keeps the sockets open. */
  freeze(isOn: boolean): void;
  /** Refuses new links that match with this condition; undefined ends it. */
  refuseAttaches(condition: string | undefined, filter?: LinkFilter): void;
  /** Stops listening and cuts every connection; the events stay. */
  down(): Promise<void>;
  /** Listens again, on the same port. */
  up(): Promise<void>;
};

export function createFaults(
  state: FaultState,
  connections: ReadonlySet<FaultTarget>,
  switches: Pick<Faults, "down" | "up">,
): Faults {
  const each = (act: (connection: FaultTarget) => number) =>
    [...connections].reduce((sum, connection) => sum + act(connection), 0);
  return {
    ...switches,
    dropConnections: (which = "all") =>
      [...connections].slice(0, which === "all" ? undefined : 1).reduce((count, connection) => {
        connection.drop();
        return count + 1;
      }, 0),
    closeConnections: (
      condition = "amqp:connection:forced",
      description = "The connection was closed by the local hub.",
    ) =>
      each((connection) => {
        connection.forceClose({ condition, description });
        return 1;
      }),
    detachLinks: (condition, filter = {}, description = "The link was detached by the local hub.") =>
      each((connection) => connection.detachLinks(filter, { condition, description })),
    refuseTokens: (isOn) => {
      state.refusesTokens = isOn;
    },
    stallManagement: (isOn) => {
      state.stallsManagement = isOn;
    },
    pauseTransfers: (isOn) => {
      state.pausesTransfers = isOn;
      for (const connection of connections) {
        connection.schedulePump();
      }
    },
    freeze: (isOn) => {
      for (const connection of connections) {
        connection.freeze(isOn);
      }
    },
    refuseAttaches: (condition, filter = {}) => {
      state.attachRefusal =
        condition === undefined
          ? undefined
          : {
              refusal: { condition, description: "The local hub was told to refuse this link." },
              filter,
            };
    },
  };
}
