import type { Checkpoint, CheckpointStore, PartitionOwnership } from "@azure/event-hubs";

export const NAMESPACE = "localhost";
export const GROUP = "cg1";
export const HUB_NAME = "hub1";

/**
 * A checkpoint store in memory with the Blob store's rules: a claim with an ETag holds if the record still has it, one
 * without makes or overwrites the record. The test makes it fail, hang, or lose an answer.
 */
export class MemoryStore implements CheckpointStore {
  readonly checkpoints = new Map<string, Checkpoint>();
  readonly #records = new Map<string, PartitionOwnership>();
  readonly #now: () => number;
  #version = 0;
  /** Called before each claim is looked at. */
  beforeClaim: (ownership: PartitionOwnership) => void = () => {};
  /** Throws, or waits, before an answer. */
  beforeAnswer: (call: "list" | "claim" | "checkpoints") => Promise<void> = async () => {};
  claims = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  async listOwnership(): Promise<PartitionOwnership[]> {
    const records = [...this.#records.values()].map((record) => ({ ...record }));
    await this.beforeAnswer("list");
    return records;
  }

  async claimOwnership(wanted: PartitionOwnership[]): Promise<PartitionOwnership[]> {
    this.claims++;
    const claimed = wanted.filter((ownership) => {
      this.beforeClaim(ownership);
      const etag = this.#records.get(ownership.partitionId)?.etag;
      if (ownership.etag !== undefined && ownership.etag !== etag) return false;
      this.put(ownership.partitionId, ownership.ownerId);
      return true;
    });
    await this.beforeAnswer("claim");
    return claimed.map(({ partitionId }) => ({ ...(this.#records.get(partitionId) as PartitionOwnership) }));
  }

  async updateCheckpoint(checkpoint: Checkpoint): Promise<void> {
    this.checkpoints.set(checkpoint.partitionId, checkpoint);
  }

  async listCheckpoints(): Promise<Checkpoint[]> {
    const checkpoints = [...this.checkpoints.values()];
    await this.beforeAnswer("checkpoints");
    return checkpoints;
  }

  /** Another consumer's claim, past all rules. */
  put(partitionId: string, ownerId: string): void {
    this.#version++;
    this.#records.set(partitionId, {
      fullyQualifiedNamespace: NAMESPACE,
      eventHubName: HUB_NAME,
      consumerGroup: GROUP,
      partitionId,
      ownerId,
      etag: String(this.#version),
      lastModifiedTimeInMs: this.#now(),
    });
  }

  /** Somebody has deleted the container. */
  deleteAll(): void {
    this.#records.clear();
    this.checkpoints.clear();
  }

  ownerOf(partitionId: string): string | undefined {
    return this.#records.get(partitionId)?.ownerId;
  }

  renewedAtMs(partitionId: string): number | undefined {
    return this.#records.get(partitionId)?.lastModifiedTimeInMs;
  }

  ownedBy(ownerId: string): string[] {
    return [...this.#records.values()]
      .filter((record) => record.ownerId === ownerId)
      .map(({ partitionId }) => partitionId)
      .sort();
  }
}
