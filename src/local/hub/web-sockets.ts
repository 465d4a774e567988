import { createServer } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocketServer } from "ws";

/** Where the service takes WebSockets, and the protocol that they carry (AMQP WebSocket Binding, version 1.0). */
const PATH = /^\/\$servicebus\/websocket\/?$/;
const PROTOCOL = "AMQPWSB10";
/** What Go's documentation has clients ask for in its place. */
const OTHER_PROTOCOL = "amqp";
/** Clients send a message of at most 1 MiB in frames; one write of theirs may hold them all. */
const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;

/**
 * @param accept Gets what a WebSocket carries, as a stream of bytes.
 * @returns what takes a socket on which HTTP is spoken.
 */
export function takeWebSockets(accept: (socket: Socket) => void): (socket: Socket) => void {
  const server = createServer((_request, response) => response.writeHead(404).end());
  const upgrades = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD_BYTES,
    handleProtocols: (offered) =>
      [PROTOCOL, OTHER_PROTOCOL].find((protocol) => offered.has(protocol)) ?? false,
  });
  server.on("upgrade", (request, socket, head) => {
    if (!PATH.test(request.url ?? "")) {
      socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      const stream = createWebSocketStream(webSocket);
      // A client that vanishes is not an event for the server; the connection hears of it by `close`.
      stream.on("error", () => {});
      // The stream itself would stay half open.
      webSocket.once("close", () => stream.destroy());
      accept(asSocket(stream));
    });
  });
  return (socket) => void server.emit("connection", socket);
}

/** What a connection uses of a socket, in a stream. */
function asSocket(stream: Duplex): Socket {
  const destroySoon = () => void stream.end(() => stream.destroy());
  return Object.assign(stream, { destroySoon }) as unknown as Socket;
}
