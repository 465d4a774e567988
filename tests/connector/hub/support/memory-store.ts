import type {
  OwnershipRecord,
  OwnershipStore,
  PositionStore,
  StoredPosition,
} from "../../../../src/connector/contract.ts";

/**
 * Ownership and positions in memory with the Blob store's rules: a claim with an ETag holds if the record still has it,
 * one without only makes a record. The test makes it fail, hang, or lose an answer.
 */
export class MemoryStore implements OwnershipStore {
  readonly checkpoints = new Map<string, StoredPosition>();
  readonly #records = new Map<string, OwnershipRecord>();
  readonly #now: () => number;
  #version = 0;
  /** Called before each claim is looked at. */
  beforeClaim: (record: { readonly partitionId: string }) => void = () => {};
  /** Throws, or waits, before an answer. */
  beforeAnswer: (call: "list" | "claim" | "position") => Promise<void> = async () => {};
  claims = 0;
  readonly positions: PositionStore = {
    read: async (partitionId) => {
      await this.beforeAnswer("position");
      return this.checkpoints.get(partitionId);
    },
    begin: () => undefined,
    write: async (partitionId, position) => {
      await this.beforeAnswer("position");
      this.checkpoints.set(partitionId, { ...position, storedAtMs: this.#now(), hubCreatedAtMs: undefined });
    },
  };

  constructor(now: () => number) {
    this.#now = now;
  }

  async list() {
    const records = [...this.#records.values()];
    const nowMs = this.#now();
    await this.beforeAnswer("list");
    return { records, nowMs };
  }

  async claim(record: Parameters<OwnershipStore["claim"]>[0]): Promise<boolean> {
    this.claims++;
    this.beforeClaim(record);
    const { partitionId, ownerId, etag } = record;
    const isTaken = etag === this.#records.get(partitionId)?.etag;
    if (isTaken) {
      this.put(partitionId, ownerId);
    }
    await this.beforeAnswer("claim");
    return isTaken;
  }

  /** Another consumer's claim, past all rules. */
  put(partitionId: string, ownerId: string): void {
    this.#version++;
    const etag = String(this.#version);
    this.#records.set(partitionId, { partitionId, ownerId, etag, modifiedAtMs: this.#now() });
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
    return this.#records.get(partitionId)?.modifiedAtMs;
  }

  ownedBy(ownerId: string): string[] {
    return [...this.#records.values()]
      .filter((record) => record.ownerId === ownerId)
      .map(({ partitionId }) => partitionId)
      .sort();
  }
}
