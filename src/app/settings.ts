import { partsOf } from "../connector/endpoint/connection-string.ts";
import type { JsonObject, SettingProblem } from "../platform/config/settings-schema.ts";
import { ConfigurationInvalid } from "../platform/errors.ts";

/** The `docker_parameters` of the trigger and of its twin, the connector. */
export const TRIGGER_COMMAND = "azure_eventhub_messages_trigger";

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
  /** Silence of a category or of the hub that is worth a warning, in minutes; left out: none is. */
  readonly silence_minutes?: number;
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
 * The settings that the schema has proved; a test holds type and schema together.
 * @throws ConfigurationInvalid for parts of a connection string that no schema can hold together.
 */
export function triggerArguments(settings: JsonObject): TriggerArguments {
  const problems = judgeParts(settings);
  if (problems.length > 0) {
    throw new ConfigurationInvalid(problems.map(({ text }) => text));
  }
  return settings as TriggerArguments;
}

/** What is wrong with the parts of the hub's connection string, alone and beside the hub's name. */
export function judgeParts(settings: Readonly<Record<string, unknown>>): readonly SettingProblem[] {
  const { hub_connection_string: connectionString, hub_name: hubName } = settings;
  const parts = partsOf(typeof connectionString === "string" ? connectionString : "");
  const problems: SettingProblem[] = [];
  if (parts.has("sharedaccesskey") && !parts.get("sharedaccesskeyname")) {
    problems.push({
      field: "hub_connection_string",
      text: "`hub_connection_string` (Event Hub connection string) lacks SharedAccessKeyName; copy the whole string of the policy",
    });
  }
  const entity = parts.get("entitypath");
  if (entity !== undefined && typeof hubName === "string" && entity.toLowerCase() !== hubName.toLowerCase()) {
    problems.push({
      field: "hub_name",
      text: `\`hub_name\` (Event Hub name) is ${hubName}, but the connection string is of the hub ${entity}; use one of the two in both places`,
    });
  }
  return problems;
}
