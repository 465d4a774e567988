import { setTimeout as wait } from "node:timers/promises";

/** How long a test waits for what should come true soon; generous, since machines are busy. */
const WITHIN_MS = 60_000;

const LOOK_EVERY_MS = 10;

/** Looks every few milliseconds. @returns whether it came true in time. */
export async function until(isTrue: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    if (await isTrue()) {
      return true;
    }
    if (Date.now() >= deadlineMs) {
      return false;
    }
    await wait(LOOK_EVERY_MS);
  }
}

/**
 * Waits until it holds.
 * @throws Error with what `describe` says then, when it does not come true in time
 */
export async function eventually(
  isTrue: () => boolean | Promise<boolean>,
  describe: () => unknown = () => isTrue.toString(),
): Promise<void> {
  if (await until(isTrue, WITHIN_MS)) {
    return;
  }
  throw new Error(`This did not come true within ${WITHIN_MS} ms: ${String(describe())}`);
}
