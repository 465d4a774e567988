import type { ReceiveBudget } from "../../contract.ts";

/** What a link tells for its share of the credit, in events. */
export type CreditUser = {
  /** Granted and not used. */
  readonly outstandingEvents: number;
  /** Received and not settled. */
  readonly pendingEvents: number;
  readonly hasReceived: boolean;
  /** Of the events received lately. */
  readonly meanEventBytes: number;
};

/** Before the first event of a link shows how large they are, so many are asked for, … */
const FIRST_EVENTS = 100;
/** … and each counts as this large. */
export const ASSUMED_EVENT_BYTES = 2048;
/** A grant smaller than this part of what a link may hold waits, so that flow frames stay rare. */
const TOP_UP_PART = 4;

/**
 * Shares out what may be received: for each partition unsettled and granted events stay under a bound, and over all
 * partitions their bytes stay under the budget, as far as sizes can be foreseen. Half of the bytes are shared evenly,
 * so that no partition starves; the other half goes to those who ask first.
 */
export class CreditPolicy {
  readonly #budget: ReceiveBudget;
  readonly #maxEvents: number;
  readonly #users = new Set<CreditUser>();

  /** @param maxEvents Unsettled and granted events of one partition. */
  constructor(budget: ReceiveBudget, maxEvents: number) {
    this.#budget = budget;
    this.#maxEvents = maxEvents;
  }

  /** Of all partitions, as memory holds them. */
  get pendingBytes(): number {
    return this.#budget.pendingBytes;
  }

  add(user: CreditUser): void {
    this.#users.add(user);
  }

  remove(user: CreditUser): void {
    this.#users.delete(user);
  }

  /** @returns how many more events the user may be sent now; 0 also when a grant is not worth a frame yet. */
  grant(user: CreditUser): number {
    if (this.#budget.isFull) {
      return 0;
    }
    const { outstandingEvents, pendingEvents, meanEventBytes } = user;
    const has = outstandingEvents + pendingEvents;
    const bound = user.hasReceived ? this.#maxEvents : Math.min(this.#maxEvents, FIRST_EVENTS);
    // Asked after each read: mostly nothing is to be granted, whatever the bytes of the others.
    if (outstandingEvents > 0 && (bound - has) * TOP_UP_PART < bound) {
      return 0;
    }
    const shareBytes = this.#budget.maxBytes / 2 / this.#users.size;
    const roomBytes = Math.max(0, shareBytes - has * meanEventBytes) + this.#freeBytes(shareBytes);
    const most = Math.min(bound, has + Math.floor(roomBytes / meanEventBytes));
    const missing = most - has;
    if (outstandingEvents > 0) {
      return missing * TOP_UP_PART < most ? 0 : missing;
    }
    // One event at least gets through, however large it is, once nothing else of its partition is held.
    return Math.max(missing, has === 0 ? 1 : 0);
  }

  /** What is left of the half that is not shared evenly. */
  #freeBytes(shareBytes: number): number {
    let free = this.#budget.maxBytes / 2;
    // Partitions that are read no longer may have left something behind that is not settled.
    let unknownBytes = this.#budget.pendingBytes;
    for (const { outstandingEvents, pendingEvents, meanEventBytes } of this.#users) {
      unknownBytes -= pendingEvents * meanEventBytes;
      free -= Math.max(0, (outstandingEvents + pendingEvents) * meanEventBytes - shareBytes);
    }
    return Math.max(0, free - Math.max(0, unknownBytes));
  }
}
