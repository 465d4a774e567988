import { InputInvalid, messageOf } from "../../kernel/errors.ts";
import { Alerts } from "./alerts/alerts.ts";
import type { DetectionOptions } from "./alerts/detection.ts";
import type { FormatInUse } from "./format-in-use.ts";
import type { ParseEvent } from "./parse.ts";
import { InlineWorker } from "./pipeline/inline-worker.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import { Processor } from "./pipeline/processor.ts";
import { ThreadedWorker } from "./pipeline/threaded-worker.ts";
import { EventStore } from "./store.ts";

export type CoreOptions = {
  /** A SQLite file; in memory unless given. */
  readonly database?: string | undefined;
  /** What parses the events, in a thread of its own. */
  readonly format?: Pick<FormatInUse, "folder" | "listen"> | undefined;
  /** Parses the events in this thread instead, while the request waits; nothing does unless one of the two is given. */
  readonly parse?: ParseEvent | undefined;
  /** What each event that was parsed is held against; nothing unless given. */
  readonly detection?: DetectionOptions | undefined;
};

/** What an intake does with events, without the server around it. */
export type Core = {
  readonly store: EventStore;
  readonly alerts: Alerts;
  readonly pipeline: Pipeline;
  close(): Promise<void>;
};

const NO_RULES: DetectionOptions = { rules: [] };

/** @throws InputInvalid when the database cannot be opened. */
export function openCore({ database, format, parse, detection = NO_RULES }: CoreOptions): Core {
  const store = openStore(database);
  const alerts: Alerts = new Alerts({
    store,
    detection,
    onRules: () => pipeline.refreshRules(),
    settled: () => pipeline.settled(),
  });
  const pipeline: Pipeline = new Pipeline({
    store,
    alerts,
    workerOf: (events) =>
      format === undefined
        ? new InlineWorker(new Processor(parse, alerts.detection), events)
        : new ThreadedWorker({ folder: format.folder, detection }, events),
  });
  const unlisten = format?.listen(() => pipeline.useFormat(format.folder));
  return {
    store,
    alerts,
    pipeline,
    async close() {
      unlisten?.();
      await pipeline.close();
      await alerts.close();
      store.close();
    },
  };
}

function openStore(database = ":memory:"): EventStore {
  try {
    return new EventStore(database);
  } catch (cause) {
    throw new InputInvalid(
      `the local intake cannot open its database ${database}: ${messageOf(cause)}; give the path of a new file in a folder that exists`,
      { cause },
    );
  }
}
