import process from "node:process";
import { EventHubConsumerClient, earliestEventPosition } from "@azure/event-hubs";

/** Receives events with the SDK and does nothing with them. Arguments: connection string, hub, messages to wait for. */
const [connectionString = "", hub = "", wanted = "0"] = process.argv.slice(2);

const client = new EventHubConsumerClient("$Default", connectionString, hub, {
  skipParsingBodyAsJson: true,
} as object);
const target = Number(wanted);
// Ends with whoever started it.
process.stdin.once("close", () => process.exit(1)).resume();
let events = 0;
let startedAt = 0;
let cpu = process.cpuUsage();
await new Promise<void>((resolve, reject) => {
  client.subscribe(
    {
      processEvents: async (batch) => {
        if (startedAt === 0 && batch.length > 0) {
          startedAt = performance.now();
          cpu = process.cpuUsage();
        } else {
          events += batch.length;
        }
        if (events >= target) {
          resolve();
        }
      },
      processError: async (error) => reject(error),
    },
    {
      maxBatchSize: 1000,
      prefetchCount: 3000,
      maxWaitTimeInSeconds: 5,
      startPosition: earliestEventPosition,
      skipParsingBodyAsJson: true,
    },
  );
});
const seconds = (performance.now() - startedAt) / 1000;
const used = process.cpuUsage(cpu);
process.stdout.write(
  `${JSON.stringify({ events, seconds, cpuMicros: used.user + used.system, rssBytes: process.resourceUsage().maxRSS * 1024 })}\n`,
);
process.exit(0);
