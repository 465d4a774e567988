import { once } from "node:events";
import type { Readable, Writable } from "node:stream";

/** Where a command reads and writes; the process has the usual ones. */
export type Streams = { readonly stdin: Readable; readonly stdout: Writable; readonly stderr: Writable };

/** Writes a text and, when the reader is behind, waits until it has caught up. */
export async function writeText(stream: Writable, text: string): Promise<void> {
  if (!stream.write(text)) {
    await once(stream, "drain");
  }
}
