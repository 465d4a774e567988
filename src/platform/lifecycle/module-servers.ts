import { messageOf } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/log.ts";
import type { ServerSettings } from "../config/environment.ts";
import { ConfigurationInvalid } from "../errors.ts";
import type { HealthState } from "./health.ts";
import { type PageServer, type Pages, servePages } from "./http-server.ts";

/**
 * Opens the pages of health with the item's beside them, and that of the metrics; the log tells their ports.
 * @param shown What the item shows.
 * @param opened Gets each server as soon as it listens; the caller closes them.
 * @throws ConfigurationInvalid if a port cannot be had.
 */
export async function openModuleServers(
  settings: ServerSettings,
  health: HealthState,
  shown: { readonly pages: Pages; readonly metrics: Pages[string] },
  logger: Logger,
  opened: PageServer[],
): Promise<void> {
  const open = async (field: string, port: number | null, pages: Pages) => {
    if (port === null) {
      return;
    }
    try {
      const server = await servePages(settings.host, port, pages);
      opened.push(server);
      for (const path of Object.keys(pages)) {
        logger.log("info", `${path === "*" ? "/metrics" : path} is served`, {
          host: settings.host,
          port: server.port,
        });
      }
    } catch (error) {
      throw new ConfigurationInvalid([
        `\`${field}\` ${port} cannot be listened on (${messageOf(error)}); choose a free port or \`off\``,
      ]);
    }
  };
  await open("liveness_port", settings.livenessPort, {
    "/health": async () => health.livenessPage(),
    "/ready": async () => health.readinessPage(),
    ...shown.pages,
  });
  await open("metrics_port", settings.metricsPort, { "*": shown.metrics });
}
