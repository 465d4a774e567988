/**
 * `npm run interop`: the clients of other languages against the local hub and beside the trigger. Python needs `python3`,
 * Go needs `go`; what is not there is reported and is no failure. Writes the counts to coverage/interop.json, and exits
 * with 1 when a check failed.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { ContainerClient } from "@azure/storage-blob";
import { makeCertificate } from "../../src/local/hub/certificate.ts";
import { startHub } from "../../src/local/hub/server.ts";
import { startStack } from "../../src/local/stack.ts";
import { type CheckLine, type Found, findGo, findPython, start } from "./clients.ts";
import { shareWithTrigger } from "./sharing.ts";

const HUB = "interop";
const GROUP = "interop";
const RESULTS = path.join(import.meta.dirname, "../../coverage/interop.json");
const CHECKS_WITHIN_MS = 120_000;

let passed = 0;
let failed = 0;

function tell(client: string, { check, passed: isPassed, why }: CheckLine): void {
  if (isPassed) {
    passed += 1;
  } else {
    failed += 1;
  }
  process.stdout.write(
    `${isPassed ? "ok    " : "FAILED"} ${client}: ${check}${why === undefined ? "" : `\n${why}`}\n`,
  );
}

async function runChecks(name: string, found: Found, env: Record<string, string>): Promise<void> {
  if ("missing" in found) {
    process.stdout.write(`not run: the client of ${name}, since ${found.missing}\n`);
    return;
  }
  let count = 0;
  const { child, ended } = start(found, ["checks"], env, (line) => {
    count += 1;
    tell(name, line as CheckLine);
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), CHECKS_WITHIN_MS);
  const errors = await ended;
  clearTimeout(timer);
  if (count === 0 || child.exitCode !== 0) {
    tell(name, { check: "runs to its end", passed: false, why: errors });
  }
}

const python = findPython();
const go = findGo();
const Entities = [{ Name: HUB, PartitionCount: 8, ConsumerGroups: [{ Name: GROUP }] }];
const hubConfig = { UserConfig: { NamespaceConfig: [{ Entities }] } };
const stack = await startStack({ hubConfig });
const certificate = makeCertificate(Date.now());
const secure = await startHub({ config: hubConfig, port: 0, tls: certificate });
const folder = mkdtempSync(path.join(tmpdir(), "eventhub-intake-interop-"));
const authority = path.join(folder, "authority.pem");
writeFileSync(authority, certificate.authority);
try {
  const env = {
    HUB_CONNECTION_STRING: stack.hub.connectionString(),
    HUB_TLS_CONNECTION_STRING: secure.connectionString(),
    HUB_TLS_AUTHORITY: authority,
    HUB_NAME: HUB,
    CONSUMER_GROUP: GROUP,
    STORAGE_CONNECTION_STRING: stack.storage.connectionString,
    STORAGE_CONTAINER: "interop",
  };
  await new ContainerClient(env.STORAGE_CONNECTION_STRING, env.STORAGE_CONTAINER).create();
  await runChecks("Python", python, env);
  await runChecks("Go", go, env);
} finally {
  await secure.close();
  await stack.close();
  rmSync(folder, { recursive: true, force: true });
}
if (!("missing" in python)) {
  tell("Python", await shareWithTrigger(python));
}
if (!("missing" in go)) {
  rmSync(go.cwd, { recursive: true, force: true });
}
mkdirSync(path.dirname(RESULTS), { recursive: true });
writeFileSync(RESULTS, JSON.stringify({ passed, failed }));
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
