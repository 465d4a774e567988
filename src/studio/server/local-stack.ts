import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { LOCAL_CONSUMER_GROUP, LOCAL_HUB_CONFIG, LOCAL_HUB_NAME } from "../../local/defaults.ts";
import type { LocalHubServer } from "../../local/hub/server.ts";
import { intuneSamples } from "../../local/samples.ts";
import type { LocalStorage } from "../../local/storage/azurite.ts";
import type { Draft } from "../contract/playbook.ts";
import type { PlaybookStore } from "./playbook.ts";
import { Refused } from "./problem.ts";

export type EmbeddedServers = { readonly hub: LocalHubServer; readonly storage: LocalStorage };

export type LocalStackOptions = {
  readonly database: DatabaseSync;
  readonly playbook: PlaybookStore;
  readonly intake: { readonly url: string };
  /** Where the local intake was at the last start; null when it was nowhere. */
  readonly formerIntakeUrl: string | null;
  /** Servers that run already, and stay their owner's, with the key that their intake knows. */
  readonly given: (EmbeddedServers & { readonly intakeKey: string }) | undefined;
};

/** The embedded hub and storage: started when somebody asks for them, and again where saved settings name them. */
export class EmbeddedStack {
  readonly #options: LocalStackOptions;
  #servers: Promise<EmbeddedServers> | undefined;
  #hub: string | undefined;

  constructor(options: LocalStackOptions) {
    this.#options = options;
    const { given } = options;
    if (given !== undefined) {
      this.#servers = Promise.resolve(given);
      this.#hub = given.hub.connectionString(LOCAL_HUB_NAME);
    }
  }

  /** Whether these settings read the embedded hub. */
  isRead(settings: Readonly<Record<string, unknown>>): boolean {
    return this.#hub !== undefined && settings["hub_connection_string"] === this.#hub;
  }

  /** What the form takes to use it. */
  async settings(): Promise<Draft> {
    const { playbook, intake, given } = this.#options;
    const { hub, storage } = await this.#started();
    const saved = playbook.settings();
    const key = saved["intake_server"] === intake.url ? saved["intake_key"] : undefined;
    return {
      settings: {
        hub_name: LOCAL_HUB_NAME,
        hub_consumer_group: LOCAL_CONSUMER_GROUP,
        storage_container_name: LOCAL_HUB_NAME,
        intake_server: intake.url,
      },
      secrets: {
        hub_connection_string: hub.connectionString(LOCAL_HUB_NAME),
        storage_connection_string: storage.connectionString,
        intake_key: given?.intakeKey ?? (typeof key === "string" ? key : randomUUID()),
      },
    };
  }

  /** Saved settings that name the servers of an earlier start name those of this one from now on: ports and keys are new. */
  async restore(): Promise<void> {
    const { database, playbook, intake, formerIntakeUrl } = this.#options;
    const saved = playbook.settings();
    const changes: Record<string, string> = {};
    if (formerIntakeUrl !== null && saved["intake_server"] === formerIntakeUrl) {
      changes["intake_server"] = intake.url;
    }
    const former = database.prepare("SELECT * FROM local_stack").get();
    const namesHub = former !== undefined && saved["hub_connection_string"] === former["hub"];
    const namesStorage = former !== undefined && saved["storage_connection_string"] === former["storage"];
    if (namesHub || namesStorage) {
      const { hub, storage } = await this.#started();
      if (namesHub) {
        changes["hub_connection_string"] = hub.connectionString(LOCAL_HUB_NAME);
      }
      if (namesStorage) {
        changes["storage_connection_string"] = storage.connectionString;
      }
    }
    playbook.change(changes);
  }

  /** @throws Refused when the saved settings read another hub. */
  async sendSamples(count: number): Promise<number> {
    if (!this.isRead(this.#options.playbook.settings())) {
      throw new Refused("conflict", "Samples go into the local stack alone. Use the local stack, and save.");
    }
    const samples = intuneSamples();
    const hub = (await this.#started()).hub.hub(LOCAL_HUB_NAME);
    for (let index = 0; index < count; index++) {
      hub.append(String(index % hub.partitionIds.length), [
        Buffer.from(samples[index % samples.length] ?? ""),
      ]);
    }
    return count;
  }

  async close(): Promise<void> {
    if (this.#options.given !== undefined) {
      return;
    }
    const servers = await this.#servers?.catch(() => undefined);
    await servers?.hub.close();
    await servers?.storage.close();
  }

  #started(): Promise<EmbeddedServers> {
    this.#servers ??= this.#start().catch((thrown: unknown) => {
      this.#servers = undefined;
      throw thrown;
    });
    return this.#servers;
  }

  async #start(): Promise<EmbeddedServers> {
    const { startHub } = await import("../../local/hub/server.ts");
    const { startStorage } = await import("../../local/storage/azurite.ts");
    const storage = await startStorage({ port: undefined });
    const hub = await startHub({ config: LOCAL_HUB_CONFIG, port: 0 });
    this.#hub = hub.connectionString(LOCAL_HUB_NAME);
    this.#options.database
      .prepare("INSERT OR REPLACE INTO local_stack VALUES (1, ?, ?)")
      .run(this.#hub, storage.connectionString);
    return { hub, storage };
  }
}
