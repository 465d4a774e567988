/** Where indicators are looked for: kinds of values, and the fields of an event that hold them. */
import { parseAddress } from "../values/address.ts";

const X509 = ["tls.client.x509", "tls.server.x509"];
const SIDES = ["client", "destination", "server", "source"];

const below = (prefixes: readonly string[], ...names: readonly string[]): string[] => {
  return prefixes.flatMap((prefix) => names.map((name) => `${prefix}.${name}`));
};

const HASHED = ["file", "dll", "process", "email.attachments.file"];

/** Kind → fields. A kind is a STIX path, or what several paths have in common. */
export const FIELDS_OF_KIND: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "domain-name:value",
    [
      ...below(SIDES, "domain", "registered_domain"),
      "dns.question.name",
      "dns.question.registered_domain",
      "url.domain",
      "url.registered_domain",
      ...below(X509, "alternative_names", "subject.common_name"),
    ],
  ],
  [
    "email-addr:value",
    [
      "user.email",
      "user.effective.email",
      "user.target.email",
      ...below([...SIDES, "host"], "user.email"),
      ...below(["destination", "source"], "user.full_name"),
      ...below(["email"], "from.address", "sender.address", "to.address", "cc.address", "bcc.address"),
    ],
  ],
  ["file:hashes.MD5", below(HASHED, "hash.md5")],
  ["file:hashes.SHA-1", below(HASHED, "hash.sha1")],
  ["file:hashes.SHA-256", below(HASHED, "hash.sha256")],
  ["file:hashes.SHA-512", below(HASHED, "hash.sha512")],
  ["file:hashes.SSDEEP", ["file.hash.ssdeep"]],
  ["file:name", ["file.name"]],
  ["file:size", ["file.size"]],
  ["ip-addr:value", ["client.ip", "destination.ip", "host.ip", "server.ip", "source.ip"]],
  ["network-traffic:dst_port", ["destination.port"]],
  ["network-traffic:src_port", ["source.port"]],
  ["network-traffic:dst_ref.value", ["destination.ip"]],
  ["network-traffic:src_ref.value", ["source.ip"]],
  ["network-traffic:user-agent", ["user_agent.original"]],
  ["url:value", ["url.full", "url.original"]],
  ["windows-registry-key:key", ["registry.key"]],
  ["windows-registry-key:values", ["registry.value"]],
  ["x509-certificate:issuer", ["x509.issuer.common_name", "x509.issuer.distinguished_name"]],
  ["x509-certificate:serial_number", ["x509.serial_number"]],
  ["x509-certificate:subject", ["x509.subject.common_name", "x509.subject.distinguished_name"]],
]);

/** A command and control server is where traffic goes to. */
export const CONTROL_ADDRESS = "network-traffic:dst_ref.value";

const KINDS_OF_PATH: ReadonlyMap<string, string> = new Map([
  ["ipv4-addr:value", "ip-addr:value"],
  ["ipv6-addr:value", "ip-addr:value"],
  ["network-traffic:extensions.http-request-ext.request_header.user-agent", "network-traffic:user-agent"],
]);

/** Short names for the column `type` of CSV files. */
const KINDS_OF_NAME: ReadonlyMap<string, string> = new Map([
  ["domain", "domain-name:value"],
  ["hostname", "domain-name:value"],
  ["domain-name", "domain-name:value"],
  ["email", "email-addr:value"],
  ["email-addr", "email-addr:value"],
  ["md5", "file:hashes.MD5"],
  ["sha1", "file:hashes.SHA-1"],
  ["sha-1", "file:hashes.SHA-1"],
  ["sha256", "file:hashes.SHA-256"],
  ["sha-256", "file:hashes.SHA-256"],
  ["sha512", "file:hashes.SHA-512"],
  ["sha-512", "file:hashes.SHA-512"],
  ["ssdeep", "file:hashes.SSDEEP"],
  ["ip", "ip-addr:value"],
  ["ipv4", "ip-addr:value"],
  ["ipv6", "ip-addr:value"],
  ["ipv4-addr", "ip-addr:value"],
  ["ipv6-addr", "ip-addr:value"],
  ["url", "url:value"],
  ["user-agent", "network-traffic:user-agent"],
]);

const KNOWN: ReadonlyMap<string, string> = new Map(
  [...FIELDS_OF_KIND.keys()].map((kind): [string, string] => [kind.toLowerCase(), kind]),
);

/** @returns undefined for a path that no field of the table stands for. */
export function kindOfPath(path: string): string | undefined {
  const normal = path.toLowerCase().replaceAll(/['"]/g, "");
  const registry = normal.replace(/^(windows-registry-key:values)(?:\[.*)?$/, "$1");
  return KINDS_OF_PATH.get(normal) ?? KNOWN.get(registry);
}

/** @param name A short name, or a STIX path. */
export function kindOfName(name: string): string | undefined {
  return KINDS_OF_NAME.get(name.trim().toLowerCase()) ?? kindOfPath(name.trim());
}

/** A value as it is compared: addresses by number, hosts without case, paths as they are. */
export function comparable(kind: string, text: string): string {
  switch (kind) {
    case "ip-addr:value":
    case "network-traffic:dst_ref.value":
    case "network-traffic:src_ref.value":
      return parseAddress(text)?.toString(16) ?? text.toLowerCase();
    case "domain-name:value":
      return text.toLowerCase().replace(/\.$/, "");
    case "url:value":
      return comparableUrl(text);
    default:
      return kind.startsWith("network-traffic:user-agent") ? text : text.toLowerCase();
  }
}

function comparableUrl(text: string): string {
  const start = text.indexOf("://");
  if (start < 0) {
    return text;
  }
  const after = text.slice(start + 3).search(/[/?#]/);
  const end = after < 0 ? text.length : start + 3 + after;
  const rest = text.slice(end);
  return text.slice(0, end).toLowerCase() + (rest === "" ? "/" : rest);
}
