import { type ContainerClient, RestError } from "@azure/storage-blob";
import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/log.ts";
import { LogThrottle } from "../../kernel/log-throttle.ts";
import type { OwnershipRecord, OwnershipStore } from "../contract.ts";
import { StorageUnreachable } from "./errors.ts";
import type { GroupNames } from "./positions.ts";
import { inContainer } from "./store.ts";

const OWNER = "ownerid";
const SKEW_WARNING_MS = 30_000;
const SKEW_EVERY_MS = 60 * 60 * 1000;

export type OwnershipPorts = {
  readonly container: ContainerClient;
  readonly clock: Clock;
  readonly logger: Logger;
};

/**
 * The ownership records as blobs that all SDKs of the service share: a blob's metadata names the owner, its time of
 * writing is the renewal. Times are the store's alone, so a machine whose clock is wrong takes nothing from others.
 */
export class BlobOwnership implements OwnershipStore {
  readonly #container: ContainerClient;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #throttle: LogThrottle;

  constructor(names: GroupNames, { container, clock, logger }: OwnershipPorts) {
    this.#container = container;
    this.#prefix = `${names.namespace}/${names.hubName}/${names.consumerGroup}/ownership/`.toLowerCase();
    this.#clock = clock;
    this.#logger = logger;
    this.#throttle = new LogThrottle(clock, SKEW_EVERY_MS);
  }

  list(): Promise<{ readonly records: readonly OwnershipRecord[]; readonly nowMs: number }> {
    return inContainer(this.#container, this.#logger, async () => {
      const prefix = this.#prefix;
      const records: OwnershipRecord[] = [];
      const askedAtMs = this.#clock.now();
      let nowMs: number | undefined;
      for await (const page of this.#container.listBlobsFlat({ prefix, includeMetadata: true }).byPage()) {
        nowMs ??= page.date?.getTime();
        for (const { name, metadata, properties } of page.segment.blobItems) {
          records.push({
            partitionId: name.slice(prefix.length),
            ownerId: ownerIn(metadata ?? {}),
            etag: properties.etag,
            modifiedAtMs: properties.lastModified.getTime(),
          });
        }
      }
      if (nowMs !== undefined) {
        this.#compareClocks(nowMs, askedAtMs);
      }
      return { records, nowMs: nowMs ?? this.#clock.now() };
    });
  }

  claim({ partitionId, ownerId, etag }: Parameters<OwnershipStore["claim"]>[0]): Promise<boolean> {
    const blob = this.#container.getBlockBlobClient(this.#prefix + partitionId);
    const metadata = { [OWNER]: ownerId };
    return inContainer(this.#container, this.#logger, async () => {
      try {
        if (etag === undefined) {
          await blob.upload("", 0, { metadata, conditions: { ifNoneMatch: "*" } });
        } else {
          await blob.setMetadata(metadata, { conditions: { ifMatch: etag } });
        }
        return true;
      } catch (thrown) {
        // 409 and 412: the record is not as it was read.
        const isChanged = thrown instanceof RestError && [409, 412].includes(thrown.statusCode ?? 0);
        if (!isChanged || thrown.code === "ContainerBeingDeleted") {
          throw thrown;
        }
        if (etag !== undefined && !(await blob.exists())) {
          throw new StorageUnreachable(
            `the ownership record of partition ${partitionId} was deleted; its owner will recreate it`,
          );
        }
        // Another consumer was faster.
        return false;
      }
    });
  }

  /** @param askedAtMs Before the question; the answer took time, which is not a skew. */
  #compareClocks(storeMs: number, askedAtMs: number): void {
    const answeredAtMs = this.#clock.now();
    const aheadMs = storeMs < askedAtMs ? askedAtMs - storeMs : Math.min(0, answeredAtMs - storeMs);
    if (Math.abs(aheadMs) <= SKEW_WARNING_MS || !this.#throttle.isDue("skew")) {
      return;
    }
    const seconds = Math.round(Math.abs(aheadMs) / 1000);
    this.#logger.log(
      "warning",
      `this machine's clock is ${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} the storage account's; set it by NTP. Partitions are shared by the storage account's clock`,
      { skewMs: aheadMs },
    );
  }
}

/** Metadata keys are read in any case. */
function ownerIn(metadata: Readonly<Record<string, string>>): string {
  const found = Object.entries(metadata).find(([key]) => key.toLowerCase() === OWNER);
  return found?.[1] ?? "";
}
