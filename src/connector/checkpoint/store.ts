import type { Checkpoint, CheckpointStore, PartitionOwnership } from "@azure/event-hubs";
import { BlobCheckpointStore } from "@azure/eventhubs-checkpointstore-blob";
import { type ContainerClient, RestError } from "@azure/storage-blob";
import { messageOf } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/log.ts";
import { NotSignedIn } from "../endpoint/errors.ts";
import { openContainerClient, type StorageEndpoint } from "../endpoint/storage.ts";
import { StorageRefused, StorageUnreachable } from "./errors.ts";

/** Shorter than the client's default of 16 s, so that an outage shows soon; repeating is the callers' decision. */
const RETRY_OPTIONS = { maxTries: 2, tryTimeoutInMs: 5000, retryDelayInMs: 300, maxRetryDelayInMs: 1000 };

/** @throws StorageRefused when the connection string is none. */
export function openContainer(endpoint: StorageEndpoint): ContainerClient {
  try {
    return openContainerClient(endpoint, RETRY_OPTIONS);
  } catch (thrown) {
    // The client's message may quote the connection string.
    throw new StorageRefused(
      "storage_connection_string is no connection string; copy it from the storage account's page Access keys",
      { cause: thrown instanceof Error ? thrown.name : undefined },
    );
  }
}

/**
 * Creates the container if it is missing.
 * @throws StorageRefused when the account refuses the name or the key; StorageUnreachable otherwise.
 */
export async function ensureContainer(container: ContainerClient): Promise<void> {
  try {
    await container.createIfNotExists();
  } catch (thrown) {
    const code = thrown instanceof RestError ? (thrown.code ?? "") : "";
    if (code === "InvalidResourceName" || code === "OutOfRangeInput") {
      throw new StorageRefused(
        `storage_container_name "${container.containerName}" is no container name; use 3 to 63 lower-case letters, digits and hyphens`,
      );
    }
    if (thrown instanceof RestError && (thrown.statusCode === 403 || thrown.statusCode === 401)) {
      if (await canRead(container)) return;
      throw new StorageRefused(
        "the storage account refused the key; copy storage_connection_string again from its page Access keys, or give the identity the role Storage Blob Data Contributor",
      );
    }
    if (thrown instanceof NotSignedIn) throw thrown;
    // A code says the same as the client's message, which has several lines.
    const reason = code === "" || code === "REQUEST_SEND_ERROR" ? messageOf(thrown) : code;
    throw new StorageUnreachable(
      `the storage account does not give the container "${container.containerName}" (${reason}) and is asked again; check storage_connection_string and the way to it`,
    );
  }
}

/** A key that may not create containers is enough if the container is there. */
async function canRead(container: ContainerClient): Promise<boolean> {
  return container.exists().catch(() => false);
}

/**
 * The checkpoint store that all SDKs of the service share, but tolerant in reading: metadata keys in any case, and a
 * checkpoint that cannot be read counts as absent for its partition alone, where the SDK's own would fail them all.
 * A container that was deleted while we run is made again.
 */
export class TolerantCheckpointStore implements CheckpointStore {
  readonly #inner: BlobCheckpointStore;
  readonly #container: ContainerClient;
  readonly #logger: Logger;

  constructor(container: ContainerClient, logger: Logger) {
    this.#inner = new BlobCheckpointStore(container);
    this.#container = container;
    this.#logger = logger;
  }

  async listOwnership(namespace: string, hub: string, group: string): Promise<PartitionOwnership[]> {
    return this.#inContainer(() => this.#inner.listOwnership(namespace, hub, group));
  }

  async claimOwnership(wanted: PartitionOwnership[]): Promise<PartitionOwnership[]> {
    return this.#inContainer(() => this.#inner.claimOwnership(wanted));
  }

  async updateCheckpoint(checkpoint: Checkpoint): Promise<void> {
    await this.#inContainer(() => this.#inner.updateCheckpoint(checkpoint));
  }

  async listCheckpoints(namespace: string, hub: string, group: string): Promise<Checkpoint[]> {
    return this.#inContainer(() => this.#readCheckpoints(namespace, hub, group));
  }

  /** @throws what the work throws, unless the container was missing and could be made again. */
  async #inContainer<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (thrown) {
      if (!isContainerMissing(thrown)) throw thrown;
      this.#logger.log(
        "critical",
        `the storage container ${this.#container.containerName} was deleted and is made again; positions are written anew by the processes that run`,
      );
      await this.#container.createIfNotExists();
      return work();
    }
  }

  async #readCheckpoints(
    fullyQualifiedNamespace: string,
    eventHubName: string,
    consumerGroup: string,
  ): Promise<Checkpoint[]> {
    const prefix = `${fullyQualifiedNamespace}/${eventHubName}/${consumerGroup}/checkpoint/`.toLowerCase();
    const found: Checkpoint[] = [];
    for await (const blob of this.#container.listBlobsFlat({ prefix, includeMetadata: true })) {
      const partitionId = blob.name.slice(prefix.length);
      const metadata = new Map(
        Object.entries(blob.metadata ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
      );
      const offset = metadata.get("offset") ?? "";
      const sequenceNumber = Number(metadata.get("sequencenumber") ?? Number.NaN);
      if (offset === "" || offset === "None" || !Number.isSafeInteger(sequenceNumber)) {
        this.#logger.log(
          "error",
          `the checkpoint of partition ${partitionId} cannot be read and counts as absent`,
          {
            partition: partitionId,
          },
        );
        continue;
      }
      found.push({
        fullyQualifiedNamespace,
        eventHubName,
        consumerGroup,
        partitionId,
        offset,
        sequenceNumber,
      });
    }
    return found;
  }
}

/** The SDK's store wraps some errors in plain ones that keep the text alone. */
function isContainerMissing(thrown: unknown): boolean {
  return (
    (thrown instanceof RestError && thrown.code === "ContainerNotFound") ||
    messageOf(thrown).includes("container does not exist")
  );
}
