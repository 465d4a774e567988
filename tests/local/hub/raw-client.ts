import { createHmac } from "node:crypto";
import { once } from "node:events";
import net, { type Socket } from "node:net";
import rhea, {
  type Connection,
  type ConnectionOptions,
  type Message,
  type Receiver,
  type ReceiverOptions,
  type Sender,
  type Session,
} from "rhea";
import { onTestFinished } from "vitest";
import { EMULATOR_KEY } from "../../../src/local/hub/keys.ts";
import { HUB } from "./harness.ts";

export const READER = `${HUB}/ConsumerGroups/$Default/Partitions/0`;

/** A plain AMQP client: what the SDK does not do can be done with it. Ends with the test. */
export type RawClient = {
  readonly connection: Connection;
  readonly socket: Socket;
  /** Everything the server has sent. */
  received(): Buffer;
  close(): void;
};

export async function connectRaw(port: number, options: Partial<ConnectionOptions> = {}): Promise<RawClient> {
  const chunks: Buffer[] = [];
  const socket = net.connect(port, "127.0.0.1");
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const container = rhea.create_container();
  for (const event of [
    "disconnected",
    "error",
    "connection_error",
    "receiver_error",
    "sender_error",
    "session_error",
  ]) {
    container.on(event, () => {});
  }
  const connecting = container.connect({
    username: "anonymous",
    reconnect: false,
    ...options,
    connection_details: () => ({
      host: "127.0.0.1",
      port,
      connect: (_port: number, _host: string, _options: object, connected: () => void) =>
        socket.once("connect", connected),
    }),
  } as unknown as ConnectionOptions);
  const close = () => {
    socket.destroy();
  };
  onTestFinished(close);
  // Either way the test goes on: a server may refuse the login and close.
  await new Promise<void>((resolve) => {
    connecting.once("connection_open", () => resolve());
    socket.once("close", () => resolve());
  });
  return { connection: connecting, socket, received: () => Buffer.concat(chunks), close };
}

/** A connection that may do everything with the hub. */
export async function connectAuthorised(
  port: number,
  options: Partial<ConnectionOptions> = {},
): Promise<RawClient> {
  const client = await connectRaw(port, options);
  const answer = await putToken(client.connection, `sb://localhost/${HUB}`);
  if (answer.application_properties?.["status-code"] !== 202) {
    throw new Error("the token was refused");
  }
  return client;
}

/** @returns the answer of `$cbs`. */
export async function putToken(
  connection: Connection,
  audience: string,
  messageId: string | number = "1",
): Promise<Message> {
  const replies = connection.open_receiver({ source: "$cbs", name: "cbs-replies" });
  const requests = connection.open_sender("$cbs");
  requests.once("sendable", () => {
    requests.send({
      reply_to: "cbs-replies",
      message_id: messageId,
      application_properties: {
        operation: "put-token",
        name: audience,
        type: "servicebus.windows.net:sastoken",
      },
      body: tokenFor(audience),
    });
  });
  const [context] = await once(replies, "message");
  return context.message;
}

function tokenFor(audience: string): string {
  const resource = encodeURIComponent(audience);
  const expiry = Math.floor(Date.now() / 1000) + 3600;
  const signature = createHmac("sha256", EMULATOR_KEY.key).update(`${resource}\n${expiry}`).digest("base64");
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${EMULATOR_KEY.name}`;
}

/** Attaches a receiver that gives no credit by itself. */
export async function openReceiver(
  session: Session | Connection,
  options: ReceiverOptions = {},
): Promise<Receiver> {
  const receiver = session.open_receiver({ source: { address: READER }, credit_window: 0, ...options });
  await once(receiver, "receiver_open");
  return receiver;
}

/** Attaches a sender, and waits until it may send. */
export async function openSender(connection: Connection, address: string): Promise<Sender> {
  const sender = connection.open_sender(address);
  await once(sender, "sendable");
  return sender;
}

/** The condition with which the server detaches the link. */
export async function refusalOf(
  link: Receiver | Sender,
): Promise<{ condition: string; description: string }> {
  const event = link.is_receiver() ? "receiver_error" : "sender_error";
  await once(link, event);
  return link.error as unknown as { condition: string; description: string };
}

/** The frames in what the server sent: performative code, field count and the whole frame. SASL frames are left out. */
export function framesIn(bytes: Buffer): { code: number; fields: number; frame: Buffer }[] {
  const frames: { code: number; fields: number; frame: Buffer }[] = [];
  let at = 0;
  while (at + 8 <= bytes.length) {
    if (bytes.toString("latin1", at, at + 4) === "AMQP") {
      at += 8;
      continue;
    }
    const size = bytes.readUInt32BE(at);
    const frame = bytes.subarray(at, at + size);
    if (frame[5] === 0 && size === 8) {
      frames.push({ code: 0, fields: 0, frame });
    } else if (frame[5] === 0) {
      const isWide = frame[11] === 0xd0;
      frames.push({
        code: frame[10] ?? 0,
        fields: isWide ? frame.readUInt32BE(16) : (frame[13] ?? 0),
        frame,
      });
    }
    at += size;
  }
  return frames;
}
