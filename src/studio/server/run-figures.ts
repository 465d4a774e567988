import type { Static } from "typebox";
import Schema from "typebox/schema";
import { type Figures, IntakeAnswer, type Ledger, type LedgerRow } from "../contract/runs.ts";

const AMOUNTS = [
  "received",
  "forwarded",
  "filtered",
  "heartbeats",
  "deadLettered",
  "pending",
  "returned",
] as const;
type Amounts = Record<(typeof AMOUNTS)[number], number>;

/** The accounts as the trigger's pages tell them. */
export function ledgerOf(page: string, metrics: string): Static<typeof Ledger> {
  const report = JSON.parse(page) as { total?: unknown; partitions?: unknown };
  const checkpoints = seriesOf(metrics, "eventhub_intake_checkpoint_sequence_number");
  const lags = seriesOf(metrics, "eventhub_intake_lag_events");
  const rows = Array.isArray(report.partitions) ? report.partitions : [];
  const partitions = rows.map((row: Record<string, unknown>): Static<typeof LedgerRow> => {
    const partition = String(row["partition"]);
    const checkpoint = checkpoints.get(partition);
    return {
      partition,
      ...amountsOf(row),
      checkpoint: checkpoint === undefined ? null : String(checkpoint),
      lagEvents: lags.get(partition) ?? null,
    };
  });
  return { partitions, total: amountsOf(report.total) };
}

const isAnswer = Schema.Compile(IntakeAnswer);

/** The intake's last answers, newest first, as the trigger tells them: whichever intake it sends to. */
export function answersOf(page: string): readonly Static<typeof IntakeAnswer>[] {
  const { answers } = JSON.parse(page) as { answers?: unknown };
  return Array.isArray(answers) ? answers.filter((answer) => isAnswer.Check(answer)) : [];
}

export function figuresOf(
  ledger: Static<typeof Ledger>,
  metrics: string,
  receivedPerSecond: number,
): Static<typeof Figures> {
  const lags = [...seriesOf(metrics, "eventhub_intake_lag_seconds").values()];
  return {
    received: ledger.total.received,
    forwarded: ledger.total.forwarded,
    receivedPerSecond,
    deadLetters: ledger.total.deadLettered,
    behindMs: lags.length === 0 ? null : Math.max(...lags) * 1000,
  };
}

function amountsOf(row: unknown): Amounts {
  const given = (row ?? {}) as Record<string, unknown>;
  return Object.fromEntries(AMOUNTS.map((name) => [name, Number(given[name] ?? 0)])) as Amounts;
}

/** A metric's value for each partition. */
function seriesOf(metrics: string, name: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of metrics.split("\n")) {
    if (!line.startsWith(`${name}{`)) {
      continue;
    }
    const partition = /partition="([^"]*)"/.exec(line)?.[1];
    const value = Number(line.slice(line.lastIndexOf(" ") + 1));
    if (partition !== undefined && Number.isFinite(value)) {
      values.set(partition, value);
    }
  }
  return values;
}
