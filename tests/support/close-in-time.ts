import { endsWithin, systemClock } from "../../src/kernel/clock.ts";

const CLOSE_WITHIN_MS = 5000;

/**
 * Closes a client of the SDK, or one of its subscriptions, and waits for that for 5 s at most: now and then the SDK's
 * close never settles after a partition was lost. Its connection ends with the server then.
 */
export async function closeInTime(client: { close(): Promise<void> }): Promise<void> {
  await endsWithin(systemClock, CLOSE_WITHIN_MS, client.close());
}
