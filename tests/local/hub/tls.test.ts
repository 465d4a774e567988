import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { makeAuthority } from "../../preflight/support/certificates.ts";
import { HUB, startTestHub } from "./harness.ts";

const run = promisify(execFile);

test("over TLS, a client that trusts the certificate sends and receives; one that does not gets nowhere", async () => {
  const authority = makeAuthority();
  onTestFinished(() => authority.close());
  const { key, cert } = authority.issue("localhost");
  // With the authority's own, as a chain, so that a client that does not trust it says why.
  const chain = cert + readFileSync(authority.certPath, "utf8");
  const server = await startTestHub({ tls: { key, cert: chain } });
  expect(server.connectionString()).not.toContain("UseDevelopmentEmulator");
  const client = path.join(import.meta.dirname, "tls-client.ts");
  const args = [client, server.connectionString(), HUB];
  const trusting = await run(process.execPath, args, {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: authority.certPath },
    timeout: 20_000,
  });
  expect(trusting.stdout).toBe("over TLS");
  await expect(run(process.execPath, args, { timeout: 20_000 })).rejects.toThrow(
    /self-signed certificate|SELF_SIGNED/,
  );
});
