import net from "node:net";
import tls from "node:tls";
import type { Clock } from "../../kernel/clock.ts";
import { takeWebSockets } from "./web-sockets.ts";

export type DoorOptions = {
  /** PEM texts; with them the server speaks TLS only. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Takes WebSockets alone, as a firewall may; else AMQP on the socket itself as well. */
  readonly webSockets?: boolean;
};

/** For a client to say its first word. */
const FIRST_BYTE_MS = 60_000;
/** HTTP begins with `GET`; AMQP never does. */
const HTTP = "G".charCodeAt(0);

/**
 * The server of the one port: with or without TLS, AMQP on the socket itself or in a WebSocket, as the first byte tells.
 * @param accept Gets a stream of AMQP.
 */
export function createDoor(
  options: DoorOptions,
  clock: Clock,
  accept: (socket: net.Socket) => void,
): net.Server {
  const takeHttp = takeWebSockets(accept);
  const enter = (socket: net.Socket) => {
    // A client that vanishes does not concern the server; the connection hears of it by `close`.
    socket.on("error", () => {});
    const cancel = clock.after(FIRST_BYTE_MS, () => socket.destroy());
    socket.once("close", cancel);
    socket.once("data", (first: Buffer) => {
      cancel();
      socket.pause();
      socket.unshift(first);
      if (first[0] === HTTP) {
        takeHttp(socket);
      } else if (options.webSockets) {
        socket.destroy();
        return;
      } else {
        accept(socket);
      }
      socket.resume();
    });
  };
  const server =
    options.tls === undefined ? net.createServer(enter) : tls.createServer({ ...options.tls }, enter);
  server.on("tlsClientError", () => {});
  return server;
}
