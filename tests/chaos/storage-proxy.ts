import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const HOST = "127.0.0.1";

export type StorageProxy = {
  /** The storage's connection string, but through the proxy. */
  readonly connectionString: string;
  down(): Promise<void>;
  up(): Promise<void>;
  /** Holds every request back; 0 ends it. */
  slow(delayMs: number): void;
  /** Answers the next `times` conditional writes with 412, as if another consumer had been faster. */
  conflict(times: number): void;
  /** Of those ordered, how many are still to come. */
  readonly conflictsLeft: number;
  close(): Promise<void>;
};

/** Stands before the blob storage, passes everything on, and misbehaves on order. */
export async function startStorageProxy(connectionString: string): Promise<StorageProxy> {
  const targetPort = Number(/BlobEndpoint=http:\/\/[^:]+:(\d+)/.exec(connectionString)?.[1]);
  const agent = new Agent({ keepAlive: true });
  let delayMs = 0;
  let conflicts = 0;
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      if (delayMs > 0) {
        await wait(delayMs);
      }
      if (conflicts > 0 && isConditional(incoming)) {
        conflicts--;
        refuse(incoming, outgoing);
        return;
      }
      pass(incoming, outgoing, targetPort, agent);
    })();
  });
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, HOST, () => {
        server.off("error", reject);
        resolve((server.address() as AddressInfo).port);
      });
    });
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const port = await listen(0);
  return {
    connectionString: connectionString.replace(`${HOST}:${targetPort}`, `${HOST}:${port}`),
    down: stop,
    up: async () => void (await listen(port)),
    slow: (wantedMs) => {
      delayMs = wantedMs;
    },
    conflict: (times) => {
      conflicts = times;
    },
    get conflictsLeft() {
      return conflicts;
    },
    close: async () => {
      await stop();
      agent.destroy();
    },
  };
}

function isConditional({ method, headers }: IncomingMessage): boolean {
  return method === "PUT" && (headers["if-match"] !== undefined || headers["if-none-match"] !== undefined);
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse): void {
  incoming.resume();
  outgoing.writeHead(412, { "x-ms-error-code": "ConditionNotMet", "content-type": "application/xml" });
  outgoing.end("<Error><Code>ConditionNotMet</Code><Message>by order</Message></Error>");
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, port: number, agent: Agent): void {
  const { method, url: path, headers } = incoming;
  const onward = request({ host: HOST, port, method, path, headers, agent }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  // The storage went away, or the client did: either way this exchange is over.
  onward.on("error", () => outgoing.destroy());
  incoming.on("error", () => onward.destroy());
  outgoing.on("close", () => {
    if (!outgoing.writableFinished) {
      onward.destroy();
    }
  });
  incoming.pipe(onward);
}
