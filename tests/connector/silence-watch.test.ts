import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { LedgerPage } from "../../src/app/telemetry/ledger-page.ts";
import { type HubPort, type PartitionReader, silentObserver } from "../../src/connector/contract.ts";
import { PIPELINE_DEFAULTS, Pipeline } from "../../src/connector/pipeline.ts";
import { ManualClock } from "../support/manual-clock.ts";

const MINUTE_MS = 60_000;
const EARLIEST = { kind: "earliest" } as const;

/** The whole pipeline from message to metric, on a clock of the test's own. */
function startPipeline() {
  const clock = new ManualClock();
  const warnings: string[] = [];
  const registry = new Registry();
  const page = new LedgerPage(registry);
  let reader: PartitionReader | undefined;
  const hub: HubPort = {
    start: async (open) => {
      reader = open("0", EARLIEST);
    },
    pause: () => undefined,
    release: async () => undefined,
    owns: () => true,
  };
  const settings = { ...PIPELINE_DEFAULTS, intakeKey: "key", chunkSize: 1000, categories: [] };
  const pipeline = new Pipeline(
    { ...settings, repairsJson: true, silenceMs: 5 * MINUTE_MS },
    {
      hub,
      intake: {
        deliver: async ({ recordCount }) => ({
          refused: [],
          accepted: recordCount,
          lastAnswer: { status: 200, durationMs: 1 },
          isBodyFree: true,
        }),
      },
      checkpoint: { write: () => Promise.resolve() },
      deadLetters: { store: () => Promise.resolve() },
      observer: silentObserver,
      clock,
      logger: { log: (level, message) => void (level === "warning" && warnings.push(message)) },
    },
  );
  page.follow(() => pipeline.report());
  const stop = new AbortController();
  const running = pipeline.run(stop.signal);
  let number = 0;
  return {
    warnings,
    clock,
    receive(category: string) {
      const bytes = Buffer.from(JSON.stringify({ category }));
      reader?.receive(bytes, 0, bytes.length, number);
      reader?.reach({ offset: String(number), sequenceNumber: number }, clock.now());
      number++;
    },
    metrics: async () =>
      (await registry.metrics()).split("\n").filter((line) => /^eventhub_intake_\w+_silent/.test(line)),
    async end() {
      stop.abort(new Error("stop"));
      await running;
    },
  };
}

test("a category that fell silent shows in the log and in the metrics, until it comes again", async () => {
  const { warnings, clock, receive, metrics, end } = startPipeline();
  receive("SignInLogs");
  for (let minute = 0; minute < 7; minute++) {
    receive("AuditLogs");
    clock.advance(MINUTE_MS);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(warnings).toEqual([
    "no record of the category SignInLogs has come for 5 minutes; check that its source still sends to this hub",
  ]);
  expect(await metrics()).toEqual([
    'eventhub_intake_category_silent{category="AuditLogs"} 0',
    'eventhub_intake_category_silent{category="SignInLogs"} 1',
    "eventhub_intake_hub_silent 0",
  ]);
  receive("SignInLogs");
  clock.advance(MINUTE_MS);
  expect(await metrics()).toContain('eventhub_intake_category_silent{category="SignInLogs"} 0');
  await end();
});
