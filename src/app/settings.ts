import type { SettingsSchema } from "../platform/config/settings-schema.ts";
import { checkSettings, isObject } from "../platform/config/settings-schema.ts";
import type { Found, Sources } from "../platform/config/sources.ts";
import { readJsonFile } from "../platform/config/sources.ts";
import { ConfigurationInvalid } from "../platform/errors.ts";

/** The arguments of the trigger, by the names of its file's schema; defaults are applied. */
export type TriggerArguments = {
  /** Exactly one of this and `hub_namespace`; likewise of the storage account's two. */
  readonly hub_connection_string?: string;
  readonly hub_name: string;
  readonly hub_consumer_group: string;
  readonly storage_connection_string?: string;
  readonly storage_container_name: string;
  readonly intake_key: string;
  readonly intake_server: string;
  /** Events a request at most. */
  readonly chunk_size: number;
  /** Empty: all records are forwarded. */
  readonly categories: readonly string[];
  /** `earliest`, `latest` or an ISO 8601 time with its offset. */
  readonly start_position: string;
  /** What to do about a stored position that the hub does not know. */
  readonly on_invalid_checkpoint: "earliest" | "latest" | "fail";
  readonly repair_json: boolean;
  readonly transport: "amqp" | "websockets";
  /** May hold a user name and a password. */
  readonly proxy_url?: string;
  /** Host name. */
  readonly hub_namespace?: string;
  readonly storage_account_url?: string;
};

/**
 * The configuration of the item: the platform runs it as a connector or as a trigger.
 * @param configurationFile Replaces the platform's sources.
 * @throws ConfigurationInvalid if there is none.
 */
export function findItemConfiguration(
  sources: Sources,
  configurationFile: string | undefined,
): Found<unknown> {
  if (configurationFile !== undefined) {
    return { where: `file ${configurationFile}`, value: readJsonFile(configurationFile) };
  }
  const found = sources.json("connector_configuration") ?? sources.json("trigger_configuration");
  if (!found) {
    throw new ConfigurationInvalid([
      `no configuration was found: put a JSON object of the arguments into the file ${sources.directory}/trigger_configuration ` +
        'or the environment variable TRIGGER_CONFIGURATION, for example {"hub_name": "security-logs"}',
    ]);
  }
  return found;
}

/**
 * @param intakeUrl The platform's own intake, for a configuration that names none.
 * @throws ConfigurationInvalid with all problems.
 */
export function readTriggerArguments(
  schema: SettingsSchema,
  found: Found<unknown>,
  intakeUrl: string | undefined,
): { readonly values: TriggerArguments; readonly unknown: readonly string[] } {
  const { values, unknown } = checkSettings(schema, withIntakeUrl(found.value, intakeUrl), found.where);
  // The schema has just proved what the type says; a test holds the two together.
  return { values: values as TriggerArguments, unknown };
}

/** The platform's own intake, if the configuration names none. */
export function withIntakeUrl(settings: unknown, intakeUrl: string | undefined): unknown {
  return intakeUrl !== undefined && isObject(settings) && !settings["intake_server"]
    ? { ...settings, intake_server: intakeUrl }
    : settings;
}
