import { type ContainerClient, RestError } from "@azure/storage-blob";
import { messageOf } from "../../kernel/errors.ts";
import { DeadLettersUnavailable } from "./errors.ts";
import {
  type DeadLetterLine,
  type DeadLetterSettings,
  deadLetterFolder,
  openDeadLetterContainer,
} from "./store.ts";

/** One blob of dead letters: those of a partition and a day, or one that is too large to be among them. */
export type DeadLetterBlob = {
  readonly name: string;
  readonly bytes: number;
  /** Bytes from the start whose letters were replayed; what comes after them waits. */
  readonly replayedBytes: number;
};

export type DeadLetterSegment = {
  /** In the order in which they were set aside. */
  readonly lines: readonly DeadLetterLine[];
  /** Where the segment ends in the blob. */
  readonly endByte: number;
};

const REPLAYED_KEY = "replayedbytes";
/** A blob may be larger than the memory, so it is read in pieces. */
const SEGMENT_BYTES = 8 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Reads what was set aside, and remembers what was replayed. All of it throws DeadLettersUnavailable. */
export class DeadLetterReader {
  readonly #container: ContainerClient;
  readonly #folder: string;
  readonly #segmentBytes: number;

  constructor(settings: DeadLetterSettings, segmentBytes = SEGMENT_BYTES) {
    this.#container = openContainer(settings);
    this.#folder = deadLetterFolder(settings);
    this.#segmentBytes = segmentBytes;
  }

  /** None if nothing was ever set aside, or the container is not there yet. */
  async list(): Promise<readonly DeadLetterBlob[]> {
    const blobs: DeadLetterBlob[] = [];
    const found = this.#container.listBlobsFlat({ prefix: this.#folder, includeMetadata: true });
    try {
      for await (const blob of found) {
        blobs.push({
          name: blob.name,
          bytes: blob.properties.contentLength ?? 0,
          replayedBytes: Number(blob.metadata?.[REPLAYED_KEY] ?? 0),
        });
      }
    } catch (thrown) {
      if (!(thrown instanceof RestError && thrown.code === "ContainerNotFound")) {
        throw unavailable(thrown);
      }
    }
    return blobs;
  }

  /** The letters of a blob from `fromByte` to `toByte`, both at the end of a line, in segments of whole lines. */
  async *read(name: string, fromByte: number, toByte: number): AsyncGenerator<DeadLetterSegment> {
    const blob = this.#container.getBlobClient(name);
    let atByte = fromByte;
    let wanted = this.#segmentBytes;
    while (atByte < toByte) {
      const length = Math.min(wanted, toByte - atByte);
      const bytes = await blob.downloadToBuffer(atByte, length).catch((thrown: unknown) => {
        throw unavailable(thrown);
      });
      const end = atByte + length === toByte ? length : bytes.lastIndexOf(NEWLINE) + 1;
      // A letter that is longer than a segment is read as a whole.
      wanted = end === 0 ? wanted * 2 : this.#segmentBytes;
      atByte += end;
      if (end > 0) {
        yield { lines: linesOf(bytes.toString("utf8", 0, end), name), endByte: atByte };
      }
    }
  }

  /** The letters before `bytes` are delivered, or set aside again. */
  async markReplayed(name: string, bytes: number): Promise<void> {
    try {
      await this.#container.getBlobClient(name).setMetadata({ [REPLAYED_KEY]: String(bytes) });
    } catch (thrown) {
      throw unavailable(thrown);
    }
  }
}

/** The bytes that were set aside. */
export function bytesOf(line: DeadLetterLine): Buffer {
  return Buffer.from(line.data, line.encoding === "base64" ? "base64" : "utf8");
}

function openContainer({ storage }: DeadLetterSettings): ContainerClient {
  try {
    return openDeadLetterContainer(storage);
  } catch {
    // The client's message may quote the connection string.
    throw new DeadLettersUnavailable(
      "storage_connection_string is not a connection string; copy it from the storage account's page Access keys",
    );
  }
}

function linesOf(text: string, name: string): DeadLetterLine[] {
  try {
    const lines = text.split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line) as DeadLetterLine);
  } catch {
    throw new DeadLettersUnavailable(
      `the blob ${name} holds a line that is not a dead letter; move the blob out of this folder`,
    );
  }
}

function unavailable(thrown: unknown): DeadLettersUnavailable {
  const answer = thrown instanceof RestError ? thrown : undefined;
  if (answer?.statusCode === 401 || answer?.statusCode === 403) {
    return new DeadLettersUnavailable(
      "the storage account refuses access to the dead letters; check its key or the assigned role",
    );
  }
  // The client's own messages have several lines; the code says the same.
  return new DeadLettersUnavailable(
    `the dead letters could not be read from the storage account (${answer?.code ?? messageOf(thrown)}); check storage_container_name and that the account can be reached`,
  );
}
