import type { Refusal } from "./refusal.ts";

/** A receiver of one partition through one consumer group. */
export type Reader = {
  /** What the client calls itself, for the texts. */
  readonly name: string;
  /** The owner level; undefined for a reader that claims no ownership. */
  readonly epoch: number | undefined;
  /** Detaches the reader's link. */
  evict(refusal: Refusal): void;
};

const WITHOUT_EPOCH_MAX = 5;

/** Decides who may read a partition through a consumer group. */
export class ReaderGroup {
  readonly #readers = new Set<Reader>();

  /**
   * Lets a reader in. One with an epoch evicts those with none, a lower or the same one; one without is refused while
   * another holds an epoch, and when five others read already.
   * @returns why the reader is refused, or undefined.
   */
  admit(reader: Reader): Refusal | undefined {
    const owner = [...this.#readers].find((other) => other.epoch !== undefined);
    if (reader.epoch === undefined) {
      if (owner !== undefined) {
        return stolen(
          `Receiver '${owner.name}' has the epoch '${owner.epoch}', so a non-epoch receiver is not allowed: give '${reader.name}' a higher epoch, or close the other one first.`,
        );
      }
      if (this.#readers.size >= WITHOUT_EPOCH_MAX) {
        return {
          condition: "amqp:resource-limit-exceeded",
          description: `Exceeded the maximum number of allowed receivers per partition in a consumer group which is ${WITHOUT_EPOCH_MAX}.`,
        };
      }
    } else {
      if (owner?.epoch !== undefined && owner.epoch > reader.epoch) {
        return stolen(
          `Receiver '${owner.name}' with a higher epoch '${owner.epoch}' already exists. Receiver '${reader.name}' with epoch ${reader.epoch} cannot be created. Make sure you are creating receiver with increasing epoch value to ensure connectivity, or ensure all old epoch receivers are closed or disconnected.`,
        );
      }
      this.#evictAllFor(reader);
    }
    this.#readers.add(reader);
    return undefined;
  }

  leave(reader: Reader): void {
    this.#readers.delete(reader);
  }

  #evictAllFor(reader: Reader): void {
    for (const other of this.#readers) {
      this.#readers.delete(other);
      other.evict(
        stolen(
          `New receiver '${reader.name}' with higher epoch of '${reader.epoch}' is created hence current receiver '${other.name}' with epoch '${other.epoch ?? "none"}' is getting disconnected.`,
        ),
      );
    }
  }
}

function stolen(description: string): Refusal {
  return { condition: "amqp:link:stolen", description };
}
