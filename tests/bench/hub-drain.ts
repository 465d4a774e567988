import { createHmac } from "node:crypto";
import type { Socket } from "node:net";
import process from "node:process";
import rhea from "rhea";

/**
 * Receives events as fast as a socket gives them: rhea attaches the links, then frames are only counted and credit is
 * topped up. Arguments: port, hub, partitions, events to wait for.
 */
const [port = "0", hub = "", partitions = "0", wanted = "0"] = process.argv.slice(2);
const CREDIT = 4000;
const TRANSFER = 0x14;

type Client = { socket: Socket };
type Link = {
  session: { local: { channel: number }; remote: { channel: number } };
  local: { handle: number };
};

const target = Number(wanted);
const audience = `sb://localhost:${port}/${hub}`;
const resource = encodeURIComponent(audience);
const expiry = Math.floor(Date.now() / 1000) + 3600;
const signature = createHmac("sha256", "SAS_KEY_VALUE").update(`${resource}\n${expiry}`).digest("base64");
const token = `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=RootManageSharedAccessKey`;

const container = rhea.create_container();
const connection = container.connect({
  host: "127.0.0.1",
  port: Number(port),
  username: "anonymous",
  reconnect: false,
});
await putToken();
const links = await Promise.all(Array.from({ length: Number(partitions) }, (_, id) => attach(id)));
await drain((connection as unknown as Client).socket, links);

function putToken(): Promise<void> {
  const replies = connection.open_receiver({ source: "$cbs", name: "cbs-replies" });
  const requests = connection.open_sender("$cbs");
  requests.once("sendable", () =>
    requests.send({
      reply_to: "cbs-replies",
      message_id: "1",
      application_properties: {
        operation: "put-token",
        name: audience,
        type: "servicebus.windows.net:sastoken",
      },
      body: token,
    }),
  );
  return new Promise((resolve) => replies.once("message", () => resolve()));
}

function attach(id: number): Promise<Link> {
  const session = connection.create_session();
  session.begin();
  const receiver = session.open_receiver({
    source: { address: `${hub}/ConsumerGroups/$Default/Partitions/${id}` },
    credit_window: 0,
  });
  return new Promise((resolve) => receiver.once("receiver_open", () => resolve(receiver as unknown as Link)));
}

function drain(socket: Socket, readers: readonly Link[]): Promise<void> {
  const counters = new Map(
    readers.map((link) => [link.session.remote.channel, { link, received: 0, granted: 0 }]),
  );
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let events = 0;
  let rest: Buffer = Buffer.alloc(0);
  const topUp = (counter: { link: Link; received: number; granted: number }) => {
    counter.granted = counter.received + CREDIT;
    socket.write(flowFrame(counter.link, counter.received));
  };
  socket.removeAllListeners("data");
  for (const counter of counters.values()) {
    topUp(counter);
  }
  return new Promise((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      while (bytes.length - at >= 8) {
        const size = bytes.readUInt32BE(at);
        if (bytes.length - at < size) {
          break;
        }
        const counter = bytes[at + 10] === TRANSFER ? counters.get(bytes.readUInt16BE(at + 6)) : undefined;
        if (counter !== undefined) {
          events += 1;
          counter.received += 1;
          if (counter.granted - counter.received < CREDIT / 2) {
            topUp(counter);
          }
        }
        at += size;
      }
      rest = bytes.subarray(at);
      if (events >= target) {
        const seconds = (performance.now() - startedAt) / 1000;
        const used = process.cpuUsage(cpu);
        process.stdout.write(`${JSON.stringify({ events, seconds, cpuMicros: used.user + used.system })}\n`);
        socket.destroy();
        resolve();
        process.exit(0);
      }
    });
  });
}

function flowFrame(link: Link, received: number): Buffer {
  const bytes = Buffer.alloc(53);
  const uint = (at: number, value: number) => {
    bytes[at] = 0x70;
    bytes.writeUInt32BE(value, at + 1);
  };
  bytes.set([0, 0, 0, bytes.length, 2, 0, 0, link.session.local.channel, 0x00, 0x53, 0x13, 0xc0, 40, 11]);
  uint(14, received);
  uint(19, 8192);
  uint(24, 0);
  uint(29, 8192);
  uint(34, link.local.handle);
  uint(39, received);
  uint(44, CREDIT);
  bytes.set([0x40, 0x42, 0x42, 0x40], 49);
  return bytes;
}
