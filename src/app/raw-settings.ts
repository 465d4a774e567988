import { credentialsOf, type Proxies } from "../kernel/proxy.ts";
import { findItemConfiguration } from "../platform/config/item.ts";
import { findItem, readManifest } from "../platform/config/module-files.ts";
import { readProxies } from "../platform/config/proxies.ts";
import {
  inspectSettings,
  isObject,
  type JsonObject,
  type SettingProblem,
  secretTexts,
} from "../platform/config/settings-schema.ts";
import { openSources } from "../platform/config/sources.ts";
import { Masker } from "../platform/logging/masker.ts";

export type RawSettings = {
  /** As a person gave them, blanks and all; what was left out has its default. */
  readonly given: JsonObject;
  readonly problems: readonly SettingProblem[];
  /** Settings that nothing knows. */
  readonly unknown: readonly string[];
  readonly proxies: Proxies;
  readonly authorityHost: string | undefined;
  readonly userAgent: string;
  /** Hides the secrets of the settings. */
  readonly mask: (text: string) => string;
};

export type RawSettingsSources = {
  readonly moduleDir: string;
  /** The item's `docker_parameters`. */
  readonly command: string;
  /** Replaces the platform's sources. */
  readonly configurationFile: string | undefined;
  readonly symphonyDirectory: string | undefined;
  /** The process's own by default. */
  readonly env?: NodeJS.ProcessEnv;
};

/**
 * The settings as the trigger would read them, but taken as they are: what is wrong with them is reported beside them.
 * @throws ConfigurationInvalid if there are none, or they are not a JSON object.
 */
export function readRawSettings(from: RawSettingsSources): RawSettings {
  const manifest = readManifest(from.moduleDir);
  const sources = openSources(from.env, from.symphonyDirectory);
  const item = findItem(from.moduleDir, from.command);
  const found = findItemConfiguration(sources, from.configurationFile, item.arguments);
  const masker = new Masker();
  for (const secret of secretTexts(item.arguments, found.value)) {
    masker.add(secret);
  }
  const settings = found.value;
  const { values, problems, unknown } = inspectSettings(item.arguments, settings, found.where);
  const proxies = readProxies(sources, settings);
  masker.add((proxies.proxy && credentialsOf(proxies.proxy)?.password) ?? "");
  return {
    given: { ...values, ...(isObject(settings) ? filled(settings) : {}) },
    problems,
    unknown,
    proxies,
    authorityHost: sources.text("azure_authority_host")?.value,
    userAgent: `sekoiaio-connector/${manifest.slug}-${manifest.version}`,
    mask: (text) => masker.mask(text),
  };
}

/** A blank setting counts as left out. */
function filled(settings: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([, value]) => value !== null && !(typeof value === "string" && value.trim() === ""),
    ),
  );
}
