import type { PartitionReader } from "../contract.ts";

/** Takes messages and does nothing with them. */
export const IDLE_READER: PartitionReader = {
  receive: () => undefined,
  reach: () => undefined,
  pendingEvents: 0,
  flush: () => undefined,
  alive: () => undefined,
  observeEnd: () => undefined,
  close: () => undefined,
};
