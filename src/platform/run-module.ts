import { systemClock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Logger } from "../kernel/log.ts";
import type { Proxies } from "../kernel/proxy.ts";
import type { TriggerArguments } from "./arguments.ts";
import { createSendEvent, type SendEvent } from "./callback.ts";
import { type CommandLine, readCommandLine } from "./command-line.ts";
import { Problems, readConfiguration } from "./configuration.ts";
import { type ControlPlane, openControlPlane } from "./control-plane.ts";
import { isCrashing } from "./crash-rule.ts";
import { readServerSettings, type Timings } from "./environment.ts";
import { CommandUnknown } from "./errors.ts";
import { EXIT, reportFailure, stackOf } from "./failure.ts";
import { HealthState } from "./health.ts";
import type { PageServer } from "./http-server.ts";
import { LogShipper } from "./log-shipper.ts";
import { createLogTransport } from "./log-transport.ts";
import { createLocalLogger, type LogOutput, PlatformLogger, standardOutput } from "./logger.ts";
import { Masker } from "./masker.ts";
import { ModuleMetrics } from "./metrics.ts";
import { findItem, type ModuleManifest, readManifest } from "./module-files.ts";
import { openModuleServers } from "./module-servers.ts";
import { peekConfiguration, readProxies } from "./proxies.ts";
import { RunNumbers } from "./run-numbers.ts";
import { fetchSecrets } from "./secrets.ts";
import type { JsonObject } from "./settings-schema.ts";
import { listenForStop } from "./signals.ts";
import { openSources, type Sources } from "./sources.ts";
import { DRAIN_DEADLINE_MS, supervise } from "./supervise.ts";

/** What an item of the module is given to work with. */
export type ModuleContext = {
  readonly arguments: TriggerArguments;
  /** The module's own configuration, its secrets included. */
  readonly configuration: JsonObject;
  readonly timings: Timings;
  readonly logger: Logger;
  readonly metrics: ModuleMetrics;
  readonly numbers: RunNumbers;
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
  /** What follows the script's name: `<command> [--symphony-dir DIR] [--config FILE]`. */
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
  readonly numbers?: RunNumbers;
};

const LOG_CLOSE_DEADLINE_MS = 2000;

/**
 * Runs one item of the module, from its configuration to its end.
 * @returns the exit code, see `EXIT`; never rejects.
 */
export async function runModule(options: ModuleOptions): Promise<number> {
  const masker = new Masker();
  const local = createLocalLogger(masker, options.output ?? standardOutput());
  const env = options.env ?? process.env;
  try {
    const commandLine = readCommandLine(options.argv);
    const manifest = readManifest(options.moduleDir);
    const sources = openSources(env, commandLine.symphonyDirectory || env["SYMPHONY_DIR"] || "/symphony");
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
  const { manifest, sources, masker, local } = start;
  const userAgent = `sekoiaio-connector/${manifest.slug}-${manifest.version}`;
  const proxies = readProxies(sources, peekConfiguration(sources, start.commandLine.configurationFile));
  for (const proxy of [proxies.http, proxies.https]) {
    masker.add(decodeURIComponent(proxy?.password ?? ""));
  }
  const plane = openControlPlane(sources, userAgent, proxies);
  const metrics = new ModuleMetrics(systemClock);
  const closing = new AbortController();
  const shipper = openShipper(plane, metrics, local, closing.signal);
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
  if (options.kind !== "command") {
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
  for (const name of configuration.unknown) {
    logger.log("warning", `the setting ${name} is unknown and has no effect`);
  }
  metrics.setIntakeKey(configuration.arguments.intake_key);
  const contextOf = (signal: AbortSignal): ModuleContext => ({
    arguments: configuration.arguments,
    configuration: configuration.module,
    timings: configuration.timings,
    logger,
    metrics,
    numbers: options.numbers ?? new RunNumbers(systemClock),
    health,
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
  return serve((signal) => handler(contextOf(signal)), { health, logger, stop });
}

/** Keeps a service going until it is told to stop. @returns the exit code. */
async function serve(
  work: (signal: AbortSignal) => Promise<void>,
  { health, logger, stop }: { health: HealthState; logger: PlatformLogger; stop: AbortSignal },
): Promise<number> {
  const startedAtMs = systemClock.now();
  const ending = await supervise(
    {
      run: work,
      uncaught(error) {
        health.uncaughtError();
        const now = systemClock.now();
        const crashing =
          !logger.criticalSent &&
          isCrashing(health.errorCount, now - startedAtMs, now - (health.lastEventsAtMs ?? startedAtMs));
        const message = `an error was not handled: ${messageOf(error)}`;
        logger.log(crashing ? "critical" : "error", message, stackOf(error));
      },
      errorsInARow: () => health.errorCount,
    },
    systemClock,
    stop,
  );
  if (ending === "stuck") {
    logger.log(
      "critical",
      "the item did not drain in time; what was not acknowledged is read again at the next start",
      { drain_deadline_seconds: DRAIN_DEADLINE_MS / 1000 },
    );
    return EXIT.failed;
  }
  return EXIT.ok;
}
