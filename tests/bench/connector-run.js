import process from "node:process";
import { consumeEventhub } from "../../dist/app/forward.js";
import { runTrigger } from "../../dist/app/run-trigger.js";

/**
 * The trigger as the container runs it, built and from `SYMPHONY_DIR`, until it has forwarded a number of records.
 * Argument: that number. Prints `{"events":…,"seconds":…,"cpuMicros":…,"rssBytes":…}`, counted from the first event.
 */
const [wanted = "0"] = process.argv.slice(2);
const target = Number(wanted);
// Ends with whoever started it.
process.stdin.once("close", () => process.exit(1)).resume();
let forwarded = 0;
let startedAt = 0;
let cpu = process.cpuUsage();

const code = await runTrigger({
  commandLine: () => ({ command: "azure_eventhub_messages_trigger" }),
  handler: (context) => {
    const { metrics } = context;
    const received = metrics.received.bind(metrics);
    metrics.received = (...news) => {
      if (startedAt === 0) {
        startedAt = performance.now();
        cpu = process.cpuUsage();
      }
      received(...news);
    };
    const settled = metrics.settled.bind(metrics);
    metrics.settled = (partitionId, outcome, records) => {
      settled(partitionId, outcome, records);
      if (outcome === "forwarded") {
        forwarded += records;
      }
      if (forwarded >= target) {
        finish();
      }
    };
    return consumeEventhub(context);
  },
});
process.exit(code);

function finish() {
  const seconds = (performance.now() - startedAt) / 1000;
  const used = process.cpuUsage(cpu);
  const rssBytes = process.resourceUsage().maxRSS * 1024;
  const draw = { events: forwarded, seconds, cpuMicros: used.user + used.system, rssBytes };
  process.stdout.write(`\n${JSON.stringify(draw)}\n`, () => process.exit(0));
}
