import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";

export type Certificate = {
  /** PEM texts of the server. */
  readonly key: string;
  readonly cert: string;
  /** The PEM text that clients must trust; its key is gone, so it vouches for nothing else. */
  readonly authority: string;
};

const DAY_MS = 86_400_000;
/** Some clients trust no certificate that is valid for longer. */
const VALID_DAYS = 397;

/** Object identifiers, as DER writes them. */
const OID = {
  ecdsaWithSha256: "2a8648ce3d040302",
  commonName: "550403",
  basicConstraints: "551d13",
  keyUsage: "551d0f",
  extendedKeyUsage: "551d25",
  serverAuth: "2b06010505070301",
  subjectAltName: "551d11",
  subjectKeyIdentifier: "551d0e",
  authorityKeyIdentifier: "551d23",
} as const;
const IP_V4 = Buffer.from([127, 0, 0, 1]);
const IP_V6 = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

/**
 * Makes a certificate for `localhost` and the loopback addresses, and the authority that has issued it.
 * Node makes keys and signatures; the certificate around them (RFC 5280) is these few structures.
 */
export function makeCertificate(nowMs: number): Certificate {
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const server = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const validity = sequence(time(nowMs - DAY_MS), time(nowMs + VALID_DAYS * DAY_MS));
  // A name of its own, so that a client which trusts that of an earlier start does not mistake one for the other.
  const issuer = name(`Local Event Hubs ${randomBytes(4).toString("hex")}`);
  const sign = (subject: Buffer, publicKey: KeyObject, extensions: Buffer[]) =>
    toPem(
      signed(
        sequence(
          tagged(0xa0, integer(Buffer.from([2]))),
          integer(Buffer.concat([Buffer.from([0x40]), randomBytes(15)])),
          sequence(oid(OID.ecdsaWithSha256)),
          issuer,
          validity,
          subject,
          publicKey.export({ type: "spki", format: "der" }),
          tagged(0xa3, sequence(...extensions)),
        ),
        authority.privateKey,
      ),
    );
  const authorityId = keyIdOf(authority.publicKey);
  return {
    key: server.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: sign(name("localhost"), server.publicKey, [
      extension(OID.basicConstraints, sequence(), true),
      extension(OID.keyUsage, tagged(0x03, Buffer.from([7, 0x80])), true),
      extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth))),
      extension(
        OID.subjectAltName,
        sequence(tagged(0x82, Buffer.from("localhost")), tagged(0x87, IP_V4), tagged(0x87, IP_V6)),
      ),
      extension(OID.subjectKeyIdentifier, tagged(0x04, keyIdOf(server.publicKey))),
      extension(OID.authorityKeyIdentifier, sequence(tagged(0x80, authorityId))),
    ]),
    authority: sign(issuer, authority.publicKey, [
      extension(OID.basicConstraints, sequence(tagged(0x01, Buffer.from([0xff]))), true),
      extension(OID.keyUsage, tagged(0x03, Buffer.from([1, 0x06])), true),
      extension(OID.subjectKeyIdentifier, tagged(0x04, authorityId)),
    ]),
  };
}

function signed(certificate: Buffer, key: KeyObject): Buffer {
  const signature = createSign("sha256").update(certificate).sign(key);
  return sequence(certificate, sequence(oid(OID.ecdsaWithSha256)), bits(signature));
}

function keyIdOf(publicKey: KeyObject): Buffer {
  return createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();
}

function name(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(oid(OID.commonName), tagged(0x0c, Buffer.from(commonName)))));
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [tagged(0x01, Buffer.from([0xff]))] : [];
  return sequence(oid(id), ...critical, tagged(0x04, value));
}

/** `YYMMDDHHMMSSZ`, which holds until 2049. */
function time(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replace(/\D/g, "").slice(2, 14);
  return tagged(0x17, Buffer.from(`${digits}Z`));
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

/** @param bytes Big-endian, the first below 0x80. */
function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function bits(bytes: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function toPem(der: Buffer): string {
  const lines = der.toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
