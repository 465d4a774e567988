import { createHmac, timingSafeEqual } from "node:crypto";

/** What a key permits: to receive, to send, or to manage (which includes both). */
export type Claim = "Listen" | "Send" | "Manage";

export type SharedAccessKey = {
  readonly name: string;
  readonly key: string;
  readonly claims: readonly Claim[];
};

/** Somebody whom Entra ID knows, by the token that it gives out for them. */
export type Identity = { readonly token: string; readonly claims: readonly Claim[] };

/** What a token grants once it was checked. */
export type Grant = {
  /** Lower-cased path below the namespace, like `hub1/consumergroups/$default/partitions/0`; empty means everything. */
  readonly path: string;
  readonly claims: readonly Claim[];
  readonly expiresAtMs: number;
};

/** The key of the official emulator's connection string. */
export const EMULATOR_KEY: SharedAccessKey = {
  name: "RootManageSharedAccessKey",
  key: "SAS_KEY_VALUE",
  claims: ["Manage", "Listen", "Send"],
};

/**
 * Checks a shared access signature.
 * @param token `SharedAccessSignature sr=…&sig=…&se=…&skn=…`
 * @param audience What the client wants to use it for, like `sb://host/hub1/Partitions/0`.
 * @returns the grant, or in one sentence why there is none, after the word that the service has for it. Never holds key
 *   material.
 * @see https://learn.microsoft.com/rest/api/eventhub/generate-sas-token
 */
export function checkToken(
  token: string,
  audience: string,
  keys: readonly SharedAccessKey[],
  nowMs: number,
): Grant | string {
  const match = /^SharedAccessSignature\s+(.+)$/.exec(token.trim());
  if (match === null) {
    return "InvalidToken: the token is not a shared access signature.";
  }
  const fields = new Map<string, string>();
  for (const pair of (match[1] ?? "").split("&")) {
    const equals = pair.indexOf("=");
    fields.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  const resource = fields.get("sr") ?? "";
  const expiry = fields.get("se") ?? "";
  const signature = decode(fields.get("sig") ?? "");
  const key = keys.find((candidate) => candidate.name === decode(fields.get("skn") ?? ""));
  if (key === undefined) {
    return "InvalidSignature: no key has the name that the token gives.";
  }
  const expected = createHmac("sha256", key.key).update(`${resource}\n${expiry}`).digest();
  const given = Buffer.from(signature, "base64");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return `InvalidSignature: the signature does not fit the key ${key.name}.`;
  }
  const expiresAtMs = Number(expiry) * 1000;
  if (!Number.isFinite(expiresAtMs)) {
    return "ExpiredToken: The token is expired. Its expiration time is not a number.";
  }
  if (expiresAtMs <= nowMs) {
    return expiredToken(expiresAtMs);
  }
  const signed = parseAudience(decode(resource));
  const wanted = parseAudience(audience);
  if ((wanted.host !== "" && signed.host !== wanted.host) || !covers(signed.path, wanted.path)) {
    return "InvalidAudience: the token was signed for another resource.";
  }
  return { path: wanted.path, claims: key.claims, expiresAtMs };
}

/** @param expiredAtMs Milliseconds since 1970. */
export function expiredToken(expiredAtMs: number): string {
  return `ExpiredToken: The token is expired. Expiration time: ${new Date(expiredAtMs).toISOString()}.`;
}

/** Tokens of Entra ID last for about an hour. */
const IDENTITY_MS = 3_600_000;

/**
 * Checks a token of Entra ID against the identities that are known; its signature is Entra ID's own matter.
 * @returns the grant, or in one sentence why there is none.
 */
export function checkIdentity(
  token: string,
  audience: string,
  identities: readonly Identity[],
  nowMs: number,
): Grant | string {
  const identity = identities.find((known) => known.token === token);
  return identity === undefined
    ? "InvalidToken: no identity with this token has a role here."
    : { path: parseAudience(audience).path, claims: identity.claims, expiresAtMs: nowMs + IDENTITY_MS };
}

/** True if a grant for `path` holds for `wanted` too: the same place or one below it. Both lower-cased. */
export function covers(path: string, wanted: string): boolean {
  return path === "" || wanted === path || wanted.startsWith(`${path}/`);
}

/** True if the key that signed the grant permits `needed`. */
export function permits(claims: readonly Claim[], needed: readonly Claim[]): boolean {
  return claims.includes("Manage") || needed.some((claim) => claims.includes(claim));
}

function parseAudience(audience: string): { host: string; path: string } {
  const match = /^(?:[a-z]+:\/\/)?([^/]*)\/?(.*?)\/?$/i.exec(audience);
  return { host: (match?.[1] ?? "").toLowerCase(), path: (match?.[2] ?? "").toLowerCase() };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", "%2B"));
  } catch {
    // A broken escape cannot have been signed by anyone's client; the comparison that follows fails.
    return text;
  }
}

/** The connection string for this key. `hub` adds the entity path; `tls` leaves the emulator's plain mode out. */
export function connectionStringOf(key: SharedAccessKey, port: number, tls: boolean, hub?: string): string {
  return [
    `Endpoint=sb://localhost:${port}`,
    `SharedAccessKeyName=${key.name}`,
    `SharedAccessKey=${key.key}`,
    ...(tls ? [] : ["UseDevelopmentEmulator=true"]),
    ...(hub === undefined ? [] : [`EntityPath=${hub}`]),
    "",
  ].join(";");
}
