import { once } from "node:events";
import { get } from "node:https";
import tls from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { type Authority, makeAuthority } from "../../preflight/support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { startTestHub } from "./harness.ts";

let authority: Authority;
beforeAll(() => {
  authority = makeAuthority();
  authority.trust();
});
afterAll(() => authority?.close());

const start = () => startTestHub({ tls: authority.issue("localhost"), webSockets: true });

test.each([
  {
    how: "alone, over TLS",
    scheme: "wss",
    options: () => ({ webSockets: true, tls: authority.issue("localhost") }),
  },
  { how: "beside AMQP, over TLS", scheme: "wss", options: () => ({ tls: authority.issue("localhost") }) },
  { how: "beside AMQP, as clients of the emulator do", scheme: "ws", options: () => ({}) },
])(
  "a WebSocket of AMQP is answered by its greeting, and a client that vanishes is forgotten ($how)",
  async ({ scheme, options }) => {
    const server = await startTestHub(options());
    const socket = new WebSocket(`${scheme}://localhost:${server.port}/$servicebus/websocket`, ["AMQPWSB10"]);
    await once(socket, "open");
    expect(socket.protocol).toBe("AMQPWSB10");
    const greeting = Buffer.from("AMQP\u0003\u0001\u0000\u0000", "latin1");
    socket.send(greeting);
    const [answer] = (await once(socket, "message")) as [Buffer];
    expect(answer.subarray(0, 8)).toEqual(greeting);
    expect(server.stats().connections).toBe(1);
    socket.terminate();
    await eventually(() => server.stats().connections === 0);
  },
);

test("a slash after the path makes no difference, as Python's own client writes it", async () => {
  const server = await start();
  const socket = new WebSocket(`wss://localhost:${server.port}/$servicebus/websocket/`, ["AMQPWSB10"]);
  await once(socket, "open");
  socket.terminate();
});

test("where WebSockets alone are taken, AMQP on the socket itself is not", async () => {
  const server = await start();
  const socket = tls.connect(server.port, "localhost");
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  socket.write("AMQP\u0003\u0001\u0000\u0000");
  await once(socket, "close");
  expect(server.stats().connections).toBe(0);
});

test("another path is not a WebSocket, and a plain request finds nothing", async () => {
  const server = await start();
  const socket = new WebSocket(`wss://localhost:${server.port}/other`, ["AMQPWSB10"]);
  const [error] = (await once(socket, "error")) as [Error];
  expect(error.message).toMatch(/400/);
  const [response] = await once(
    get({ host: "localhost", port: server.port, path: "/", agent: false }),
    "response",
  );
  response.resume();
  expect(response.statusCode).toBe(404);
  expect(server.stats().connections).toBe(0);
});

test("bytes that are not AMQP end the connection", async () => {
  const server = await start();
  const socket = new WebSocket(`wss://localhost:${server.port}/$servicebus/websocket`, ["AMQPWSB10"]);
  await once(socket, "open");
  socket.on("error", () => {});
  socket.send("GET / HTTP/1.1\r\n\r\n");
  await once(socket, "close");
  await eventually(() => server.stats().connections === 0);
});
