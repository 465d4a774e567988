export type IntakeStats = {
  readonly accepted: number;
  /** Events rejected one by one; the events of a request refused as a whole are not known. */
  readonly rejected: number;
  readonly requests: number;
  readonly keys: readonly { readonly intake_key: string; readonly events: number }[];
};

/** Running numbers of one intake; the store's own counting would read every event. */
export type Counts = {
  requested(): void;
  accepted(intakeKey: string, events: number): void;
  rejected(events: number): void;
  readonly total: number;
  stats(): IntakeStats;
};

/** @param known Events that a reopened database already holds, for each intake key. */
export function countEvents(known: ReadonlyMap<string, number>): Counts {
  const byKey = new Map(known);
  let total = [...known.values()].reduce((sum, events) => sum + events, 0);
  let rejected = 0;
  let requests = 0;
  return {
    requested() {
      requests += 1;
    },
    accepted(intakeKey, events) {
      byKey.set(intakeKey, (byKey.get(intakeKey) ?? 0) + events);
      total += events;
    },
    rejected(events) {
      rejected += events;
    },
    get total() {
      return total;
    },
    stats: () => ({
      accepted: total,
      rejected,
      requests,
      keys: [...byKey].map(([intake_key, events]) => ({ intake_key, events })),
    }),
  };
}
