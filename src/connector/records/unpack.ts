import { gunzipSync } from "node:zlib";

/** A gzip body may unpack to this much; hubs take messages of 1 MiB, so this is a factor of 32. */
export const MAX_UNPACKED_BYTES = 32 * 1024 * 1024;

export type DecodedBody =
  | { readonly kind: "bytes"; readonly bytes: Buffer; readonly start: number; readonly end: number }
  | { readonly kind: "unreadable"; readonly detail: string };

/** Whether a body is packed by gzip (RFC 1952). */
export function isGzip(bytes: Buffer, start: number, end: number): boolean {
  return end - start > 2 && bytes[start] === 0x1f && bytes[start + 1] === 0x8b && bytes[start + 2] === 0x08;
}

/** Unpacks a gzip body. */
export function unpack(body: Buffer): DecodedBody {
  try {
    const bytes = gunzipSync(body, { maxOutputLength: MAX_UNPACKED_BYTES });
    return { kind: "bytes", bytes, start: afterMark(bytes, 0, bytes.length), end: bytes.length };
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

/** @returns where the text starts: after a UTF-8 byte order mark, if there is one. */
export function afterMark(bytes: Buffer, start: number, end: number): number {
  const isMarked =
    end - start > 2 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf;
  return isMarked ? start + 3 : start;
}
