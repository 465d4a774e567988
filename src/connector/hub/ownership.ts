import type { Checkpoint, CheckpointStore, PartitionOwnership } from "@azure/event-hubs";

/**
 * Stands between the SDK and the checkpoint store and remembers what passes: who owns which partition, and where each
 * partition will start. The SDK itself does not stop a partition whose ownership record names another consumer.
 */
export class OwnershipWatch implements CheckpointStore {
  readonly #store: CheckpointStore;
  readonly #ownerId: string;
  readonly #ownedByOthers = new Set<string>();
  readonly #checkpoints = new Map<string, Checkpoint>();

  constructor(store: CheckpointStore, ownerId: string) {
    this.#store = store;
    this.#ownerId = ownerId;
  }

  isOwnedByAnother(partitionId: string): boolean {
    return this.#ownedByOthers.has(partitionId);
  }

  checkpointOf(partitionId: string): Checkpoint | undefined {
    return this.#checkpoints.get(partitionId);
  }

  async listOwnership(namespace: string, hub: string, group: string): Promise<PartitionOwnership[]> {
    const all = await this.#store.listOwnership(namespace, hub, group);
    this.#ownedByOthers.clear();
    for (const { partitionId, ownerId } of all) {
      if (ownerId !== "" && ownerId !== this.#ownerId) this.#ownedByOthers.add(partitionId);
    }
    return all;
  }

  async claimOwnership(wanted: PartitionOwnership[]): Promise<PartitionOwnership[]> {
    const claimed = await this.#store.claimOwnership(wanted);
    for (const { partitionId } of claimed) this.#ownedByOthers.delete(partitionId);
    return claimed;
  }

  async updateCheckpoint(checkpoint: Checkpoint): Promise<void> {
    await this.#store.updateCheckpoint(checkpoint);
  }

  async listCheckpoints(namespace: string, hub: string, group: string): Promise<Checkpoint[]> {
    const all = await this.#store.listCheckpoints(namespace, hub, group);
    for (const checkpoint of all) this.#checkpoints.set(checkpoint.partitionId, checkpoint);
    return all;
  }
}
