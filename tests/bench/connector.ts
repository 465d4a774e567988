import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { startStorage } from "../../src/local/storage/azurite.ts";
import {
  build,
  type Draw,
  draw,
  hubConfig,
  IMAGE_ENVIRONMENT,
  median,
  print,
  type Server,
  start,
  stop,
  writePlatformFiles,
} from "./support.ts";

/**
 * The whole job against the SDK's subscriber that does nothing, in one run: both take turns, three times each, and the
 * medians are compared. Hub, storage, intake and client are processes of their own on the same cores.
 * Arguments: messages a partition (default 100,000), rounds (3), the cases by name (all).
 */
const RECORD_BYTES = 1024;

type Case = {
  readonly name: string;
  readonly title: string;
  readonly partitions: number;
  readonly recordBytes: number;
  /** Forty short fields, as logs have them, instead of one long text. */
  readonly isDense: boolean;
  /** Records in one message; more than one are wrapped by `{"records":[…]}`. */
  readonly recordsPerMessage: number;
  readonly tls: boolean;
  readonly latencyMs: number;
};

const BASE = {
  partitions: 4,
  recordBytes: RECORD_BYTES,
  isDense: false,
  recordsPerMessage: 1,
  tls: false,
  latencyMs: 0,
};
const CASES: readonly Case[] = [
  { ...BASE, name: "plain", title: "1 KB, 4 partitions" },
  { ...BASE, name: "tls", title: "the same over TLS", tls: true },
  { ...BASE, name: "latency", title: "the same, the intake answers after 100 ms", latencyMs: 100 },
  { ...BASE, name: "dense", title: "forty short fields, 1 KB", isDense: true },
  { ...BASE, name: "records", title: "records in wrappers of 50", recordsPerMessage: 50 },
  { ...BASE, name: "one", title: "1 partition", partitions: 1 },
  { ...BASE, name: "many", title: "32 partitions", partitions: 32 },
  { ...BASE, name: "100B", title: "100 bytes", recordBytes: 100 },
  { ...BASE, name: "10KB", title: "10 KB", recordBytes: 10_240 },
  { ...BASE, name: "200KB", title: "200 KB", recordBytes: 204_800 },
];

const messagesPerPartition = Number(process.argv[2] ?? 100_000);
const rounds = Number(process.argv[3] ?? 3);
const names = process.argv.slice(4);
const folder = await mkdtemp(path.join(tmpdir(), "connector-bench-"));
build();
const storage = await startStorage({});
print(
  "case                                        | SDK no-op, messages/s | connector, records/s |   MB/s | CPU µs a record (SDK) | peak RSS | ratio of rate, CPU",
);
for (const each of CASES) {
  if (names.length === 0 || names.includes(each.name)) {
    await measure(each);
  }
}
await storage.close();
await rm(folder, { recursive: true });

async function measure(each: Case): Promise<void> {
  const messages = Math.max(
    200,
    Math.floor((scale(each) * messagesPerPartition * BASE.partitions) / each.partitions),
  );
  const hub = await startHub(each);
  const record = recordOf(each);
  const body =
    each.recordsPerMessage === 1
      ? record
      : `{"records":[${Array(each.recordsPerMessage).fill(record).join()}]}`;
  for (let partition = 0; partition < each.partitions; partition++) {
    await hub.ask({
      append: { hub: "bench", partitionId: String(partition), bodies: [body], times: messages },
    });
  }
  const total = messages * each.partitions;
  const environment = each.tls ? { NODE_EXTRA_CA_CERTS: path.join(folder, "cert.pem") } : {};
  const sdk: Draw[] = [];
  const connector: Draw[] = [];
  for (let round = 0; round < rounds; round++) {
    const { connectionString = "" } = hub.first;
    // The first batches, and what is in flight at the end, are outside the SDK's count.
    const args = [connectionString, "bench", String(Math.floor(total * 0.9))];
    sdk.push(await draw("./hub-sdk.ts", args, environment));
    connector.push(
      await drawConnector(
        each,
        connectionString,
        Math.floor(total * 0.9) * each.recordsPerMessage,
        environment,
      ),
    );
  }
  await stop(hub);
  const rate = median(connector.map(({ events, seconds }) => events / seconds));
  const sdkRate = median(sdk.map(({ events, seconds }) => events / seconds));
  const cpu = median(connector.map(({ events, cpuMicros }) => cpuMicros / events));
  const sdkCpu = median(sdk.map(({ events, cpuMicros }) => cpuMicros / events));
  const rss = Math.max(...connector.map(({ rssBytes }) => rssBytes)) / 2 ** 20;
  const ratio = rate / (sdkRate * each.recordsPerMessage);
  const cpuRatio = (cpu * each.recordsPerMessage) / sdkCpu;
  print(
    `${each.title.padEnd(43)} | ${String(Math.round(sdkRate)).padStart(21)} | ${String(Math.round(rate)).padStart(20)} | ${((rate * each.recordBytes) / 1e6).toFixed(1).padStart(6)} | ${`${cpu.toFixed(2)} (${sdkCpu.toFixed(2)})`.padStart(21)} | ${`${rss.toFixed(0)} MiB`.padStart(8)} | ${ratio.toFixed(2)}, ${cpuRatio.toFixed(2)}`,
  );
}

function recordOf({ isDense, recordBytes }: Case): string {
  const fields = Array.from({ length: 40 }, (_, index) => [`field${1000 + index}`, `value ${1000 + index}`]);
  return JSON.stringify({
    category: "Devices",
    ...(isDense ? Object.fromEntries(fields) : { text: "x".repeat(recordBytes - 32) }),
  });
}

/** Large messages are fewer, so that each case takes about as long. */
function scale({ recordBytes, recordsPerMessage }: Case): number {
  return Math.min(2, Math.max(0.01, RECORD_BYTES / (recordBytes * recordsPerMessage)));
}

async function drawConnector(
  each: Case,
  connectionString: string,
  records: number,
  environment: Record<string, string>,
): Promise<Draw> {
  const intake = await start("./discard-intake.ts", [String(each.latencyMs)]);
  const symphony = await mkdtemp(path.join(folder, "symphony-"));
  await writePlatformFiles(symphony, {
    hubName: "bench",
    hubString: connectionString,
    storageString: storage.connectionString,
    containerName: `bench-${path.basename(symphony).slice(-6).toLowerCase()}`,
    intakeUrl: intake.first["url"] ?? "",
  });
  const result = await draw("./connector-run.js", [String(records)], {
    ...environment,
    ...IMAGE_ENVIRONMENT,
    SYMPHONY_DIR: symphony,
  });
  await stop(intake);
  return result;
}

async function startHub({ partitions, tls }: Case): Promise<Server> {
  const config = path.join(folder, "Config.json");
  await writeFile(config, JSON.stringify(hubConfig("bench", partitions)));
  const args = ["--config", config];
  if (tls) {
    const key = path.join(folder, "key.pem");
    const cert = path.join(folder, "cert.pem");
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    execFileSync(
      "openssl",
      ["req", "-x509", ...curve, "-days", "1", ...subject, "-keyout", key, "-out", cert],
      {
        stdio: "ignore",
      },
    );
    args.push("--tls-key", key, "--tls-cert", cert);
  }
  return start("../../src/local/hub/process.ts", args);
}
