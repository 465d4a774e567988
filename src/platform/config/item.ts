import { ConfigurationInvalid } from "../errors.ts";
import { isObject } from "./settings-schema.ts";
import { type Found, readJsonFile, type Sources } from "./sources.ts";

/**
 * The configuration of the item: the platform runs it as a connector or as a trigger. An `intake_server` that it leaves
 * out is the platform's own intake, `intake_url`.
 * @param configurationFile Replaces the platform's sources.
 * @throws ConfigurationInvalid if there is none.
 */
export function findItemConfiguration(
  sources: Sources,
  configurationFile: string | undefined,
): Found<unknown> {
  const { where, value } = foundIn(sources, configurationFile);
  const intakeUrl = sources.text("intake_url")?.value;
  return intakeUrl !== undefined && isObject(value) && !value["intake_server"]
    ? { where, value: { ...value, intake_server: intakeUrl } }
    : { where, value };
}

function foundIn(sources: Sources, configurationFile: string | undefined): Found<unknown> {
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
