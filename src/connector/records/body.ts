import { gunzipSync } from "node:zlib";

/** A gzip body may unpack to this much; hubs take messages of 1 MiB, so this is a factor of 32. */
export const MAX_UNPACKED_BYTES = 32 * 1024 * 1024;

export type DecodedBody =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "unreadable"; readonly detail: string };

/** Unpacks a gzip body (RFC 1952) and leaves out a UTF-8 byte order mark; any other body is returned as it is. */
export function decodeBody(body: Buffer): DecodedBody {
  if (body.length > 2 && body[0] === 0x1f && body[1] === 0x8b && body[2] === 0x08) {
    try {
      return { kind: "bytes", bytes: withoutMark(gunzipSync(body, { maxOutputLength: MAX_UNPACKED_BYTES })) };
    } catch (thrown) {
      const tooMuch =
        thrown instanceof RangeError || (thrown as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
      return {
        kind: "unreadable",
        detail: tooMuch
          ? `the gzip body of ${body.length} bytes unpacks to more than ${MAX_UNPACKED_BYTES} bytes`
          : `the gzip body of ${body.length} bytes is damaged`,
      };
    }
  }
  return { kind: "bytes", bytes: withoutMark(body) };
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
