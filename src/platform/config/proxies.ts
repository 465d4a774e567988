import type { Proxies } from "../../kernel/proxy.ts";
import { CommandUnknown, ConfigurationInvalid } from "../errors.ts";
import { findItemConfiguration } from "./item.ts";
import { isObject, type SettingsSchema } from "./settings-schema.ts";
import type { Sources } from "./sources.ts";

/** In this order; the SDKs look at the same variables in the same order. */
const VARIABLES = ["https_proxy", "all_proxy", "http_proxy"] as const;

/**
 * The proxy of this process: that of the setting, else that of the environment. NO_PROXY counts for both.
 * @param configuration The item's, as it was found; a `proxy_url` that is not an address is reported by its schema.
 * @throws ConfigurationInvalid for a variable that is not an address.
 */
export function readProxies(sources: Sources, configuration: unknown): Proxies {
  const bypass = sources.text("no_proxy")?.value ?? "";
  const given = isObject(configuration) ? configuration["proxy_url"] : undefined;
  const chosen = typeof given === "string" ? URL.parse(given.trim()) : null;
  if (chosen !== null && isWeb(chosen)) {
    return { proxy: chosen, bypass };
  }
  const found = VARIABLES.map((name) => sources.text(name)).find((candidate) => candidate !== undefined);
  if (found === undefined) {
    return { proxy: undefined, bypass };
  }
  const url = URL.parse(found.value);
  if (url === null || !isWeb(url)) {
    throw new ConfigurationInvalid([
      `${found.where} is not an address of an HTTP proxy; write one such as http://proxy.company.example:3128`,
    ]);
  }
  return { proxy: url, bypass };
}

/** The item's configuration as far as it can be read already; what is wrong with it is reported when it is read for good. */
export function peekConfiguration(
  sources: Sources,
  configurationFile: string | undefined,
  readSchema: () => SettingsSchema,
): unknown {
  try {
    return findItemConfiguration(sources, configurationFile, readSchema()).value;
  } catch (error) {
    if (!(error instanceof ConfigurationInvalid || error instanceof CommandUnknown)) {
      throw error;
    }
    return undefined;
  }
}

function isWeb({ protocol }: URL): boolean {
  return protocol === "http:" || protocol === "https:";
}
