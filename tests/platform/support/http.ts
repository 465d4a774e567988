import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export type ReceivedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed; undefined for an empty body. */
  readonly body: unknown;
};

export type TestServer = {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  close(): Promise<void>;
};

/**
 * An HTTP server on the loopback interface that remembers what it was asked.
 * @param answer Status and JSON for a request; `null` leaves it unanswered.
 */
export async function startServer(
  answer: (
    request: ReceivedRequest,
    index: number,
  ) => { readonly status: number; readonly json?: unknown } | null,
): Promise<TestServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const text = Buffer.concat(pieces).toString("utf8");
      const received: ReceivedRequest = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body: text === "" ? undefined : JSON.parse(text),
      };
      const given = answer(received, requests.push(received) - 1);
      if (given) {
        response.writeHead(given.status, { "content-type": "application/json" });
        response.end(given.json === undefined ? "" : JSON.stringify(given.json));
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
