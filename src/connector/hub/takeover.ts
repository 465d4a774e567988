import { type Clock, sleep } from "../../kernel/clock.ts";
import type { PositionStore } from "../contract.ts";
import type { HubConnection } from "./amqp/connection.ts";
import type { LinkSource } from "./amqp/open-link.ts";

export type TakeoverPorts = {
  connect(signal: AbortSignal): Promise<HubConnection>;
  readonly positions: PositionStore;
  readonly clock: Clock;
};

const LOOK_MS = 250;
/** Whoever has stored no position for this time after its link ended has stored its last. */
const QUIET_MS = 1000;
const LIMIT_MS = 5000;

/**
 * Ends the link of the consumer that a partition is taken from, and waits until its position rests: what it had under way
 * is settled by then, and does not come twice. A hub or a store that fails ends the wait; reading begins all the same.
 * @throws the signal's reason.
 */
export async function endReader(
  partitionId: string,
  source: Omit<LinkSource, "after">,
  { connect, positions, clock }: TakeoverPorts,
  signal: AbortSignal,
): Promise<void> {
  try {
    const connection = await connect(signal);
    // Nothing is asked for, so any position does.
    const link = await connection.openIdleLink({ ...source, after: { kind: "latest" } }, signal);
    try {
      await rest(() => positions.read(partitionId), clock, signal);
    } finally {
      link.close();
    }
  } catch {
    signal.throwIfAborted();
  }
}

/** Waits until what is read stays the same. */
async function rest(
  read: () => ReturnType<PositionStore["read"]>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const startedAtMs = clock.now();
  let changedAtMs = startedAtMs;
  let before = await read();
  while (clock.now() - changedAtMs < QUIET_MS && clock.now() - startedAtMs < LIMIT_MS) {
    await sleep(clock, LOOK_MS, signal);
    const now = await read();
    if (now?.sequenceNumber !== before?.sequenceNumber) {
      changedAtMs = clock.now();
    }
    before = now;
  }
}
