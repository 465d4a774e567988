import type { Proxies } from "../kernel/proxy.ts";
import { findItemConfiguration } from "./arguments.ts";
import { ConfigurationInvalid } from "./errors.ts";
import { isObject } from "./settings-schema.ts";
import type { SourceName, Sources } from "./sources.ts";

/**
 * The proxies of this process: that of the setting, else those of the environment. NO_PROXY counts for both.
 * @param configuration The item's, as it was found; a `proxy_url` that is no address is told by its schema.
 * @throws ConfigurationInvalid for a variable that is no address.
 */
export function readProxies(sources: Sources, configuration: unknown): Proxies {
  const bypass = sources.text("no_proxy")?.value ?? "";
  const given = isObject(configuration) ? configuration["proxy_url"] : undefined;
  const chosen = typeof given === "string" ? URL.parse(given.trim()) : null;
  if (chosen !== null && isWeb(chosen)) {
    return { http: chosen, https: chosen, bypass };
  }
  const http = proxyOf(sources, "http_proxy");
  return { http, https: proxyOf(sources, "https_proxy") ?? http, bypass };
}

/** The item's configuration as far as it can be read already; what is wrong with it is told when it is read for good. */
export function peekConfiguration(sources: Sources, configurationFile: string | undefined): unknown {
  try {
    return findItemConfiguration(sources, configurationFile).value;
  } catch (error) {
    if (!(error instanceof ConfigurationInvalid)) {
      throw error;
    }
    return undefined;
  }
}

function proxyOf(sources: Sources, name: SourceName): URL | undefined {
  const found = sources.text(name);
  if (found === undefined) {
    return undefined;
  }
  // As other programs do, an address without a scheme is taken for http.
  const url = URL.parse(found.value.includes("://") ? found.value : `http://${found.value}`);
  if (url === null || !isWeb(url)) {
    throw new ConfigurationInvalid([
      `${found.where} is no address of an HTTP proxy; write one such as http://proxy.company.example:3128`,
    ]);
  }
  return url;
}

function isWeb({ protocol }: URL): boolean {
  return protocol === "http:" || protocol === "https:";
}
