import { createServer, type IncomingHttpHeaders, type RequestListener, request } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { LocalStorage } from "../../../src/local/storage/azurite.ts";
import type { KeyPair } from "./certificates.ts";

/** What the front does with a request: refuse it, or add headers to the storage's answer. */
export type Interference = {
  readonly refuse?: { readonly status: number; readonly code: string };
  readonly headers?: IncomingHttpHeaders;
};

/**
 * An account in front of the local storage that answers as accounts of Azure do which the emulator cannot be.
 * @param tls Of an account for tokens, which the SDK sends nowhere else.
 */
export async function startStorageFront(
  storage: LocalStorage,
  interfere: (method: string, url: string) => Interference,
  tls?: KeyPair,
): Promise<{ readonly connectionString: string; readonly port: number; close(): Promise<void> }> {
  const listener: RequestListener = (incoming, response) => {
    const { method = "", url = "", headers } = incoming;
    const { refuse, headers: more } = interfere(method, url);
    if (refuse !== undefined) {
      incoming.resume();
      response.writeHead(refuse.status, {
        "x-ms-error-code": refuse.code,
        "content-type": "application/xml",
      });
      response.end(
        method === "HEAD" ? "" : `<?xml version="1.0"?><Error><Code>${refuse.code}</Code></Error>`,
      );
      return;
    }
    const onward = request(
      { host: "127.0.0.1", port: storage.port, method, path: url, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...more });
        answer.pipe(response);
      },
    );
    incoming.pipe(onward);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    connectionString: storage.connectionString.replace(`:${storage.port}/`, `:${port}/`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
