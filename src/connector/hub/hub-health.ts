import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/log.ts";
import { LogThrottle } from "../../kernel/log-throttle.ts";
import { explainHubError } from "./errors.ts";

export type HubHealthPorts = {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Afterwards nothing fails any more. */
  readonly stop: AbortSignal;
  /**
   * @param sinceMs `null` when the hub can be read again.
   * @param isStuck Links and the connection were reopened, and it did not help.
   */
  failing(sinceMs: number | null, isStuck: boolean): void;
  recovered(): void;
};

type Fields = Parameters<Logger["log"]>[2];

const LOG_EVERY_MS = 60_000;

/** Whether the hub can be read, and the log lines about it. */
export class HubHealth {
  readonly #ports: HubHealthPorts;
  readonly #throttle: LogThrottle;
  #failingSinceMs: number | null = null;

  constructor(ports: HubHealthPorts) {
    this.#ports = ports;
    this.#throttle = new LogThrottle(ports.clock, LOG_EVERY_MS);
  }

  /** The hub, or the link of one partition, does not answer, or refuses. */
  fails(thrown: unknown, partitionId?: string): void {
    if (this.#ports.stop.aborted) {
      return;
    }
    const error = explainHubError(thrown);
    this.#failing(false);
    const fields = { code: error.code, ...(partitionId === undefined ? {} : { partition: partitionId }) };
    this.tell(error.message, error.message, fields, error.code === "HUB_REFUSED" ? "error" : "warning");
  }

  /** A partition stands still, whatever was reopened. */
  stuck(partitionId: string, fields: Fields): void {
    this.#failing(true);
    this.tell(
      `stuck ${partitionId}`,
      `partition ${partitionId} is stuck, and a new connection did not help`,
      fields,
    );
  }

  works(): void {
    const { clock, logger, failing, recovered } = this.#ports;
    if (this.#failingSinceMs === null) {
      return;
    }
    recovered();
    logger.log("info", "the hub can be read again", { failedForMs: clock.now() - this.#failingSinceMs });
    this.#failingSinceMs = null;
    failing(null, false);
  }

  /** Logs one line of a kind a minute: many partitions often fail for one reason. */
  tell(kind: string, message: string, fields: Fields, level: "warning" | "error" = "warning"): void {
    if (this.#throttle.isDue(kind)) {
      this.#ports.logger.log(level, message, fields);
    }
  }

  #failing(isStuck: boolean): void {
    this.#failingSinceMs ??= this.#ports.clock.now();
    this.#ports.failing(this.#failingSinceMs, isStuck);
  }
}
