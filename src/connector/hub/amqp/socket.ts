import { connect as connectTcp, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { sharedReadBuffer } from "../../scan/engine.ts";
import type { HubAccess } from "./access.ts";
import type { RheaSocket } from "./rhea-hooks.ts";

export type SocketEvents = {
  /** @returns false to stop reading until `resume`. */
  read(bytes: Buffer, length: number): boolean;
};

export type HubSocket = {
  /** What rhea is given: it writes, and learns of errors and the end; it never sees what was read. */
  readonly forRhea: RheaSocket;
  write(bytes: Buffer): void;
  resume(): void;
  destroy(): void;
};

/** Connects to the hub by TCP or TLS, and reads by Node's `onread` into one reused buffer: reads allocate nothing. */
export function openSocket(access: HubAccess, events: SocketEvents, connected: () => void): HubSocket {
  const onread = {
    buffer: sharedReadBuffer(),
    callback: (length: number, bytes: Uint8Array) => events.read(bytes as Buffer, length),
  };
  return wrap(connect(access, { onread }, connected));
}

function connect({ host, port, isTls }: HubAccess, options: object, connected: () => void): Socket {
  const socket: Socket = isTls
    ? // Node documents `onread` for TLS as well, but its types leave it out.
      connectTls({ host, port, servername: host, ...options }, connected)
    : connectTcp({ host, port, ...options }, connected);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 30_000);
  return socket;
}

/** The same over a stream that is connected already, such as a WebSocket's. */
export function wrapStream(stream: Duplex, events: SocketEvents): HubSocket {
  stream.on("data", (bytes: Buffer) => {
    if (!events.read(bytes, bytes.length)) {
      stream.pause();
    }
  });
  return wrap(stream);
}

function wrap(stream: Duplex): HubSocket {
  return {
    forRhea: {
      write: (bytes) => stream.write(bytes),
      end: () => stream.end(),
      on: (event, listener) => {
        const heard = listener as (...values: unknown[]) => void;
        if (event !== "data") {
          stream.on(event, heard);
        }
        // A stream that we destroy has no end, and rhea's timers would keep the connection for ever.
        if (event === "end") {
          stream.once("close", () => heard());
        }
      },
      get_id_string: () => "hub",
    },
    write: (bytes) => stream.write(bytes),
    resume: () => stream.resume(),
    destroy: () => stream.destroy(),
  };
}
