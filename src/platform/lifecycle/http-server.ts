import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Page = { readonly status: number; readonly contentType: string; readonly body: string };

/** By path; `*` answers every other path. */
export type Pages = Readonly<Record<string, () => Promise<Page>>>;

export type PageServer = {
  readonly port: number;
  close(): Promise<void>;
};

const MAX_CONNECTIONS = 100;

const NOT_FOUND: Page = {
  status: 404,
  contentType: "application/json",
  body: JSON.stringify({ status_code: 404, reason: "Endpoint doesn't exist" }),
};

/**
 * Serves the pages at their paths; everything else does not exist.
 * @param port 0 for any free one.
 * @throws the socket's error if the port cannot be had.
 */
export async function servePages(host: string, port: number, pages: Pages): Promise<PageServer> {
  const server = createServer((request, response) => {
    const asked = request.url?.split("?")[0] ?? "";
    const page = Object.hasOwn(pages, asked) ? pages[asked] : pages["*"];
    const respond = ({ status, contentType, body }: Page) => {
      response.writeHead(status, { "content-type": contentType }).end(body);
    };
    const failed = () => response.writeHead(500).end();
    (page === undefined ? Promise.resolve(NOT_FOUND) : page()).then(respond, failed);
  });
  // Probes and scrapers need few; whoever opens more takes no memory here.
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
