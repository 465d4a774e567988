import { type BlobItem, ContainerClient } from "@azure/storage-blob";

export type Ownership = { readonly ownerId: string; readonly renewedAtMs: number };

/** What the connector keeps in its container, read past the proxy. */
export class Blobs {
  readonly container: ContainerClient;
  readonly #prefix: string;

  constructor(connectionString: string, containerName: string, hubPort: number, hub: string, group: string) {
    this.container = new ContainerClient(connectionString, containerName);
    this.#prefix = `localhost:${hubPort}/${hub}/${group}/`;
  }

  /** Sequence numbers by partition. */
  async checkpoints(): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const { partitionId, metadata } of await this.#list("checkpoint/")) {
      found.set(partitionId, Number(metadata["sequencenumber"]));
    }
    return found;
  }

  async ownerships(): Promise<ReadonlyMap<string, Ownership>> {
    const found = new Map<string, Ownership>();
    for (const { partitionId, metadata, modifiedAtMs } of await this.#list("ownership/")) {
      found.set(partitionId, { ownerId: metadata["ownerid"] ?? "", renewedAtMs: modifiedAtMs });
    }
    return found;
  }

  /** The bytes of every dead letter, in any order. */
  async deadLetters(): Promise<Buffer[]> {
    const letters: Buffer[] = [];
    for (const { name } of await this.#listAll("dead-letter/")) {
      const text = (await this.container.getBlobClient(name).downloadToBuffer()).toString();
      for (const line of text.split("\n")) {
        if (line === "") {
          continue;
        }
        const { data, encoding } = JSON.parse(line) as { data: string; encoding: "utf8" | "base64" };
        letters.push(Buffer.from(data, encoding));
      }
    }
    return letters;
  }

  async #list(kind: string) {
    const prefix = this.#prefix + kind;
    return (await this.#listAll(prefix)).map((blob) => ({
      partitionId: blob.name.slice(prefix.length),
      metadata: blob.metadata ?? {},
      modifiedAtMs: blob.properties.lastModified.getTime(),
    }));
  }

  async #listAll(prefix: string): Promise<BlobItem[]> {
    const found: BlobItem[] = [];
    try {
      for await (const blob of this.container.listBlobsFlat({ prefix, includeMetadata: true })) {
        found.push(blob);
      }
    } catch (thrown) {
      // A fault deletes the container; until the connector makes it again there is nothing in it.
      if ((thrown as { statusCode?: number }).statusCode !== 404) {
        throw thrown;
      }
    }
    return found;
  }
}
