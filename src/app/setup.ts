import { InputInvalid } from "../kernel/errors.ts";

export type SetupPlace = {
  /** Your name for the installation. */
  readonly project: string;
  readonly resourceGroup: string;
  /** An Azure region. */
  readonly location: string;
  /** The object id of the identity that gets roles in place of keys. */
  readonly principalId: string | undefined;
  /** The folder of the templates. */
  readonly infraFolder: string;
};

export type SetupStep = { readonly title: string; readonly command: string };

const DEPLOYMENT = "eventhub-intake";
const OUTPUTS_FILE = "outputs.json";
/** The tenant's one place for what Intune sends; writing it takes an Intune administrator's rights and no more. */
const DIAGNOSTIC_SETTING =
  "https://management.azure.com/providers/microsoft.intune/diagnosticSettings/eventhub-intake?api-version=2017-04-01-preview";
const INTUNE_LOGS = ["AuditLogs", "OperationalLogs", "DeviceComplianceOrg", "Devices"];
/** The settings that a deployment gives out, in the order of the setup guide's table; blank ones are not needed. */
const SETTINGS = [
  { name: "hub_name", description: "Name of the Event Hub" },
  { name: "hub_connection_string", description: "Connection string of its policy, primary key" },
  { name: "hub_namespace", description: "Host name of the namespace, for Entra ID" },
  { name: "hub_consumer_group", description: "Name of the consumer group" },
  { name: "storage_container_name", description: "Name of the container" },
  { name: "storage_connection_string", description: "Connection string of the storage account" },
  { name: "storage_account_url", description: "Address of the storage account, for Entra ID" },
] as const;
/** Of each of these, one. */
const NEEDED: readonly (readonly string[])[] = [
  ["hub_name"],
  ["hub_connection_string", "hub_namespace"],
  ["hub_consumer_group"],
  ["storage_container_name"],
  ["storage_connection_string", "storage_account_url"],
];

/** The commands that build everything in Azure, in their order, for a POSIX shell. */
export function setupSteps(place: SetupPlace): readonly SetupStep[] {
  const { project, resourceGroup, location, principalId, infraFolder } = place;
  const group = `--resource-group ${quoted(resourceGroup)}`;
  const deployment = `${group} --name ${DEPLOYMENT}`;
  const parameters = [
    `projectName=${project}`,
    ...(principalId === undefined ? [] : [`principalId=${principalId}`]),
  ];
  const output = (name: string) =>
    `$(az deployment group show ${deployment} --query properties.outputs.${name}.value --output tsv)`;
  return [
    {
      title: "create the resource group",
      command: `az group create --name ${quoted(resourceGroup)} --location ${quoted(location)}`,
    },
    {
      title: "build namespace, Event Hub, policies, consumer group, storage account and container",
      command: `az deployment group create ${deployment} --template-file ${quoted(`${infraFolder}/azuredeploy.json`)} --parameters ${parameters.map(quoted).join(" ")}`,
    },
    {
      title: "let Intune send its logs there (as an Intune administrator)",
      command: `az rest --method put --url ${quoted(DIAGNOSTIC_SETTING)} --body "${diagnosticsBody(output)}"`,
    },
    {
      title: "keep the outputs, which hold keys, for yourself alone",
      command: `(umask 077; az deployment group show ${deployment} --query properties.outputs --output json > ${OUTPUTS_FILE})`,
    },
    {
      title: "fill the trigger's settings from them, and try each",
      command: `(umask 077; npx eventhub-intake setup --outputs ${OUTPUTS_FILE} --intake-key '<the key of your intake>' > settings.json) && npx eventhub-intake check --config settings.json`,
    },
    {
      title:
        "remove the record of the deployment, which would show the keys to its readers; the resources stay",
      command: `az deployment group delete ${deployment} && rm ${OUTPUTS_FILE}`,
    },
  ];
}

/**
 * What Intune sends and where to, as JSON within a shell's double quotes.
 * @param output The shell's words for an output of the deployment.
 */
function diagnosticsBody(output: (name: string) => string): string {
  const body = {
    properties: {
      eventHubAuthorizationRuleId: "RULE",
      eventHubName: "HUB",
      logs: INTUNE_LOGS.map((category) => ({ category, enabled: true })),
    },
  };
  return JSON.stringify(body)
    .replaceAll('"', '\\"')
    .replace("RULE", () => output("diagnostics_rule_id"))
    .replace("HUB", () => output("hub_name"));
}

/** A word of a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * The trigger's settings as the deployment gives them out; it leaves blank what is not needed.
 * @param json What `az deployment group show` printed: the outputs, or the whole deployment.
 * @throws InputInvalid that names what is missing; never with a value in it.
 */
export function readOutputs(json: unknown): Readonly<Record<string, string>> {
  const outputs = fieldOf(fieldOf(json, "properties"), "outputs") ?? json;
  const textOf = (name: string): string => {
    const value = fieldOf(fieldOf(outputs, name), "value");
    return typeof value === "string" ? value : "";
  };
  const missing = NEEDED.filter((names) => names.every((name) => textOf(name) === ""));
  if (missing.length > 0) {
    throw new InputInvalid(
      `the outputs lack ${missing.map((names) => names.join(" or ")).join(", ")}; write them with az deployment group show … --query properties.outputs --output json`,
    );
  }
  const filled = SETTINGS.map(({ name }) => [name, textOf(name)] as const).filter(
    ([, value]) => value !== "",
  );
  return Object.fromEntries(filled);
}

/** The table of the setup guide, filled. */
export function settingsTable(settings: Readonly<Record<string, string>>): string {
  const rows = SETTINGS.flatMap(({ name, description }) => {
    const value = settings[name];
    return value === undefined ? [] : [`| ${name} | ${value} | ${description} |`];
  });
  return ["| Name | Value | Description |", "|---|---|---|", ...rows, ""].join("\n");
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
