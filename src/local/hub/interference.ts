import type { Address } from "./address.ts";
import type { Refusal } from "./refusal.ts";

/** Asked before each step that a test may want to fail. Nothing here makes anything fail. */
export type Interference = {
  readonly refusesTokens: boolean;
  /** `$management` requests get no answer. */
  readonly stallsManagement: boolean;
  /** No receiver gets events; everything else goes on. */
  readonly pausesTransfers: boolean;
  /** Nothing is read from this connection, and nothing written to it. */
  isFrozen(connection: object): boolean;
  /** Why a link to this address may not be opened; undefined if it may. */
  refusalOf(address: Address): Refusal | undefined;
};

export const NO_INTERFERENCE: Interference = {
  refusesTokens: false,
  stallsManagement: false,
  pausesTransfers: false,
  isFrozen: () => false,
  refusalOf: () => undefined,
};
