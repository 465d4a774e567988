import net, { type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A server before the hub that passes everything on, until the test makes it say something of its own, or stop. */
export type Front = {
  readonly port: number;
  /** Sends bytes to every client as if they came from the hub. */
  inject(bytes: Buffer): void;
  /** Cuts every connection. */
  drop(): void;
};

export type FrontOptions = {
  /** Asked for each connection: so many bytes of the hub come through, then it is cut. Undefined: it never is. */
  readonly cutAfterBytes?: () => number | undefined;
};

/** Ends with the test. */
export async function startFront(hubPort: number, { cutAfterBytes }: FrontOptions = {}): Promise<Front> {
  const clients = new Set<Socket>();
  const server = net.createServer((client) => {
    const hub = net.connect(hubPort, "127.0.0.1");
    clients.add(client);
    for (const [from, to] of [
      [client, hub],
      [hub, client],
    ] as const) {
      from.on("error", () => {});
      from.on("close", () => to.destroy());
    }
    client.on("close", () => clients.delete(client));
    client.pipe(hub);
    let leftBytes = cutAfterBytes?.() ?? Number.POSITIVE_INFINITY;
    hub.on("data", (bytes: Buffer) => {
      if (leftBytes < bytes.length) {
        client.end(bytes.subarray(0, leftBytes), () => hub.destroy());
      } else if (!client.write(bytes)) {
        hub.pause();
      }
      leftBytes = Math.max(0, leftBytes - bytes.length);
    });
    client.on("drain", () => hub.resume());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const client of clients) {
      client.destroy();
    }
    server.close();
  });
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    inject(bytes) {
      for (const client of clients) {
        client.write(bytes);
      }
    },
    drop() {
      for (const client of clients) {
        client.destroy();
      }
    },
  };
}
