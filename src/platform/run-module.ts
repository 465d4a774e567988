import type { TriggerArguments } from "../app/settings.ts";
import { ModuleMetrics } from "../app/telemetry/metrics.ts";
import { RunStatistics } from "../app/telemetry/run-statistics.ts";
import { systemClock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/log.ts";
import { credentialsOf, type Proxies } from "../kernel/proxy.ts";
import { createSendEvent, type SendEvent } from "./callback.ts";
import { type CommandLine, readCommandLine } from "./config/command-line.ts";
import { Problems, readConfiguration } from "./config/configuration.ts";
import { readServerSettings, readWorkers, type Timings } from "./config/environment.ts";
import { findItem, type ModuleManifest, readManifest } from "./config/module-files.ts";
import { peekConfiguration, readProxies } from "./config/proxies.ts";
import { fetchSecrets } from "./config/secrets.ts";
import type { JsonObject } from "./config/settings-schema.ts";
import { openSources, type Sources } from "./config/sources.ts";
import { type ControlPlane, openControlPlane } from "./control-plane.ts";
import { CommandUnknown } from "./errors.ts";
import { EXIT, reportFailure } from "./lifecycle/failure.ts";
import { HealthState } from "./lifecycle/health.ts";
import type { PageServer } from "./lifecycle/http-server.ts";
import { openModuleServers } from "./lifecycle/module-servers.ts";
import { serve } from "./lifecycle/serve.ts";
import { listenForStop } from "./lifecycle/signals.ts";
import { DRAIN_DEADLINE_MS } from "./lifecycle/supervise.ts";
import { LogShipper } from "./logging/log-shipper.ts";
import { createLogTransport } from "./logging/log-transport.ts";
import { createLocalLogger, type LogOutput, PlatformLogger, standardOutput } from "./logging/logger.ts";
import { Masker } from "./logging/masker.ts";
import { openWorkerChannel, type WorkerChannel } from "./workers/report.ts";
import { runWorkers } from "./workers/run-workers.ts";

/** What an item of the module is given to work with. */
export type ModuleContext = {
  readonly arguments: TriggerArguments;
  /** The module's own configuration, its secrets included. */
  readonly configuration: JsonObject;
  readonly timings: Timings;
  readonly logger: Logger;
  readonly metrics: ModuleMetrics;
  readonly numbers: RunStatistics;
  readonly health: HealthState;
  /** Aborts when the item is to stop receiving, drain and return. */
  readonly signal: AbortSignal;
  /** For items that start playbook runs. */
  readonly sendEvent: SendEvent;
  /** How this module presents itself to servers. */
  readonly userAgent: string;
  /** On the way to every server but a hub that is asked by AMQP's own port. */
  readonly proxies: Proxies;
  /** Where Entra ID hands out tokens, if not in the public cloud. */
  readonly authorityHost: string | undefined;
};

/** Works until the context's signal aborts, drains within `DRAIN_DEADLINE_MS`, and returns. */
export type Handler = (context: ModuleContext) => Promise<void>;

export type ModuleOptions = {
  /** What follows the script's name: `<command> [--symphony-dir DIR] [--config FILE] [--workers N]`. */
  readonly argv: readonly string[];
  /** The process's own by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** The folder of `manifest.json` and of the item's files. */
  readonly moduleDir: string;
  /** By command, as the items' `docker_parameters` name it. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Standard output by default. */
  readonly output?: LogOutput;
  /**
   * `service` by default: pages for probes and scrapers, and another start after an error. A `command` works once for a
   * person, and an error ends it.
   */
  readonly kind?: "service" | "command";
  /** For whoever watches the run. */
  readonly numbers?: RunStatistics;
};

const LOG_CLOSE_DEADLINE_MS = 2000;

/**
 * Runs one item of the module, from its configuration to its end.
 * @returns the exit code, see `EXIT`; never rejects.
 */
export async function runModule(options: ModuleOptions): Promise<number> {
  const masker = new Masker();
  const env = options.env ?? process.env;
  const channel = openWorkerChannel(env);
  // A worker's lines are written by its parent.
  const output = channel === undefined ? options.output : undefined;
  const local = createLocalLogger(masker, output ?? standardOutput());
  try {
    const commandLine = readCommandLine(options.argv);
    const manifest = readManifest(options.moduleDir);
    const sources = openSources(env, commandLine.symphonyDirectory || env["SYMPHONY_DIR"] || "/symphony");
    masker.add(sources.text("token")?.value ?? "");
    return await runOnPlatform({ options, commandLine, manifest, env, channel, sources, masker, local });
  } catch (error) {
    return reportFailure(local, error);
  } finally {
    channel?.close();
  }
}

type Start = {
  readonly options: ModuleOptions;
  readonly commandLine: CommandLine;
  readonly manifest: ModuleManifest;
  readonly env: NodeJS.ProcessEnv;
  /** In a worker, which has no pages and writes to no platform: its parent does. */
  readonly channel: WorkerChannel | undefined;
  readonly sources: Sources;
  readonly masker: Masker;
  readonly local: Logger;
};

/** The part of a run in which the platform listens; everything opened here is closed here. */
async function runOnPlatform(start: Start): Promise<number> {
  const { manifest, channel, sources, masker, local } = start;
  const userAgent = `sekoiaio-connector/${manifest.slug}-${manifest.version}`;
  const proxies = readProxies(sources, peekConfiguration(sources, start.commandLine.configurationFile));
  masker.add((proxies.proxy && credentialsOf(proxies.proxy)?.password) ?? "");
  const plane = openControlPlane(sources, userAgent, proxies);
  const metrics = new ModuleMetrics(systemClock);
  const closing = new AbortController();
  const shipper = channel === undefined ? openShipper(plane, metrics, local, closing.signal) : undefined;
  const logger = new PlatformLogger(local, shipper, masker);
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    logger.log("info", `stopping on ${signal}; a second signal ends at once`, {
      drain_deadline_seconds: DRAIN_DEADLINE_MS / 1000,
    });
    stop.abort();
  };
  const unlisten = channel?.listenForStop(() => stop.abort()) ?? listenForStop(onSignal);
  const servers: PageServer[] = [];
  try {
    return await runItem({
      ...start,
      plane,
      proxies,
      metrics,
      logger,
      userAgent,
      stop: stop.signal,
      servers,
    });
  } catch (error) {
    if (error === stop.signal.reason) {
      // A service that is stopped has done its work; a command has not.
      return start.options.kind === "command" ? EXIT.failed : EXIT.ok;
    }
    return reportFailure(logger, error);
  } finally {
    await shipper?.close(LOG_CLOSE_DEADLINE_MS);
    closing.abort();
    await Promise.all(servers.map((server) => server.close()));
    unlisten();
  }
}

function openShipper(
  plane: ControlPlane,
  metrics: ModuleMetrics,
  local: Logger,
  signal: AbortSignal,
): LogShipper | undefined {
  return plane.logsUrl === undefined
    ? undefined
    : new LogShipper(
        {
          send: createLogTransport(plane, plane.logsUrl, local, signal),
          lost: (lines) => metrics.logLinesLost(lines),
        },
        systemClock,
      );
}

type Run = Start & {
  readonly plane: ControlPlane;
  readonly proxies: Proxies;
  readonly metrics: ModuleMetrics;
  readonly logger: PlatformLogger;
  readonly userAgent: string;
  readonly stop: AbortSignal;
  /** Filled with what was opened. */
  readonly servers: PageServer[];
};

/** In the platform's order: servers, secrets, configuration, item. */
async function runItem(run: Run): Promise<number> {
  const {
    options,
    commandLine,
    manifest,
    env,
    channel,
    sources,
    masker,
    plane,
    proxies,
    metrics,
    logger,
    userAgent,
    stop,
  } = run;
  const item = findItem(options.moduleDir, commandLine.command);
  const handler = options.handlers[item.docker_parameters];
  if (!handler) {
    throw new CommandUnknown(commandLine.command, Object.keys(options.handlers));
  }
  const health = new HealthState(systemClock);
  const problems = new Problems();
  const { configurationFile } = commandLine;
  const isService = options.kind !== "command" && channel === undefined;
  const workers = (isService && problems.collect(() => readWorkers(sources, commandLine.workers))) || 1;
  if (isService) {
    const settings = problems.collect(() => readServerSettings(sources, configurationFile === undefined));
    if (settings) {
      await openModuleServers(settings, health, metrics, logger, run.servers);
    }
  }
  const hasSecrets = (manifest.configuration.secrets ?? []).length > 0;
  const secrets = hasSecrets ? await fetchSecrets(plane, systemClock, stop) : {};
  const configuration = readConfiguration(
    { sources, manifest, item, secrets, configurationFile, masker },
    problems,
  );
  for (const name of channel === undefined ? configuration.unknown : []) {
    logger.log("warning", `the setting ${name} is unknown and has no effect`);
  }
  metrics.setIntakeKey(configuration.arguments.intake_key);
  const observed = { metrics, health, numbers: options.numbers ?? new RunStatistics(systemClock) };
  const contextOf = (signal: AbortSignal): ModuleContext => ({
    arguments: configuration.arguments,
    configuration: configuration.module,
    timings: configuration.timings,
    logger,
    ...observed,
    signal,
    sendEvent: createSendEvent(plane, systemClock, signal),
    userAgent,
    proxies,
    authorityHost: sources.text("azure_authority_host")?.value,
  });
  if (options.kind === "command") {
    await handler(contextOf(stop));
    return stop.aborted ? EXIT.failed : EXIT.ok;
  }
  if (workers > 1) {
    const settings = { count: workers, env, clock: systemClock, random: Math.random, logger, observed };
    return serve((signal) => runWorkers(settings, signal), { health, logger, stop });
  }
  const finishReports = channel?.startReports(observed, systemClock);
  const work = async (signal: AbortSignal) => {
    await handler(contextOf(signal));
    return EXIT.ok;
  };
  return serve(work, { health, logger, stop }).finally(finishReports);
}
