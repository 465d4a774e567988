import { createServer, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export type TestProxy = {
  readonly url: URL;
  /** What went through: `CONNECT host:port`, or the method and address of a plain request. */
  readonly seen: readonly string[];
  close(): Promise<void>;
};

/**
 * An HTTP proxy on the loopback interface, with tunnels.
 * @param refuse A status for a target in place of the way there.
 */
export async function startProxy(
  refuse: (target: string, request: IncomingMessage) => number | undefined = () => undefined,
): Promise<TestProxy> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const status = refuse(incoming.url ?? "", incoming);
    if (status !== undefined) {
      response.writeHead(status).end();
      return;
    }
    const onward = request(
      incoming.url ?? "",
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.writeHead(502).end());
    incoming.pipe(onward);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("connect", (incoming, client: Socket) => {
    seen.push(`CONNECT ${incoming.url}`);
    const status = refuse(incoming.url ?? "", incoming);
    if (status !== undefined) {
      client.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const [host, port] = (incoming.url ?? "").split(":");
    const onward = connect(Number(port), host ?? "");
    sockets.add(onward);
    onward.on("connect", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      onward.pipe(client).pipe(onward);
    });
    for (const socket of [onward, client]) {
      socket.on("error", () => socket.destroy());
    }
    onward.on("close", () => client.destroy());
    client.on("close", () => onward.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) {
          socket.destroy();
        }
      }),
  };
}
