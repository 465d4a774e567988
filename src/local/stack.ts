import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOCAL_HUB_CONFIG } from "./defaults.ts";
import { type HubOptions, type LocalHubServer, startHub } from "./hub/server.ts";
import { type IntakeOptions, type LocalIntake, startIntake } from "./intake/server.ts";
import { type LocalStorage, startStorage } from "./storage/azurite.ts";

export type StackOptions = {
  /** The official emulator's `Config.json`, parsed; one hub of four partitions unless given. */
  readonly hubConfig?: unknown;
  readonly ports?: Ports;
  readonly hub?: Pick<HubOptions, "interference">;
  readonly intake?: Omit<IntakeOptions, "port">;
};

/** Free ones unless given. */
export type Ports = {
  readonly hub?: number | undefined;
  readonly storage?: number | undefined;
  readonly intake?: number | undefined;
};

export type LocalStack = {
  readonly hub: LocalHubServer;
  readonly storage: LocalStorage;
  readonly intake: LocalIntake;
  /** Writes the files that the platform gives to a container; the trigger's pages take free ports. */
  writePlatformFiles(folder: string, settings: Readonly<Record<string, unknown>>): void;
  close(): Promise<void>;
};

/**
 * Starts hub, storage and intake on this machine as one.
 * @throws DevDependencyMissing in an installation without development packages; LocalServerFailed for a taken port.
 */
export async function startStack(options: StackOptions = {}): Promise<LocalStack> {
  const started: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const server of started.toReversed()) {
      await server.close();
    }
  };
  try {
    const storage = await startStorage({ port: options.ports?.storage });
    started.push(storage);
    const hub = await startHub({
      ...options.hub,
      config: options.hubConfig ?? LOCAL_HUB_CONFIG,
      port: options.ports?.hub ?? 0,
    });
    started.push(hub);
    const intake = await startIntake({ ...options.intake, port: options.ports?.intake });
    started.push(intake);
    return { hub, storage, intake, writePlatformFiles, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

function writePlatformFiles(folder: string, settings: Readonly<Record<string, unknown>>): void {
  mkdirSync(folder, { recursive: true });
  const files = {
    module_configuration: {},
    trigger_configuration: settings,
    liveness_port: 0,
    metrics_port: 0,
  };
  for (const [name, value] of Object.entries(files)) {
    writeFileSync(join(folder, name), JSON.stringify(value), { mode: 0o600 });
  }
}
