import { type ContainerClient, RestError } from "@azure/storage-blob";
import { messageOf } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/log.ts";
import { NotSignedIn } from "../endpoint/errors.ts";
import { openContainerClient, type StorageEndpoint } from "../endpoint/storage.ts";
import { StorageRefused, StorageUnreachable } from "./errors.ts";

/** Shorter than the client's default of 16 s, so that an outage shows soon; repeating is the callers' decision. */
const RETRY_OPTIONS = { maxTries: 2, tryTimeoutInMs: 5000, retryDelayInMs: 300, maxRetryDelayInMs: 1000 };

/** @throws StorageRefused when the connection string is not valid. */
export function openContainer(endpoint: StorageEndpoint): ContainerClient {
  try {
    return openContainerClient(endpoint, RETRY_OPTIONS);
  } catch (thrown) {
    // The client's message may quote the connection string.
    throw new StorageRefused(
      "storage_connection_string is not a connection string; copy it from the storage account's page Access keys",
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
        `storage_container_name "${container.containerName}" is not a container name; use 3 to 63 lower-case letters, digits and hyphens`,
      );
    }
    if (thrown instanceof RestError && (thrown.statusCode === 403 || thrown.statusCode === 401)) {
      if (await canRead(container)) {
        return;
      }
      throw new StorageRefused(
        "the storage account refused the key; copy storage_connection_string again from its page Access keys, or give the identity the role Storage Blob Data Contributor",
      );
    }
    if (thrown instanceof NotSignedIn) {
      throw thrown;
    }
    // A code says the same as the client's message, which has several lines.
    const reason = code === "" || code === "REQUEST_SEND_ERROR" ? messageOf(thrown) : code;
    throw new StorageUnreachable(
      `cannot open the storage container "${container.containerName}" (${reason}); retrying. Check storage_connection_string and the network path`,
    );
  }
}

/** A key that may not create containers is enough if the container is there. */
async function canRead(container: ContainerClient): Promise<boolean> {
  return container.exists().catch(() => false);
}

/**
 * Does work in the container; one that was deleted while we run is made again.
 * @throws what the work throws, unless the container was missing and could be made again.
 */
export async function inContainer<Result>(
  container: ContainerClient,
  logger: Logger,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    if (!isContainerMissing(thrown)) {
      throw thrown;
    }
    logger.log(
      "error",
      `the storage container ${container.containerName} was deleted; recreating it. Running processes store their checkpoints again`,
    );
    await container.createIfNotExists();
    return work();
  }
}

/** The SDK's store wraps some errors in plain ones that keep the text alone. */
function isContainerMissing(thrown: unknown): boolean {
  return (
    (thrown instanceof RestError && thrown.code === "ContainerNotFound") ||
    messageOf(thrown).includes("container does not exist")
  );
}
