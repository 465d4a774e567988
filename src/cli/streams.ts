import { once } from "node:events";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** A stream that may be a terminal. */
export type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Where a command reads and writes; the process has the usual ones. */
export type Streams = { readonly stdin: Readable; readonly stdout: Screen; readonly stderr: Screen };

/** Writes a text and, when the reader is behind, waits until it has caught up. */
export async function writeText(stream: Writable, text: string): Promise<void> {
  if (!stream.write(text)) {
    await once(stream, "drain");
  }
}

/** Writes texts as fast as the reader takes them; a reader that has seen enough (`| head`) ends it without an error. */
export async function writeAll(stream: Writable, texts: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(texts), stream, { end: false });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) {
      throw error;
    }
  }
}
