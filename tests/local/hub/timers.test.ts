import { createHook } from "node:async_hooks";
import { once } from "node:events";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { startTestHub } from "./harness.ts";
import { connectRaw } from "./raw-client.ts";

test("a dropped connection leaves no timer of rhea behind, so that a process with a hub in it can end", async () => {
  const timers = new Set<number>();
  const hook = createHook({
    init(id, type) {
      if (type === "Timeout" && /rhea\/lib\/connection/.test(new Error("here").stack ?? "")) {
        timers.add(id);
      }
    },
    destroy: (id) => void timers.delete(id),
  });
  const server = await startTestHub();
  hook.enable();
  // Server and client are in this process, so both have timers, and both must end them.
  const { connection } = await connectRaw(server.port);
  expect(timers.size).toBeGreaterThan(0);
  const disconnected = once(connection, "disconnected");
  server.faults.dropConnections();
  await disconnected;
  await eventually(() => timers.size === 0);
  hook.disable();
});
