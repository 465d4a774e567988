import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";

/**
 * An intake that only looks at when its events were sent, as a process of its own. Prints `{"url":…}`; `{"count":true}`
 * is answered with the events so far, `{}` with what came since the last such line: events, requests, and milliseconds at the median and beyond.
 */
const STAMP = Buffer.from('{\\"at\\":');
const ZERO = 0x30;
const NINE = 0x39;

let latencies: number[] = [];
let requests = 0;

const server = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    const answer = JSON.stringify({ event_ids: Array<string>(look(body)).fill("e") });
    response.writeHead(200, { "content-type": "application/json", "content-length": answer.length });
    response.end(answer);
  });
});
server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () => {
  print({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
for await (const line of createInterface({ input: process.stdin })) {
  if ((JSON.parse(line) as { count?: boolean }).count === true) {
    print({ events: latencies.length });
    continue;
  }
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
  print({ events: sorted.length, requests, p50: at(0.5), p99: at(0.99), most: at(1) });
  latencies = [];
  requests = 0;
}
process.exit(0);

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) {
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}

/** @returns the number of events. */
function look(body: Buffer): number {
  const now = Number(process.hrtime.bigint() / 1000n);
  requests++;
  let count = 0;
  for (let at = body.indexOf(STAMP); at !== -1; at = body.indexOf(STAMP, at)) {
    at += STAMP.length;
    let sentAt = 0;
    for (; (body[at] ?? 0) >= ZERO && (body[at] ?? 0) <= NINE; at++) {
      sentAt = sentAt * 10 + (body[at] as number) - ZERO;
    }
    latencies.push((now - sentAt) / 1000);
    count++;
  }
  return count;
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
