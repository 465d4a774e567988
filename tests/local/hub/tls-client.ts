import process from "node:process";
import { EventHubConsumerClient, EventHubProducerClient, earliestEventPosition } from "@azure/event-hubs";
import WebSocket from "ws";
import { closeInTime } from "../../support/close-in-time.ts";

/** Sends an event over TLS, receives it and prints its body. Arguments: connection string, hub, `websocket` if over one. */
const [connectionString = "", hub = "", over = ""] = process.argv.slice(2);
const options = {
  retryOptions: { maxRetries: 0 },
  ...(over === "websocket" ? { webSocketOptions: { webSocket: WebSocket } } : {}),
};
const producer = new EventHubProducerClient(connectionString, hub, options);
await producer.sendBatch([{ body: "over TLS" }]);
await closeInTime(producer);
const consumer = new EventHubConsumerClient("$Default", connectionString, hub, options);
const body = await new Promise<string>((resolve, reject) => {
  consumer.subscribe(
    {
      processEvents: async ([event]) => (event === undefined ? undefined : resolve(event.body)),
      processError: async (error) => reject(error),
    },
    { startPosition: earliestEventPosition },
  );
});
process.stdout.write(body);
await closeInTime(consumer);
