import { readdirSync } from "node:fs";
import { join } from "node:path";
import { CommandUnknown, ConfigurationInvalid } from "../errors.ts";
import type { SettingsSchema } from "./settings-schema.ts";
import { isObject } from "./settings-schema.ts";
import { readJsonFile } from "./sources.ts";

export type ModuleManifest = {
  readonly slug: string;
  readonly version: string;
  /** Draft-07; `secrets` names the properties that the platform hands out apart from the rest. */
  readonly configuration: SettingsSchema & { readonly secrets?: readonly string[] };
};

/** A trigger, connector or action of the module. */
export type ModuleItem = {
  /** The command that runs it. */
  readonly docker_parameters: string;
  readonly arguments: SettingsSchema;
};

const ITEM_FILE = /^(trigger|connector|action)_.*\.json$/;

/** @throws ConfigurationInvalid if the module's folder has no usable `manifest.json`. */
export function readManifest(moduleDir: string): ModuleManifest {
  const path = join(moduleDir, "manifest.json");
  const manifest = readJsonFile(path);
  if (!isManifest(manifest)) {
    throw new ConfigurationInvalid([
      `file ${path} is not a manifest: slug, version or configuration is missing`,
    ]);
  }
  return manifest;
}

/** @throws CommandUnknown if no item of the module has `command` as its `docker_parameters`. */
export function findItem(moduleDir: string, command: string | undefined): ModuleItem {
  const items = readdirSync(moduleDir)
    .filter((file) => ITEM_FILE.test(file))
    .sort()
    .map((file) => readJsonFile(join(moduleDir, file)))
    .filter(isItem);
  const item = items.find(({ docker_parameters }) => docker_parameters === command);
  if (!item) {
    throw new CommandUnknown(command, [...new Set(items.map(({ docker_parameters }) => docker_parameters))]);
  }
  return item;
}

function isManifest(value: unknown): value is ModuleManifest {
  return (
    isObject(value) &&
    typeof value["slug"] === "string" &&
    typeof value["version"] === "string" &&
    isObject(value["configuration"])
  );
}

function isItem(value: unknown): value is ModuleItem {
  return isObject(value) && typeof value["docker_parameters"] === "string" && isObject(value["arguments"]);
}
