import type { ModuleMetrics } from "../../app/telemetry/metrics.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/log.ts";
import type { ServerSettings } from "../config/environment.ts";
import { ConfigurationInvalid } from "../errors.ts";
import type { HealthState } from "./health.ts";
import { type Page, type PageServer, servePages } from "./http-server.ts";

/**
 * Opens the liveness page with the ledger beside it, and the metrics page; the log tells their ports.
 * @param opened Gets each server as soon as it listens; the caller closes them.
 * @throws ConfigurationInvalid if a port cannot be had.
 */
export async function openModuleServers(
  settings: ServerSettings,
  health: HealthState,
  metrics: ModuleMetrics,
  logger: Logger,
  opened: PageServer[],
): Promise<void> {
  const open = async (
    field: string,
    port: number | null,
    pages: Readonly<Record<string, () => Promise<Page>>>,
  ) => {
    if (port === null) {
      return;
    }
    try {
      const server = await servePages(settings.host, port, pages);
      opened.push(server);
      for (const path of Object.keys(pages)) {
        logger.log("info", `${path} is served`, { host: settings.host, port: server.port });
      }
    } catch (error) {
      throw new ConfigurationInvalid([
        `\`${field}\` ${port} cannot be listened on (${messageOf(error)}); choose a free port or \`off\``,
      ]);
    }
  };
  await open("liveness_port", settings.livenessPort, {
    "/health": async () => health.page(),
    "/ledger": async () => metrics.ledger.page(),
  });
  await open("metrics_port", settings.metricsPort, {
    "/metrics": () => metrics.page(),
  });
}
