import net, { type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A server before the hub that passes everything on, until the test makes it say something of its own. */
export type Front = {
  readonly port: number;
  /** Sends bytes to every client as if they came from the hub. */
  inject(bytes: Buffer): void;
};

/** Ends with the test. */
export async function startFront(hubPort: number): Promise<Front> {
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
    client.pipe(hub).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const client of clients) client.destroy();
    server.close();
  });
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    inject(bytes) {
      for (const client of clients) client.write(bytes);
    },
  };
}
