import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { MAX_REQUEST_BYTES } from "./limits.ts";
import { Refusal } from "./refusal.ts";

const unpack = promisify(gunzip);

/**
 * Reads a request's body and unpacks it.
 * @returns UTF-8 text as bytes.
 * @throws Refusal 413 over `MAX_REQUEST_BYTES`, 415 for another encoding than gzip, 400 for damaged gzip or
 * bytes that are not UTF-8: replacing them would hide a sender's mistake.
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const sent = await readBytes(request);
  const body = await decode(sent, request.headers["content-encoding"]);
  if (!isUtf8(body)) {
    throw new Refusal(400, "the body is not UTF-8 text");
  }
  return body;
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    // An oversize body is read to its end, unkept: a client in the middle of writing would miss the answer.
    if (bytes <= MAX_REQUEST_BYTES) {
      parts.push(part);
    }
  }
  if (bytes > MAX_REQUEST_BYTES) {
    throw new Refusal(413, `the body has ${bytes} bytes; at most ${MAX_REQUEST_BYTES} are accepted`);
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts, bytes);
}

async function decode(sent: Buffer, encoding: string | undefined): Promise<Buffer> {
  if (encoding === undefined || encoding === "identity") {
    return sent;
  }
  if (encoding !== "gzip") {
    throw new Refusal(415, `content encoding ${encoding} is not supported; send gzip or none`);
  }
  try {
    return await unpack(sent, { maxOutputLength: MAX_REQUEST_BYTES });
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new Refusal(413, `the body unpacks to more than ${MAX_REQUEST_BYTES} bytes`);
    }
    throw new Refusal(400, "the body is damaged gzip");
  }
}
