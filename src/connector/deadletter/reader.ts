import type { ContainerClient } from "@azure/storage-blob";
import {
  type DeadLetterLine,
  type DeadLetterSettings,
  deadLetterFolder,
  openDeadLetterContainer,
} from "./store.ts";

/** One blob of dead letters: a partition and a day. */
export type DeadLetterBlob = {
  readonly name: string;
  readonly bytes: number;
  /** Bytes from the start whose letters were replayed; what comes after them waits. */
  readonly replayedBytes: number;
};

const REPLAYED_KEY = "replayedbytes";

/** Reads what was set aside, and remembers what was replayed. */
export class DeadLetterReader {
  readonly #container: ContainerClient;
  readonly #folder: string;

  constructor(settings: DeadLetterSettings) {
    this.#container = openDeadLetterContainer(settings.storage);
    this.#folder = deadLetterFolder(settings);
  }

  async list(): Promise<readonly DeadLetterBlob[]> {
    const blobs: DeadLetterBlob[] = [];
    for await (const blob of this.#container.listBlobsFlat({ prefix: this.#folder, includeMetadata: true })) {
      blobs.push({
        name: blob.name,
        bytes: blob.properties.contentLength ?? 0,
        replayedBytes: Number(blob.metadata?.[REPLAYED_KEY] ?? 0),
      });
    }
    return blobs;
  }

  /** @returns the letters of a blob from `fromByte` to `toByte`, in the order in which they were set aside. */
  async read(name: string, fromByte: number, toByte: number): Promise<readonly DeadLetterLine[]> {
    if (toByte <= fromByte) return [];
    const bytes = await this.#container.getBlobClient(name).downloadToBuffer(fromByte, toByte - fromByte);
    const lines = bytes.toString("utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as DeadLetterLine);
  }

  /** The letters before `bytes` are delivered, or set aside anew. */
  async markReplayed(name: string, bytes: number): Promise<void> {
    await this.#container.getBlobClient(name).setMetadata({ [REPLAYED_KEY]: String(bytes) });
  }
}

/** The bytes that were set aside. */
export function bytesOf(line: DeadLetterLine): Buffer {
  return Buffer.from(line.data, line.encoding === "base64" ? "base64" : "utf8");
}
