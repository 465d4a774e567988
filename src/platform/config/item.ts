import { ConfigurationInvalid } from "../errors.ts";
import { isObject, type SettingsSchema } from "./settings-schema.ts";
import { type Found, readJsonFile, type Sources } from "./sources.ts";

/**
 * The configuration of the item: the platform runs it as a connector or as a trigger; a person may give each setting as
 * a variable or file of its own instead, secrets as `<NAME>_FILE`. An `intake_server` that it leaves
 * out is the platform's own intake, `intake_url`.
 * @param configurationFile Replaces the platform's sources.
 * @throws ConfigurationInvalid if there is none.
 */
export function findItemConfiguration(
  sources: Sources,
  configurationFile: string | undefined,
  schema: SettingsSchema,
): Found<unknown> {
  const { where, value } = foundIn(sources, configurationFile, schema);
  const intakeUrl = sources.text("intake_url")?.value;
  return intakeUrl !== undefined && isObject(value) && !value["intake_server"]
    ? { where, value: { ...value, intake_server: intakeUrl } }
    : { where, value };
}

function foundIn(
  sources: Sources,
  configurationFile: string | undefined,
  schema: SettingsSchema,
): Found<unknown> {
  if (configurationFile !== undefined) {
    return { where: `file ${configurationFile}`, value: readJsonFile(configurationFile) };
  }
  const found =
    sources.json("connector_configuration") ??
    sources.json("trigger_configuration") ??
    singleSettings(sources, schema);
  if (!found) {
    throw new ConfigurationInvalid([
      `no configuration was found: put a JSON object of the arguments into the file ${sources.directory}/trigger_configuration ` +
        'or the environment variable TRIGGER_CONFIGURATION, for example {"hub_name": "security-logs"}, or each setting into a variable of its own, for example HUB_NAME=security-logs',
    ]);
  }
  return found;
}

function singleSettings(sources: Sources, schema: SettingsSchema): Found<unknown> | undefined {
  const given: Record<string, unknown> = {};
  for (const [name, { type }] of Object.entries(schema.properties ?? {})) {
    const text = sources.setting(name)?.value;
    if (text !== undefined) {
      given[name] = readValue(text, type);
    }
  }
  return Object.keys(given).length === 0 ? undefined : { where: "the settings' variables", value: given };
}

/** A list is JSON or has commas; a value that does not fit its type stays a text, which the schema then names. */
function readValue(text: string, type: string | undefined): unknown {
  if (type === "boolean") {
    return text === "true" || (text === "false" ? false : text);
  }
  if (type !== "array") {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text.split(",").map((item) => item.trim());
  }
}
