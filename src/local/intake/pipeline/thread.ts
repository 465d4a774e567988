/** The thread that parses, judges and indexes: it gets batches and answers each, in their order. */
import { parentPort, workerData } from "node:worker_threads";
import { compileFormat } from "../../../ecs/engine.ts";
import { loadFormat } from "../../../ecs/load.ts";
import { Detection } from "../alerts/detection.ts";
import { type ParseEvent, parserOf } from "../parse.ts";
import type { Processed } from "./messages.ts";
import { Processor } from "./processor.ts";
import { READY, type ThreadData, type ToThread } from "./threaded-worker.ts";

const { folder, detection: options } = workerData as ThreadData;
const detection = new Detection(options);
const processor = new Processor(parserIn(folder), detection);

parentPort?.on("message", (message: ToThread) => {
  switch (message.kind) {
    case "batch": {
      const processed = processor.process(message.batch);
      parentPort?.postMessage(processed, transferableOf(processed));
      return;
    }
    case "reset":
      processor.reset();
      return;
    case "rules":
      detection.refresh();
      return;
    case "format":
      processor.parse = parserIn(message.folder) ?? processor.parse;
      return;
  }
});

parentPort?.postMessage(READY);

function parserIn(formatFolder: string): ParseEvent | undefined {
  const { format } = compileFormat(loadFormat(formatFolder));
  return format === undefined ? undefined : parserOf(format);
}

function transferableOf({ delta }: Processed): ArrayBuffer[] {
  return Object.values(delta).flatMap((part) =>
    ArrayBuffer.isView(part) && part.buffer instanceof ArrayBuffer ? [part.buffer] : [],
  );
}
