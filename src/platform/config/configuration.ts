import { ConfigurationInvalid } from "../errors.ts";
import type { Masker } from "../logging/masker.ts";
import { type Limits, readLimits } from "./environment.ts";
import { findItemConfiguration } from "./item.ts";
import type { ModuleItem, ModuleManifest } from "./module-files.ts";
import type { JsonObject } from "./settings-schema.ts";
import { checkSettings, inspectSettings, isObject, secretTexts } from "./settings-schema.ts";
import type { Sources } from "./sources.ts";

export type Configuration = {
  /** The item's, defaults applied. */
  readonly arguments: JsonObject;
  readonly limits: Limits;
  /** Settings that nothing here knows, for a warning. */
  readonly unknown: readonly string[];
};

export type ConfigurationInputs = {
  readonly sources: Sources;
  readonly manifest: ModuleManifest;
  readonly item: ModuleItem;
  /** Handed out by the platform, by name. */
  readonly secrets: JsonObject;
  readonly configurationFile: string | undefined;
  /** Learns every secret before anything is said about it. */
  readonly masker: Masker;
};

/** Gathers the problems of several readings, so that a person sees all of them at once. */
export class Problems {
  readonly #found: string[] = [];

  /** What `read` gives; `undefined` if it finds the configuration wrong. */
  collect<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigurationInvalid)) {
        throw error;
      }
      this.#found.push(...error.problems);
      return undefined;
    }
  }

  get found(): readonly string[] {
    return this.#found;
  }
}

/**
 * Reads everything that the module and its item are configured by.
 * @param problems What was found wrong before; the rest is added.
 * @throws ConfigurationInvalid with all problems.
 */
export function readConfiguration(inputs: ConfigurationInputs, problems: Problems): Configuration {
  const { sources, item, masker } = inputs;
  const limits = problems.collect(() => readLimits(sources));
  const module = problems.collect(() => readModuleConfiguration(inputs));
  const given = problems.collect(() => {
    const found = findItemConfiguration(sources, inputs.configurationFile, item.arguments);
    for (const secret of secretTexts(item.arguments, found.value)) {
      masker.add(secret);
    }
    return inspectSettings(item.arguments, found.value, found.where);
  });
  const wrong = [...problems.found, ...(given?.problems.map(({ text }) => text) ?? [])];
  if (!limits || !module || !given || wrong.length > 0) {
    // A misspelt name is often the very setting that is missing.
    const unknown = given?.unknown.map((name) => `\`${name}\` is not a setting; check its spelling`) ?? [];
    throw new ConfigurationInvalid([...wrong, ...unknown]);
  }
  return {
    arguments: given.values,
    limits,
    unknown: [...module.unknown, ...given.unknown],
  };
}

function readModuleConfiguration({ sources, manifest, secrets, masker }: ConfigurationInputs) {
  const found = sources.json("module_configuration") ?? { where: "the module's configuration", value: {} };
  const merged = isObject(found.value) ? { ...found.value, ...secrets } : found.value;
  for (const name of manifest.configuration.secrets ?? []) {
    const secret = isObject(merged) ? merged[name] : undefined;
    if (typeof secret === "string") {
      masker.add(secret);
    }
  }
  return checkSettings(manifest.configuration, merged, found.where);
}
