import type { Address } from "../../src/local/hub/address.ts";
import type { Interference } from "../../src/local/hub/interference.ts";
import type { Refusal } from "../../src/local/hub/refusal.ts";
import {
  type HubOptions,
  type LocalHubServer,
  startHub as startLocalHub,
} from "../../src/local/hub/server.ts";

/** Which links a fault meets; a field left out meets all. */
type LinkFilter = {
  readonly hub?: string;
  readonly group?: string;
  readonly partitionId?: string;
  /** As the client sees it. */
  readonly role?: "receiver" | "sender";
};

/** True if the filter means a link with this address; the links of tokens and management are never meant. */
function meets(address: Address, filter: LinkFilter): boolean {
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

/** Things that go wrong between a client and the service, for tests to cause. Each works on the wire, for real. */
type Faults = {
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

export type FaultyHub = LocalHubServer & { readonly faults: Faults };

/** A local hub whose faults a test can cause. */
export async function startHub(options: HubOptions): Promise<FaultyHub> {
  const { interference, faultsOf } = planHubFaults();
  return faultsOf(await startLocalHub({ ...options, interference }));
}

/** What a hub is to ask, and the faults of the hub that asks it. */
export function planHubFaults(): {
  interference: Interference;
  faultsOf(server: LocalHubServer): FaultyHub;
} {
  const frozen = new WeakSet<object>();
  const state = { refusesTokens: false, stallsManagement: false, pausesTransfers: false };
  let refused: { readonly refusal: Refusal; readonly filter: LinkFilter } | undefined;
  const interference: Interference = {
    get refusesTokens() {
      return state.refusesTokens;
    },
    get stallsManagement() {
      return state.stallsManagement;
    },
    get pausesTransfers() {
      return state.pausesTransfers;
    },
    isFrozen: (connection) => frozen.has(connection),
    refusalOf: (address) =>
      refused !== undefined && meets(address, refused.filter) ? refused.refusal : undefined,
  };
  const faultsOf = (server: LocalHubServer): FaultyHub => ({
    ...server,
    faults: {
      down: () => server.suspend(),
      up: () => server.resume(),
      dropConnections(which = "all") {
        const dropped = [...server.connections].slice(0, which === "all" ? undefined : 1);
        for (const connection of dropped) {
          connection.drop();
        }
        return dropped.length;
      },
      closeConnections(
        condition = "amqp:connection:forced",
        description = "The connection was closed by the local hub.",
      ) {
        const closed = [...server.connections];
        for (const { wire } of closed) {
          wire.close({ condition, description });
        }
        return closed.length;
      },
      detachLinks(condition, filter = {}, description = "The link was detached by the local hub.") {
        let count = 0;
        for (const connection of server.connections) {
          for (const { address, link } of connection.links) {
            if (!meets(address, filter)) {
              continue;
            }
            connection.detach(link, { condition, description });
            count += 1;
          }
        }
        return count;
      },
      refuseTokens(isOn) {
        state.refusesTokens = isOn;
      },
      stallManagement(isOn) {
        state.stallsManagement = isOn;
      },
      pauseTransfers(isOn) {
        state.pausesTransfers = isOn;
        for (const connection of server.connections) {
          connection.schedulePump();
        }
      },
      freeze(isOn) {
        for (const connection of server.connections) {
          if (frozen.has(connection) === isOn) {
            continue;
          }
          if (isOn) {
            frozen.add(connection);
            connection.socket.pause();
            // Holds rhea's heartbeats back too.
            connection.socket.cork();
          } else {
            frozen.delete(connection);
            connection.socket.uncork();
            connection.socket.resume();
            connection.schedulePump();
          }
        }
      },
      refuseAttaches(condition, filter = {}) {
        const description = "The local hub was told to refuse this link.";
        refused = condition === undefined ? undefined : { refusal: { condition, description }, filter };
      },
    },
  });
  return { interference, faultsOf };
}
