import { type ContainerClient, RestError } from "@azure/storage-blob";
import type { Logger } from "../../kernel/log.ts";
import type { Position, PositionStore, StoredPosition } from "../contract.ts";
import { StorageUnreachable } from "./errors.ts";
import { inContainer } from "./store.ts";

export type GroupNames = {
  /** The namespace's host name. */
  readonly namespace: string;
  readonly hubName: string;
  readonly consumerGroup: string;
};

/** What is known of a partition's blob. */
type Known = {
  /** Of the last version read or written; undefined: none is known to exist. */
  etag: string | undefined;
  stored: StoredPosition | undefined;
  /** The version that does not count, because the hub does not know its position. */
  invalidEtag: string | undefined;
  /** Of the hub that is read now. */
  hubCreatedAtMs: number | undefined;
};

/** A conditional write that loses is repeated at once so often; then the next checkpoint tries. */
const ATTEMPTS = 4;
/** Two answers about the hub's creation differ by less than this when they mean the same hub. */
const SAME_HUB_MS = 1000;
const HUB_CREATED = "hubcreated";

/**
 * The positions as blobs that all SDKs of the service share: the checkpoint is the blob's metadata. A write holds only if
 * the blob is as it was when it was read last, and never puts a lower position in the place of a higher one of the same
 * hub, so a process that has lost a partition cannot undo what its next reader has stored. Beside the position stands
 * when its hub was created, which other clients leave out and ignore.
 */
export class BlobPositions implements PositionStore {
  readonly #container: ContainerClient;
  readonly #prefix: string;
  readonly #logger: Logger;
  readonly #known = new Map<string, Known>();

  constructor(
    names: GroupNames,
    { container, logger }: { readonly container: ContainerClient; readonly logger: Logger },
  ) {
    this.#container = container;
    this.#prefix = `${names.namespace}/${names.hubName}/${names.consumerGroup}/checkpoint/`.toLowerCase();
    this.#logger = logger;
  }

  async read(partitionId: string): Promise<StoredPosition | undefined> {
    const known = this.#knownOf(partitionId);
    const blob = this.#container.getBlobClient(this.#prefix + partitionId);
    try {
      const { etag, metadata, lastModified } = await blob.getProperties();
      known.etag = etag;
      known.stored = parsePosition(metadata ?? {}, lastModified?.getTime() ?? 0);
      if (known.stored === undefined) {
        this.#logger.log(
          "error",
          `the checkpoint of partition ${partitionId} cannot be read and counts as absent`,
          { partition: partitionId },
        );
      }
    } catch (thrown) {
      if (!(thrown instanceof RestError) || thrown.statusCode !== 404) {
        throw thrown;
      }
      known.etag = undefined;
      known.stored = undefined;
    }
    return known.stored;
  }

  begin(partitionId: string, hubCreatedAtMs: number | undefined, isStoredValid: boolean): void {
    const known = this.#knownOf(partitionId);
    known.hubCreatedAtMs = hubCreatedAtMs;
    if (!isStoredValid) {
      known.invalidEtag = known.etag;
    }
  }

  async write(partitionId: string, position: Position): Promise<void> {
    const known = this.#knownOf(partitionId);
    // Of the hub that the position is of, also when another one is read by the time that the write is repeated.
    const { hubCreatedAtMs } = known;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (isSuperseded(known, position, hubCreatedAtMs)) {
        return;
      }
      if (await this.#tryWrite(partitionId, known, position, hubCreatedAtMs)) {
        return;
      }
      await this.read(partitionId);
    }
    throw new StorageUnreachable(`the blob of partition ${partitionId} was changed by others meanwhile`);
  }

  /** @returns false when the blob is not as it was. */
  async #tryWrite(
    partitionId: string,
    known: Known,
    position: Position,
    hubCreatedAtMs: number | undefined,
  ): Promise<boolean> {
    const { etag } = known;
    const metadata: Record<string, string> = {
      offset: position.offset,
      sequencenumber: String(position.sequenceNumber),
      ...(hubCreatedAtMs === undefined ? {} : { [HUB_CREATED]: String(hubCreatedAtMs) }),
    };
    const blob = this.#container.getBlockBlobClient(this.#prefix + partitionId);
    try {
      const answer = await inContainer(this.#container, this.#logger, () =>
        etag === undefined
          ? blob.upload("", 0, { metadata, conditions: { ifNoneMatch: "*" } })
          : blob.setMetadata(metadata, { conditions: { ifMatch: etag } }),
      );
      known.etag = answer.etag;
      known.stored = { ...position, storedAtMs: answer.lastModified?.getTime() ?? 0, hubCreatedAtMs };
      return true;
    } catch (thrown) {
      // 404: the blob was deleted; 409 and 412: it is there, or another version of it.
      if (thrown instanceof RestError && [404, 409, 412].includes(thrown.statusCode ?? 0)) {
        return false;
      }
      throw thrown;
    }
  }

  #knownOf(partitionId: string): Known {
    let known = this.#known.get(partitionId);
    if (known === undefined) {
      known = { etag: undefined, stored: undefined, invalidEtag: undefined, hubCreatedAtMs: undefined };
      this.#known.set(partitionId, known);
    }
    return known;
  }
}

/** Whoever reads the partition now is further: everything up to `position` is settled anyway. */
function isSuperseded(
  { etag, stored, invalidEtag }: Known,
  position: Position,
  hubCreatedAtMs: number | undefined,
): boolean {
  if (stored === undefined || etag === invalidEtag) {
    return false;
  }
  return isSameHub(stored.hubCreatedAtMs, hubCreatedAtMs) && stored.sequenceNumber > position.sequenceNumber;
}

function isSameHub(oneMs: number | undefined, otherMs: number | undefined): boolean {
  return oneMs === undefined || otherMs === undefined || Math.abs(oneMs - otherMs) <= SAME_HUB_MS;
}

/** Reads metadata keys in any case. @returns undefined when it is not a position. */
function parsePosition(
  metadata: Readonly<Record<string, string>>,
  storedAtMs: number,
): StoredPosition | undefined {
  const values = new Map(Object.entries(metadata).map(([key, value]) => [key.toLowerCase(), value]));
  const offset = values.get("offset") ?? "";
  const sequenceNumber = Number(values.get("sequencenumber") || Number.NaN);
  if (offset === "" || offset === "None" || !Number.isSafeInteger(sequenceNumber)) {
    return undefined;
  }
  const created = Number(values.get(HUB_CREATED) || Number.NaN);
  return {
    offset,
    sequenceNumber,
    storedAtMs,
    hubCreatedAtMs: Number.isSafeInteger(created) ? created : undefined,
  };
}
