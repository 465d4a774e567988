import type { HubAddress, HubEndpoint } from "../connector/endpoint/hub.ts";
import type { StorageEndpoint } from "../connector/endpoint/storage.ts";
import type { CheckEnvironment, GivenSettings } from "./contract.ts";
import type { HubProbe } from "./hub-probe.ts";

/** What one run of the checks has learnt so far; a check finds here what those before it have left. */
export class CheckRun {
  readonly settings: GivenSettings;
  readonly environment: CheckEnvironment;
  hub: { readonly endpoint: HubEndpoint; readonly address: HubAddress; readonly policy: string } | undefined;
  storage: { readonly endpoint: StorageEndpoint; readonly url: URL } | undefined;
  intake: URL | undefined;
  probe: HubProbe | undefined;
  /** The servers' clocks against ours, by host; above 0: ours is ahead. */
  readonly clockOffsetsMs = new Map<string, number>();
  /** A reader refuses us a partition, so the consumer group is in use, by this trigger or by another. */
  isGroupHeld = false;
  /** `hidden`: the key may not look at it. */
  container: "exists" | "missing" | "hidden" = "hidden";

  constructor(settings: GivenSettings, environment: CheckEnvironment) {
    this.settings = settings;
    this.environment = environment;
  }

  observeClock(host: string, date: Date | undefined): void {
    if (date !== undefined && !Number.isNaN(date.getTime())) {
      this.clockOffsetsMs.set(host, this.environment.clock.now() - date.getTime());
    }
  }

  async close(): Promise<void> {
    await this.probe?.close();
  }
}

/** What an earlier check must have left; a check that needs it runs only after that one has passed. */
export function left<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error("an earlier check left nothing to go on with");
  }
  return value;
}
