import process from "node:process";
import { createInterface } from "node:readline";
import { startIntake } from "../support/intake-faults.ts";

/**
 * The local intake in its discard mode, as a process of its own. Argument: latency in ms. Prints `{"url":…}`; answers
 * each line of its input with `{"count":…}`, the events accepted so far; ends with its input.
 */
const intake = await startIntake({ discard: true });
intake.faults.delay(Number(process.argv[2] ?? 0));
print({ url: intake.url });
for await (const _line of createInterface({ input: process.stdin })) {
  print({ count: intake.count() });
}
await intake.close();
process.exit(0);

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
