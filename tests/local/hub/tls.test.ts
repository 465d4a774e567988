import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { HUB, startTestHub } from "./harness.ts";

const run = promisify(execFile);

/** A certificate for localhost, made for this test alone. */
function makeCertificate(): { key: string; cert: string; certPath: string } {
  const folder = mkdtempSync(path.join(tmpdir(), "hub-tls-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const keyPath = path.join(folder, "key.pem");
  const certPath = path.join(folder, "cert.pem");
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync(
    "openssl",
    ["req", "-x509", ...key, "-days", "1", ...subject, "-keyout", keyPath, "-out", certPath],
    {
      stdio: "ignore",
    },
  );
  return { key: readFileSync(keyPath, "utf8"), cert: readFileSync(certPath, "utf8"), certPath };
}

test("over TLS, a client that trusts the certificate sends and receives; one that does not gets nowhere", async () => {
  const { key, cert, certPath } = makeCertificate();
  const server = await startTestHub({ tls: { key, cert } });
  expect(server.connectionString()).not.toContain("UseDevelopmentEmulator");
  const client = path.join(import.meta.dirname, "tlsClient.ts");
  const args = [client, server.connectionString(), HUB];
  const trusting = await run(process.execPath, args, {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: certPath },
    timeout: 20_000,
  });
  expect(trusting.stdout).toBe("over TLS");
  await expect(run(process.execPath, args, { timeout: 20_000 })).rejects.toThrow(
    /self-signed certificate|SELF_SIGNED/,
  );
});
