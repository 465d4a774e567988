import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import { type ContainerClient, RestError } from "@azure/storage-blob";
import { backoffMs } from "../../kernel/backoff.ts";
import { type Clock, sleep } from "../../kernel/clock.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/log.ts";
import { LogThrottle } from "../../kernel/log-throttle.ts";
import type { DeadLetter, DeadLetterPort } from "../contract.ts";
import { openContainerClient, type StorageEndpoint } from "../endpoint/storage.ts";

export type DeadLetterSettings = {
  readonly storage: StorageEndpoint;
  readonly hubName: string;
  readonly consumerGroup: string;
};

/** One line of a dead-letter blob. */
export type DeadLetterLine = {
  readonly partition: string;
  readonly sequence_number: number;
  readonly record_index: number;
  readonly reason: string;
  readonly detail: string;
  /** When it was set aside, ISO 8601 in UTC. */
  readonly set_aside_at: string;
  readonly encoding: "utf8" | "base64";
  readonly data: string;
};

export type DeadLetterPorts = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
};

/** The SDK's own figures, which are patient. */
const RETRY_OPTIONS = { maxTries: 4 };
const LOG_EVERY_MS = 60_000;
const RETRY = { firstMs: 500, maxMs: 30_000 };
/** The service takes larger blocks, but older ones and emulators do not. */
const MAX_BLOCK_BYTES = 4 * 1024 * 1024;
/** An append blob holds 50,000 blocks; the next blob of the day then goes on. */
const BLOB_IS_FULL = new Set(["BlockCountExceedsLimit", "InvalidBlobType"]);

/** The container of the dead letters, which is that of the checkpoints. */
export function openDeadLetterContainer(storage: StorageEndpoint): ContainerClient {
  return openContainerClient(storage, RETRY_OPTIONS);
}

/** The folder of all dead letters of a hub and consumer group; beside the checkpoints, and out of their way. */
export function deadLetterFolder({
  hubName,
  consumerGroup,
}: {
  hubName: string;
  consumerGroup: string;
}): string {
  return `dead-letter/${hubName}/${consumerGroup}/`.toLowerCase();
}

/**
 * Stores what could not be delivered as lines of append blobs, one blob a partition and day (UTC). A line that no block
 * holds gets a blob of its own. Each write is atomic, so that neither a second writer nor an end of this process can
 * leave a part of a line.
 */
export class BlobDeadLetters implements DeadLetterPort {
  readonly #container: ContainerClient;
  readonly #folder: string;
  readonly #ports: DeadLetterPorts;
  readonly #throttle: LogThrottle;
  /** How many blobs of a day are full, by the blob's name without its number. */
  readonly #full = new Map<string, number>();

  constructor(settings: DeadLetterSettings, ports: DeadLetterPorts) {
    this.#container = openDeadLetterContainer(settings.storage);
    this.#folder = deadLetterFolder(settings);
    this.#ports = ports;
    this.#throttle = new LogThrottle(ports.clock, LOG_EVERY_MS);
  }

  /** Repeats until the letters are stored: an event that is neither delivered nor set aside keeps its position. */
  async store(letters: readonly DeadLetter[], signal: AbortSignal): Promise<void> {
    const now = new Date(this.#ports.clock.now()).toISOString();
    const day = `${this.#folder}${letters[0]?.partitionId}/${now.slice(0, 10)}`;
    for (const block of toBlocks(letters.map((letter) => toLine(letter, now)))) {
      // Named once, so that a retry writes the same blob; unique, so that no replayed letter's mark falls on it.
      const ownName = `${day}.${randomUUID()}.jsonl`;
      await this.#repeatUntilStored(
        () =>
          block.length > MAX_BLOCK_BYTES
            ? this.#upload(ownName, block, signal)
            : this.#append(day, block, signal),
        signal,
      );
    }
    for (const { partitionId, sequenceNumber, recordIndex, reason, detail } of letters) {
      this.#ports.logger.log("error", `an event was set aside as a dead letter: ${detail}`, {
        code: reason,
        partition: partitionId,
        sequenceNumber,
        recordIndex,
      });
    }
  }

  /** Whatever its size, the blob is there with all its bytes or not at all. */
  async #upload(name: string, line: Buffer, signal: AbortSignal): Promise<void> {
    await this.#container.getBlockBlobClient(name).uploadData(line, { abortSignal: signal });
  }

  async #append(day: string, block: Buffer, signal: AbortSignal): Promise<void> {
    for (;;) {
      const full = this.#full.get(day) ?? 0;
      const blob = this.#container.getAppendBlobClient(full === 0 ? `${day}.jsonl` : `${day}.${full}.jsonl`);
      try {
        await blob.createIfNotExists({ abortSignal: signal });
        await blob.appendBlock(block, block.length, { abortSignal: signal });
        return;
      } catch (thrown) {
        if (!(thrown instanceof RestError && BLOB_IS_FULL.has(thrown.code ?? ""))) {
          throw thrown;
        }
        this.#full.set(day, full + 1);
      }
    }
  }

  async #repeatUntilStored(write: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; ) {
      try {
        await write();
        return;
      } catch (thrown) {
        if (signal.aborted) {
          throw signal.reason;
        }
        if (this.#throttle.isDue("store")) {
          this.#ports.logger.log(
            "error",
            `dead letters could not be stored; retrying: ${messageOf(thrown)}`,
            { code: "STORAGE_UNREACHABLE" },
          );
        }
        await this.#makeContainerAgain(thrown);
        await sleep(this.#ports.clock, backoffMs(attempt++, RETRY, this.#ports.random), signal);
      }
    }
  }

  /** Somebody may delete the container while we run. */
  async #makeContainerAgain(thrown: unknown): Promise<void> {
    if (!(thrown instanceof RestError && thrown.code === "ContainerNotFound")) {
      return;
    }
    // A failure shows at the next attempt.
    await this.#container.createIfNotExists().catch(() => undefined);
  }
}

function toLine(letter: DeadLetter, now: string): Buffer {
  const isText = isUtf8(letter.bytes);
  const line: DeadLetterLine = {
    partition: letter.partitionId,
    sequence_number: letter.sequenceNumber,
    record_index: letter.recordIndex,
    reason: letter.reason,
    detail: letter.detail,
    set_aside_at: now,
    encoding: isText ? "utf8" : "base64",
    data: letter.bytes.toString(isText ? "utf8" : "base64"),
  };
  return Buffer.from(`${JSON.stringify(line)}\n`);
}

/** Joins lines into blocks of whole lines under the bound; a line past it is a block by itself. */
function toBlocks(lines: readonly Buffer[]): Buffer[] {
  const all = Buffer.concat(lines);
  const blocks: Buffer[] = [];
  for (let start = 0; start < all.length; ) {
    const bound = Math.min(all.length, start + MAX_BLOCK_BYTES);
    const lastLineEnd = all.lastIndexOf(0x0a, bound - 1) + 1;
    const end = lastLineEnd > start ? lastLineEnd : all.indexOf(0x0a, bound) + 1;
    blocks.push(all.subarray(start, end));
    start = end;
  }
  return blocks;
}
