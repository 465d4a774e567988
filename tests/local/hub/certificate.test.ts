import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { makeCertificate } from "../../../src/local/hub/certificate.ts";

const NOW_MS = Date.UTC(2026, 10, 24);

test("the server's certificate is issued by the authority for localhost and the loopback addresses, for a year", () => {
  const { cert, key, authority } = makeCertificate(NOW_MS);
  const leaf = new X509Certificate(cert);
  const issuer = new X509Certificate(authority);
  expect(leaf.checkIssued(issuer)).toBe(true);
  expect(leaf.verify(issuer.publicKey)).toBe(true);
  expect(issuer.ca).toBe(true);
  expect(leaf.ca).toBe(false);
  expect(leaf.checkHost("localhost")).toBe("localhost");
  expect(leaf.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(leaf.checkIP("::1")).toBe("::1");
  expect(leaf.checkHost("other")).toBeUndefined();
  expect(new Date(leaf.validFrom).getTime()).toBe(NOW_MS - 86_400_000);
  expect(new Date(leaf.validTo).getTime()).toBe(NOW_MS + 397 * 86_400_000);
  expect(key).toContain("PRIVATE KEY");
  expect(makeCertificate(NOW_MS).authority).not.toBe(authority);
});
