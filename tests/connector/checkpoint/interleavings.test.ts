import fc from "fast-check";
import { expect, test } from "vitest";
import { Ledger, totalsOf } from "../../../src/connector/checkpoint/ledger.ts";
import type { LedgerSession } from "../../../src/connector/checkpoint/ledger-session.ts";
import { type Span, Watermark } from "../../../src/connector/checkpoint/watermark.ts";
import type { Position } from "../../../src/connector/contract.ts";
import { silentLogger } from "../../../src/kernel/log.ts";

/** What happens to the records of one event: each goes into the open chunk or is settled at once. */
type Fate = "chunk" | "filtered" | "heartbeat" | "letter";

type Step =
  | { readonly do: "receive" }
  /** A chunk goes out, with what it holds so far. */
  | { readonly do: "seal" }
  /** The intake answers one of the chunks under way; it refuses some records. */
  | { readonly do: "answer"; readonly which: number; readonly refused: number }
  | { readonly do: "checkpoint" }
  /** Somebody else, or we again, reads on from the checkpoint: the same process or a new one. */
  | { readonly do: "lose" }
  | { readonly do: "restart" };

type Load = { readonly span: Span; readonly records: string[] };

/** A reader of one partition as the connector has it, in small: the ledger and the watermark are the real ones. */
class Reader {
  readonly settled = new Set<string>();
  #ledger = new Ledger(silentLogger);
  #stored: Position | undefined;
  #mark = new Watermark();
  #account: LedgerSession;
  #next = 0;
  #open: Load | undefined;
  #underWay: Load[] = [];
  readonly #events: readonly (readonly Fate[])[];

  constructor(events: readonly (readonly Fate[])[]) {
    this.#events = events;
    this.#account = this.#ledger.open("0", { kind: "earliest" });
  }

  get hasUnread(): boolean {
    return this.#next < this.#events.length;
  }

  get hasOpen(): boolean {
    return this.#open !== undefined || this.#underWay.length > 0;
  }

  step(step: Step): void {
    if (step.do === "receive") {
      this.#receive();
    } else if (step.do === "seal") {
      this.#seal();
    } else if (step.do === "answer") {
      this.#answer(step.which, step.refused);
    } else if (step.do === "checkpoint") {
      this.#stored = this.#mark.position ?? this.#stored;
    } else {
      if (step.do === "lose") {
        this.#account.close();
      } else {
        this.#ledger = new Ledger(silentLogger);
      }
      this.#begin();
    }
  }

  check(): void {
    expect(totalsOf(this.#ledger.rows())).toMatchObject({ imbalance: 0, gapEvents: 0, repeatedEvents: 0 });
    for (let number = 0; number <= (this.#stored?.sequenceNumber ?? -1); number++) {
      for (const record of this.#recordsOf(number)) {
        expect(this.settled).toContain(record);
      }
    }
  }

  #receive(): void {
    const fates = this.#events[this.#next];
    if (fates === undefined) {
      return;
    }
    const number = this.#next++;
    const letters: string[] = [];
    for (const [index, fate] of fates.entries()) {
      const record = `${number}.${index}`;
      if (fate === "chunk") {
        this.#account.hold(1);
        this.#open ??= { span: this.#mark.open(), records: [] };
        this.#open.records.push(record);
      } else if (fate === "letter") {
        letters.push(record);
      } else {
        this.settled.add(record);
        this.#account.settled(fate, 1);
      }
    }
    if (letters.length > 0) {
      this.#account.hold(letters.length);
      this.#underWay.push({ span: this.#mark.open(), records: letters });
    }
    const position = { offset: String(number), sequenceNumber: number };
    this.#mark.reach(position, 1);
    this.#account.received(number, fates.length);
  }

  #seal(): void {
    if (this.#open !== undefined) {
      this.#underWay.push(this.#open);
    }
    this.#open = undefined;
  }

  #answer(which: number, wanted: number): void {
    const [load] = this.#underWay.splice(which % Math.max(1, this.#underWay.length), 1);
    if (load === undefined) {
      return;
    }
    const refused = Math.min(wanted, load.records.length);
    this.#account.settled("dead-lettered", refused);
    this.#account.settled("forwarded", load.records.length - refused);
    for (const record of load.records) {
      this.settled.add(record);
    }
    this.#mark.settle(load.span, load.records.length);
    this.#account.release(load.records.length);
  }

  #begin(): void {
    this.#mark = new Watermark();
    this.#open = undefined;
    this.#underWay = [];
    this.#next = (this.#stored?.sequenceNumber ?? -1) + 1;
    this.#account = this.#ledger.open("0", this.#stored ?? { kind: "earliest" });
  }

  #recordsOf(number: number): string[] {
    return (this.#events[number] ?? []).map((_, index) => `${number}.${index}`);
  }
}

const fate = fc.constantFrom<Fate>("chunk", "chunk", "chunk", "filtered", "heartbeat", "letter");
const step = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Step>({ do: "receive" }) },
  { weight: 3, arbitrary: fc.constant<Step>({ do: "seal" }) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.nat(9), fc.nat(3))
      .map<Step>(([which, refused]) => ({ do: "answer", which, refused })),
  },
  { weight: 3, arbitrary: fc.constant<Step>({ do: "checkpoint" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "lose" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "restart" }) },
);

test("whatever comes in whatever order, the accounts balance, no checkpoint leads, and nothing is lost", () => {
  const events = fc.array(fc.array(fate, { maxLength: 4 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(events, fc.array(step, { maxLength: 200 }), (fates, steps) => {
      const reader = new Reader(fates);
      for (const each of steps) {
        reader.step(each);
        reader.check();
      }
      // In the end everybody has time.
      while (reader.hasUnread || reader.hasOpen) {
        for (const what of ["receive", "seal", "checkpoint"] as const) {
          reader.step({ do: what });
        }
        reader.step({ do: "answer", which: 0, refused: 0 });
        reader.check();
      }
      expect(reader.settled.size).toBe(fates.flat().length);
    }),
    { numRuns: 500 },
  );
});
