import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { wrapStream } from "../../../../src/connector/hub/amqp/socket.ts";

test("rhea hears the end of a stream that we destroy, so that its timers end with it", async () => {
  const socket = wrapStream(new PassThrough(), { read: () => true });
  const ended = Promise.withResolvers<unknown[]>();
  socket.forRhea.on("end", (...values: unknown[]) => ended.resolve(values));
  socket.destroy();
  expect(await ended.promise).toEqual([]);
});
