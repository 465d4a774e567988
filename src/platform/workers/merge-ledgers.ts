import type { LedgerReport } from "../../app/telemetry/ledger-page.ts";

type Values = Readonly<Record<string, unknown>>;

/** Of these the reader's value counts, not the sum: whoever read the partition before knows less. */
const GREATEST: ReadonlySet<string> = new Set(["lastSequenceNumber", "lagEvents", "lagMs"]);

/** The accounts of several processes as one: a partition may have been read by one after the other. */
export function mergeLedgers(reports: readonly LedgerReport[]): LedgerReport | undefined {
  const [first, ...others] = reports;
  return first && others.reduce(mergeReports, first);
}

function mergeReports(one: LedgerReport, other: LedgerReport): LedgerReport {
  return {
    // What the item tells beside these is numbers.
    ...mergeValues(one, other),
    total: mergeValues(one.total, other.total),
    partitions: mergeRows(one.partitions, other.partitions, ({ partition }) => partition),
    categories: mergeRows(one.categories, other.categories, ({ category }) => category),
    repaired: mergeRows(one.repaired, other.repaired, ({ kind, category }) => `${kind} ${category}`),
  };
}

function mergeRows<Row extends Values>(
  some: readonly Row[],
  others: readonly Row[],
  keyOf: (row: Row) => string,
): Row[] {
  const merged = new Map(some.map((row) => [keyOf(row), row]));
  for (const row of others) {
    const before = merged.get(keyOf(row));
    merged.set(keyOf(row), before === undefined ? row : mergeValues(before, row));
  }
  return [...merged.values()];
}

/** Numbers are added; what is true for one is true; what one does not know, the other may. */
function mergeValues<T extends Values>(one: T, other: T): T {
  const merged: Record<string, unknown> = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const before = merged[name];
    if (typeof before === "number" && typeof value === "number") {
      merged[name] = GREATEST.has(name) ? Math.max(before, value) : before + value;
    } else {
      merged[name] = typeof before === "boolean" ? before || value : (before ?? value);
    }
  }
  return merged as T;
}
