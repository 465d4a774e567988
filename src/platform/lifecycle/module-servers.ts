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
        const shownPath = path === "*" ? "/metrics" : path;
        const { host } = settings;
        logger.log("info", `${shownPath} is served at http://${hostOf(host)}:${server.port}${shownPath}`, {
          host,
          port: server.port,
        });
      }
    } catch (error) {
      throw new ConfigurationInvalid([
        `\`${field}\` ${port} is not available (${messageOf(error)}); choose a free port or \`off\``,
      ]);
    }
  };
  const pages = {
    "/health": async () => health.livenessPage(),
    "/ready": async () => health.readinessPage(),
    ...shown.pages,
  };
  if (settings.httpPort !== null) {
    await open("--http", settings.httpPort, { ...pages, "/metrics": shown.metrics });
    return;
  }
  await open("liveness_port", settings.livenessPort, pages);
  await open("metrics_port", settings.metricsPort, { "*": shown.metrics });
}

/** An address of version 6 as URLs have it. */
function hostOf(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
