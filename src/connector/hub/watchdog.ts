/** What one look at a partition shows. */
export type PartitionLook = {
  /** The last event that was received; -1 for none. */
  readonly receivedSequenceNumber: number;
  /** The newest event in the hub. */
  readonly lastSequenceNumber: number;
  /** The hub was told that it may send. */
  readonly hasCredit: boolean;
};

/** `relink`: reopen the link; `reconnect`: reopen the connection; `stuck`: neither has helped. */
export type WatchdogAdvice = "fine" | "relink" | "reconnect" | "stuck";

/** Looks at which a partition stands still before something is done about it. */
const PATIENCE_LOOKS = 3;

/**
 * Notices a partition that is read and silent although the hub holds newer events and may send them
 * (azure-sdk-for-js #22115 and its kin). One for each partition; looks come at even intervals.
 */
export class Watchdog {
  #previous: PartitionLook | undefined;
  #silentLooks = 0;
  #measures = 0;

  look(look: PartitionLook): WatchdogAdvice {
    const previous = this.#previous;
    this.#previous = look;
    const isWaiting = look.hasCredit && look.lastSequenceNumber > look.receivedSequenceNumber;
    const isStill =
      previous !== undefined &&
      isWaiting &&
      look.receivedSequenceNumber === previous.receivedSequenceNumber &&
      // What came in since the last look may be on its way.
      previous.lastSequenceNumber > look.receivedSequenceNumber;
    if (!isStill) {
      this.#silentLooks = 0;
      if (previous !== undefined && look.receivedSequenceNumber !== previous.receivedSequenceNumber) {
        this.#measures = 0;
      }
      return this.#measures > 2 ? "stuck" : "fine";
    }
    this.#silentLooks++;
    if (this.#silentLooks < PATIENCE_LOOKS) {
      return this.#measures > 2 ? "stuck" : "fine";
    }
    this.#silentLooks = 0;
    this.#measures++;
    if (this.#measures === 1) {
      return "relink";
    }
    return this.#measures === 2 ? "reconnect" : "stuck";
  }
}
