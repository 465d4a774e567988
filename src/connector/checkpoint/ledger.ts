import { counted } from "../../kernel/counted.ts";
import type { Logger } from "../../kernel/log.ts";
import type { Outcome, PartitionEnd, Position, StartPosition } from "../contract.ts";
import { LedgerSession } from "./ledger-session.ts";

/** Records of one partition since the process began: `received` is the sum of the six that follow it. */
export type LedgerRow = {
  readonly partition: string;
  readonly isOpen: boolean;
  readonly received: number;
  readonly forwarded: number;
  readonly filtered: number;
  readonly heartbeats: number;
  readonly deadLettered: number;
  /** In the window: received, and not settled. */
  readonly pending: number;
  /** Not settled when the partition was given up: its next reader receives them again. */
  readonly returned: number;
  /** What is missing to the sum; anything but 0 is an error of ours. */
  readonly imbalance: number;
  /** Events that were never received although their sequence numbers were passed. */
  readonly gapEvents: number;
  /** By how many events the hub went back; the same reader receives them twice. */
  readonly repeatedEvents: number;
  readonly lastSequenceNumber: number | null;
  /** Events in the hub that are not received; `null` before the hub told. */
  readonly lagEvents: number | null;
  /** By how much the newest event received is older than the newest in the hub, milliseconds. */
  readonly lagMs: number | null;
};

export type LedgerTotals = Omit<LedgerRow, "partition" | "isOpen" | "lastSequenceNumber" | "lagMs">;

/** The oldest unread event is closer than this to the oldest one that the hub keeps: share of what it keeps. */
const RETENTION_WARNING = 0.1;

/**
 * Accounts for every record of every partition, for as long as the process runs. It trusts nobody: what is pending is
 * counted where the window is taken and given, and what is settled where it settles, so that the two must agree.
 */
export class Ledger {
  readonly #logger: Logger;
  readonly #entries = new Map<string, PartitionEntry>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * A partition is read from now on.
   * @param from The checkpoint: the next event must follow it without a gap.
   */
  open(partitionId: string, from: Position | StartPosition): LedgerSession {
    let entry = this.#entries.get(partitionId);
    if (entry === undefined) {
      entry = new PartitionEntry(partitionId, this.#logger);
      this.#entries.set(partitionId, entry);
    }
    return entry.open("sequenceNumber" in from ? from.sequenceNumber : undefined);
  }

  /** What the hub says about a partition that is being read. */
  observeEnd(partitionId: string, end: PartitionEnd): void {
    this.#entries.get(partitionId)?.observeEnd(end);
  }

  /**
   * The accounts, checked. Between two events, whenever that is, they balance.
   * An imbalance is reported as critical, once for each partition and amount.
   */
  rows(): LedgerRow[] {
    return [...this.#entries.values()].map((entry) => entry.row());
  }
}

/** @returns the sums over all partitions. */
export function totalsOf(rows: readonly LedgerRow[]): LedgerTotals {
  const sum = (amount: (row: LedgerRow) => number | null) =>
    rows.reduce((total, row) => total + (amount(row) ?? 0), 0);
  return {
    received: sum((row) => row.received),
    forwarded: sum((row) => row.forwarded),
    filtered: sum((row) => row.filtered),
    heartbeats: sum((row) => row.heartbeats),
    deadLettered: sum((row) => row.deadLettered),
    pending: sum((row) => row.pending),
    returned: sum((row) => row.returned),
    imbalance: sum((row) => Math.abs(row.imbalance)),
    gapEvents: sum((row) => row.gapEvents),
    repeatedEvents: sum((row) => row.repeatedEvents),
    lagEvents: sum((row) => row.lagEvents),
  };
}

/** All readings of one partition by this process, one after the other. */
class PartitionEntry {
  readonly #partitionId: string;
  readonly #logger: Logger;
  #received = 0;
  readonly #settled: Record<Outcome, number> = {
    forwarded: 0,
    filtered: 0,
    heartbeat: 0,
    "dead-lettered": 0,
  };
  #returned = 0;
  #imbalanceBefore = 0;
  #gapEvents = 0;
  #repeatedEvents = 0;
  #lastSequenceNumber: number | undefined;
  #isRestarted = false;
  #newestEnqueuedAtMs: number | undefined;
  #end: PartitionEnd | undefined;
  #reading: LedgerSession | undefined;
  #toldImbalance = 0;
  /** One line about skipped or repeated events between two looks at the accounts, however many there are. */
  #hasToldOrder = false;
  #isNearRetention = false;

  constructor(partitionId: string, logger: Logger) {
    this.#partitionId = partitionId;
    this.#logger = logger;
  }

  open(afterSequenceNumber: number | undefined): LedgerSession {
    this.#reading?.close();
    this.#lastSequenceNumber = afterSequenceNumber;
    this.#newestEnqueuedAtMs = undefined;
    this.#end = undefined;
    const reading = new LedgerSession({
      received: (sequenceNumber, records) => {
        const before = this.#lastSequenceNumber;
        if (before !== undefined && sequenceNumber !== before + 1) {
          this.#jumped(before, sequenceNumber);
        }
        this.#lastSequenceNumber = sequenceNumber;
        this.#received += records;
      },
      reached: (enqueuedAtMs) => {
        this.#newestEnqueuedAtMs = enqueuedAtMs;
      },
      settled: (outcome, records) => {
        this.#settled[outcome] += records;
      },
      restarted: () => {
        this.#isRestarted = true;
      },
      closed: (pending) => {
        this.#imbalanceBefore = this.#imbalanceWith(pending);
        this.#returned += pending;
        this.#reading = undefined;
        this.#end = undefined;
      },
    });
    this.#reading = reading;
    return reading;
  }

  observeEnd(end: PartitionEnd): void {
    if (this.#reading === undefined) {
      return;
    }
    this.#end = end;
    this.#watchRetention(end);
  }

  row(): LedgerRow {
    const pending = this.#reading?.pending ?? 0;
    const imbalance = this.#reading === undefined ? this.#imbalanceBefore : this.#imbalanceWith(pending);
    if (imbalance !== this.#toldImbalance) {
      this.#toldImbalance = imbalance;
      this.#tell("error", `the accounts of partition ${this.#partitionId} do not balance`, {
        imbalance,
        received: this.#received,
        pending,
      });
    }
    this.#hasToldOrder = false;
    const settled = this.#settled;
    return {
      partition: this.#partitionId,
      isOpen: this.#reading !== undefined,
      received: this.#received,
      forwarded: settled.forwarded,
      filtered: settled.filtered,
      heartbeats: settled.heartbeat,
      deadLettered: settled["dead-lettered"],
      pending,
      returned: this.#returned,
      imbalance,
      gapEvents: this.#gapEvents,
      repeatedEvents: this.#repeatedEvents,
      lastSequenceNumber: this.#lastSequenceNumber ?? null,
      ...this.#lag(),
    };
  }

  #imbalanceWith(pending: number): number {
    const { forwarded, filtered, heartbeat, "dead-lettered": deadLettered } = this.#settled;
    return this.#received - (forwarded + filtered + heartbeat + deadLettered + pending + this.#returned);
  }

  #jumped(before: number, sequenceNumber: number): void {
    const skipped = sequenceNumber - before - 1;
    const isRestarted = this.#isRestarted;
    this.#isRestarted = false;
    if (isRestarted && skipped < 0) {
      return;
    }
    if (skipped > 0) {
      this.#gapEvents += skipped;
    } else {
      this.#repeatedEvents -= skipped;
    }
    if (this.#hasToldOrder) {
      return;
    }
    this.#hasToldOrder = true;
    const where = `partition ${this.#partitionId}: after sequence number ${before} came ${sequenceNumber}`;
    if (skipped > 0) {
      this.#tell(
        "error",
        `${where}, so ${counted(skipped, "event")} never arrived; the hub no longer had them, or was recreated`,
        { gapEvents: skipped },
      );
    } else {
      this.#tell("warning", `${where}; events arrive twice`, { repeatedEvents: -skipped });
    }
  }

  #lag(): Pick<LedgerRow, "lagEvents" | "lagMs"> {
    const end = this.#end;
    if (end === undefined) {
      return { lagEvents: null, lagMs: null };
    }
    const read = this.#lastSequenceNumber ?? end.firstSequenceNumber - 1;
    const lagEvents = Math.max(0, end.lastSequenceNumber - read);
    if (lagEvents === 0) {
      return { lagEvents, lagMs: 0 };
    }
    const newest = this.#newestEnqueuedAtMs;
    return { lagEvents, lagMs: newest === undefined ? null : Math.max(0, end.lastEnqueuedAtMs - newest) };
  }

  /** The hub has dropped events already (its first one is not number 0) and is about to drop unread ones. */
  #watchRetention({ firstSequenceNumber, lastSequenceNumber }: PartitionEnd): void {
    const read = this.#lastSequenceNumber;
    const kept = lastSequenceNumber - firstSequenceNumber + 1;
    const isNear =
      read !== undefined &&
      read < lastSequenceNumber &&
      firstSequenceNumber > 0 &&
      read + 1 - firstSequenceNumber <= kept * RETENTION_WARNING;
    if (isNear && !this.#isNearRetention) {
      this.#tell(
        "warning",
        `partition ${this.#partitionId} is so far behind that the hub will soon drop unread events: raise the hub's retention, or run more processes`,
        { lagEvents: lastSequenceNumber - read, unreadButKept: read + 1 - firstSequenceNumber },
      );
    }
    this.#isNearRetention = isNear;
  }

  #tell(level: "warning" | "error", message: string, fields: Readonly<Record<string, number>>): void {
    this.#logger.log(level, message, { partition: this.#partitionId, ...fields });
  }
}
