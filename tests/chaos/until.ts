import { setTimeout as wait } from "node:timers/promises";

/** Looks every 50 ms. @returns whether it came true in time. */
export async function until(isTrue: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    if (await isTrue()) return true;
    if (Date.now() >= deadlineMs) return false;
    await wait(50);
  }
}
