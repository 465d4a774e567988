import type { Clock } from "../../kernel/clock.ts";
import type { HubDescription } from "./config.ts";
import type { IncomingMessage } from "./message.ts";
import { Partition, type Retention } from "./partition.ts";
import { ReaderGroup } from "./readers.ts";
import type { Refusal } from "./refusal.ts";

/** One event hub: its partitions and who reads them. */
export class HubEntity {
  readonly name: string;
  readonly createdAtMs: number;
  readonly #partitions: Partition[] = [];
  readonly #retention: Retention;
  readonly #groups: readonly string[];
  readonly #clock: Clock;
  /** By lower-cased consumer group and partition id. */
  readonly #readers = new Map<string, ReaderGroup>();
  #nextPartition = 0;

  constructor(description: HubDescription, retention: Retention, clock: Clock) {
    this.name = description.name;
    this.createdAtMs = clock.now();
    this.#clock = clock;
    this.#retention = retention;
    this.#groups = description.consumerGroups;
    this.addPartitions(description.partitionCount);
  }

  get partitions(): readonly Partition[] {
    return this.#partitions;
  }

  /** The service takes more partitions while a hub is in use, and never fewer. */
  addPartitions(count: number): void {
    for (let added = 0; added < count; added++) {
      const partition = new Partition(String(this.#partitions.length), this.#retention);
      this.#partitions.push(partition);
      for (const group of this.#groups) {
        this.#readers.set(readersKey(group, partition.id), new ReaderGroup());
      }
    }
  }

  partition(id: string): Partition | undefined {
    return this.partitions.find((partition) => partition.id === id);
  }

  /** Those who read a partition through a consumer group; undefined if the hub has no such group. */
  readers(group: string, partitionId: string): ReaderGroup | undefined {
    return this.#readers.get(readersKey(group, partitionId));
  }

  /** Stores a producer's message: in the partition that its link names, by its partition key, or in their turn. */
  publish(message: IncomingMessage, partition = this.#partitionFor(message)): void {
    partition?.append(message.events, this.#clock.now());
  }

  #partitionFor(message: IncomingMessage): Partition | undefined {
    const index =
      message.partitionKey === undefined
        ? this.#nextPartition++ % this.partitions.length
        : hashOf(message.partitionKey) % this.partitions.length;
    return this.partitions[index];
  }
}

/** The answer to whoever names a partition that the hub does not have. */
export function noPartition(hub: HubEntity): Refusal {
  return {
    condition: "com.microsoft:argument-out-of-range",
    description: `The specified partition is invalid for an EventHub partition sender or receiver. It should be between 0 and ${hub.partitions.length - 1}.`,
  };
}

function readersKey(group: string, partitionId: string): string {
  return `${group.toLowerCase()}/${partitionId}`;
}

/** FNV-1a, 32 bits: any hash does, as long as a key always finds the same partition. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}
