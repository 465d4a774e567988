import { systemClock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/log.ts";
import { credentialsOf, type Proxies } from "../kernel/proxy.ts";
import type { CommandLine } from "./config/command-line.ts";
import { Problems, readConfiguration } from "./config/configuration.ts";
import { type Limits, readServerSettings } from "./config/environment.ts";
import { findItem, type ModuleManifest, readManifest } from "./config/module-files.ts";
import { peekConfiguration, readProxies } from "./config/proxies.ts";
import { fetchSecrets } from "./config/secrets.ts";
import type { JsonObject } from "./config/settings-schema.ts";
import { openSources, type Sources } from "./config/sources.ts";
import { type ControlPlane, openControlPlane } from "./control-plane.ts";
import { CommandUnknown, ConfigurationInvalid } from "./errors.ts";
import { EXIT, reportFailure } from "./lifecycle/failure.ts";
import { HealthState } from "./lifecycle/health.ts";
import type { PageServer, Pages } from "./lifecycle/http-server.ts";
import { openModuleServers } from "./lifecycle/module-servers.ts";
import { serve } from "./lifecycle/serve.ts";
import { listenForStop } from "./lifecycle/signals.ts";
import { DRAIN_DEADLINE_MS } from "./lifecycle/supervise.ts";
import { LogShipper } from "./logging/log-shipper.ts";
import { createLogTransport } from "./logging/log-transport.ts";
import { createLocalLogger, type LogOutput, PlatformLogger, standardOutput } from "./logging/logger.ts";
import { Masker } from "./logging/masker.ts";

/** What an item of the module is given to work with. */
export type ModuleContext = {
  /** As the schema of the item's file has proved them, defaults applied. */
  readonly arguments: JsonObject;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly health: HealthState;
  /** Aborts when the item is to stop receiving, drain and return. */
  readonly signal: AbortSignal;
  /** How this module presents itself to servers. */
  readonly userAgent: string;
  /** On the way to every server but a hub that is asked by AMQP's own port. */
  readonly proxies: Proxies;
  /** Where Entra ID hands out tokens, if not in the public cloud. */
  readonly authorityHost: string | undefined;
};

/** Works until the context's signal aborts, drains within `DRAIN_DEADLINE_MS`, and returns. */
export type Handler = (context: ModuleContext) => Promise<void>;

/** What the item shows of its work; the platform serves it and knows nothing of it. */
export type Telemetry = {
  /** Beside `/health` and `/ready`, on the port of the liveness page. */
  readonly pages: Pages;
  /** On the port of the metrics: the answer to any path. */
  readonly metrics: Pages[string];
  /** The configuration is known. */
  configured(settings: JsonObject, health: HealthState): void;
  logLinesLost(lines: number): void;
};

export type ModuleOptions = {
  /** @throws InputInvalid, which is reported as the module's failure. */
  commandLine(): CommandLine;
  /** The process's own by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** The folder of `manifest.json` and of the item's files. */
  readonly moduleDir: string;
  /** By command, as the items' `docker_parameters` name it. */
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly telemetry: Telemetry;
  /** Standard output by default. */
  readonly output?: LogOutput;
  /**
   * `service` by default: pages for probes and scrapers, and another start after an error. A `command` works once for a
   * person, and an error ends it.
   */
  readonly kind?: "service" | "command";
};

const LOG_CLOSE_DEADLINE_MS = 2000;

/**
 * Runs one item of the module, from its configuration to its end.
 * @returns the exit code, see `EXIT`; never rejects.
 */
export async function runModule(options: ModuleOptions): Promise<number> {
  const masker = new Masker();
  const local = createLocalLogger(masker, options.output ?? standardOutput());
  try {
    const commandLine = options.commandLine();
    const manifest = readManifest(options.moduleDir);
    const sources = openSources(options.env, commandLine.symphonyDirectory);
    masker.add(sources.text("token")?.value ?? "");
    return await runOnPlatform({ options, commandLine, manifest, sources, masker, local });
  } catch (error) {
    return reportFailure(local, error);
  }
}

type Start = {
  readonly options: ModuleOptions;
  readonly commandLine: CommandLine;
  readonly manifest: ModuleManifest;
  readonly sources: Sources;
  readonly masker: Masker;
  readonly local: Logger;
};

/** The part of a run in which the platform listens; everything opened here is closed here. */
async function runOnPlatform(start: Start): Promise<number> {
  const { options, manifest, sources, masker, local } = start;
  const userAgent = `sekoiaio-connector/${manifest.slug}-${manifest.version}`;
  const { command, configurationFile } = start.commandLine;
  const schema = () => findItem(options.moduleDir, command).arguments;
  const proxies = readProxies(sources, peekConfiguration(sources, configurationFile, schema));
  masker.add((proxies.proxy && credentialsOf(proxies.proxy)?.password) ?? "");
  const plane = openControlPlane(sources, userAgent, proxies);
  const closing = new AbortController();
  const shipper = openShipper(plane, options.telemetry, local, closing.signal);
  const logger = new PlatformLogger(local, shipper, masker);
  const stop = new AbortController();
  const unlisten = listenForStop((signal) => {
    logger.log("info", `stopping on ${signal}; a second signal ends at once`, {
      drain_deadline_seconds: DRAIN_DEADLINE_MS / 1000,
    });
    stop.abort();
  });
  const servers: PageServer[] = [];
  try {
    return await runItem({ ...start, plane, proxies, logger, userAgent, stop: stop.signal, servers });
  } catch (error) {
    if (error === stop.signal.reason) {
      // A service that is stopped has done its work; a command has not.
      return options.kind === "command" ? EXIT.failed : EXIT.ok;
    }
    const code = reportFailure(logger, error);
    if (error instanceof ConfigurationInvalid && options.kind !== "command" && plane.isManaged) {
      // The platform shows the error and ends this process; a restart in between would only tell it again.
      await untilStopped(stop.signal);
    }
    return code;
  } finally {
    await shipper?.close(LOG_CLOSE_DEADLINE_MS);
    closing.abort();
    await Promise.all(servers.map((server) => server.close()));
    unlisten();
  }
}

/** Keeps the process alive until then: a promise alone does not. */
async function untilStopped(stop: AbortSignal): Promise<void> {
  if (stop.aborted) {
    return;
  }
  const alive = setInterval(() => {}, 60_000);
  await new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));
  clearInterval(alive);
}

function openShipper(
  plane: ControlPlane,
  telemetry: Telemetry,
  local: Logger,
  signal: AbortSignal,
): LogShipper | undefined {
  return plane.logsUrl === undefined
    ? undefined
    : new LogShipper(
        {
          send: createLogTransport(plane, plane.logsUrl, local, signal),
          lost: (lines) => telemetry.logLinesLost(lines),
        },
        systemClock,
      );
}

type Run = Start & {
  readonly plane: ControlPlane;
  readonly proxies: Proxies;
  readonly logger: PlatformLogger;
  readonly userAgent: string;
  readonly stop: AbortSignal;
  /** Filled with what was opened. */
  readonly servers: PageServer[];
};

/** In the platform's order: servers, secrets, configuration, item. */
async function runItem(run: Run): Promise<number> {
  const { options, commandLine, manifest, sources, masker, plane, logger, stop } = run;
  const item = findItem(options.moduleDir, commandLine.command);
  const handler = options.handlers[item.docker_parameters];
  if (!handler) {
    throw new CommandUnknown(commandLine.command, Object.keys(options.handlers));
  }
  const health = new HealthState(systemClock);
  const problems = new Problems();
  const { configurationFile, httpPort } = commandLine;
  if (options.kind !== "command") {
    const settings = problems.collect(() =>
      readServerSettings(sources, configurationFile === undefined, httpPort),
    );
    if (settings) {
      await openModuleServers(settings, health, options.telemetry, logger, run.servers);
    }
  }
  const hasSecrets = (manifest.configuration.secrets ?? []).length > 0;
  const secrets = hasSecrets ? await fetchSecrets(plane, systemClock, stop) : {};
  const configuration = readConfiguration(
    { sources, manifest, item, secrets, configurationFile, masker },
    problems,
  );
  for (const name of configuration.unknown) {
    logger.log("warning", `the setting ${name} is unknown and has no effect`);
  }
  logger.minLevel = configuration.limits.logLevel;
  const unverified = sources.text("node_tls_reject_unauthorized");
  if (unverified?.value === "0") {
    logger.log(
      "warning",
      `${unverified.where} is 0, so no server's certificate is verified: anyone on the network path can read and change everything; name your CA certificate in NODE_EXTRA_CA_CERTS instead`,
    );
  }
  options.telemetry.configured(configuration.arguments, health);
  const contextOf = (signal: AbortSignal): ModuleContext => ({
    arguments: configuration.arguments,
    limits: configuration.limits,
    logger,
    health,
    signal,
    userAgent: run.userAgent,
    proxies: run.proxies,
    authorityHost: sources.text("azure_authority_host")?.value,
  });
  if (options.kind === "command") {
    await handler(contextOf(stop));
    return stop.aborted ? EXIT.failed : EXIT.ok;
  }
  return serve((signal) => handler(contextOf(signal)), { health, logger, stop });
}
