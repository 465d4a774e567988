import { GUIDE_STEPS } from "./guide.ts";

/** What may be wrong with the settings themselves, before anything is connected. */
export const ACCESS_CAUSES = {
  SETTINGS_INVALID: {
    status: "failed",
    cause: "the settings are not valid: {problems}",
    fix: "correct these settings in the trigger's configuration",
  },
  SETTINGS_UNKNOWN: {
    status: "warning",
    cause: "unknown settings have no effect: {names}",
    fix: "correct their names, or remove them",
  },
  SETTING_MISSING: {
    status: "failed",
    cause: "{setting} is not set",
    fix: "set {setting} in the trigger's configuration",
  },
  HUB_ACCESS_MISSING: {
    status: "failed",
    cause: "neither hub_connection_string nor hub_namespace is set, so there is no hub to read",
    fix: "set hub_connection_string to the primary connection string of the Event Hub's policy, or hub_namespace to sign in with Entra ID",
  },
  HUB_NAMESPACE_INVALID: {
    status: "failed",
    cause: 'hub_namespace is "{value}", which is not a host name',
    fix: "set hub_namespace to the namespace's host name alone, like company-eventhub.servicebus.windows.net",
  },
  HUB_STRING_IS_STORAGE: {
    status: "failed",
    cause: "hub_connection_string holds the connection string of a storage account",
    fix: "put it into storage_connection_string, and into hub_connection_string the one of the Event Hub's policy",
  },
  STORAGE_STRING_IS_HUB: {
    status: "failed",
    cause: "storage_connection_string holds the connection string of an Event Hub",
    fix: "put it into hub_connection_string, and into storage_connection_string the one from the storage account's page Access keys",
  },
  STRING_QUOTED: {
    status: "failed",
    cause: "{setting} contains quotation marks, which are not part of a connection string",
    fix: "paste {setting} again without the quotation marks",
  },
  STRING_BROKEN_BY_SPACES: {
    status: "failed",
    cause: "{setting} has spaces or line breaks in the middle, so it was damaged while it was copied",
    fix: "copy {setting} again with the portal's copy button",
  },
  STRING_WITH_SPACES_AROUND: {
    status: "warning",
    cause: "{setting} starts or ends with spaces or line breaks; this connector ignores them, others may not",
    fix: "paste {setting} again without the spaces",
  },
  STRING_PART_MISSING: {
    status: "failed",
    cause: "{setting} is incomplete: it has no part {part}=…",
    fix: "copy the whole of {setting} again with the portal's copy button",
  },
  HUB_ENDPOINT_INVALID: {
    status: "failed",
    cause:
      "the part Endpoint of hub_connection_string is not an address like sb://company-eventhub.servicebus.windows.net/",
    fix: "copy hub_connection_string again from the Event Hub's page Shared access policies",
  },
  ENTITY_PATH_DIFFERS: {
    status: "failed",
    cause: 'hub_connection_string is for the Event Hub "{entityPath}", but hub_name is "{hubName}"',
    fix: "make hub_name and the part EntityPath name the same Event Hub",
  },
  ENTITY_PATH_MISSING: {
    status: "warning",
    cause:
      "hub_connection_string has no EntityPath, so it belongs to a policy of the whole namespace and can read every Event Hub in it",
    fix: "create a policy with only the claim Listen on the Event Hub itself, and use its connection string",
  },
  STORAGE_ACCESS_MISSING: {
    status: "failed",
    cause:
      "neither storage_connection_string nor storage_account_url is set, so checkpoints cannot be stored",
    fix: "set storage_connection_string from the storage account's page Access keys, or storage_account_url to sign in with Entra ID",
  },
  STORAGE_ADDRESS_INVALID: {
    status: "failed",
    cause: "{setting} does not contain the address of a storage account",
    fix: "copy {setting} again; an address looks like https://companycheckpoints.blob.core.windows.net",
  },
  CONTAINER_NAME_INVALID: {
    status: "failed",
    cause: '"{container}" is not a valid container name',
    fix: "create a container whose name has 3 to 63 lower-case letters, digits and single hyphens (sekoia-event-hub, not sekoia_event_hub), and set storage_container_name to it",
    guideStep: GUIDE_STEPS.storage,
  },
  STORAGE_SAS_EXPIRED: {
    status: "failed",
    cause: "the shared access signature in storage_connection_string expired on {date}",
    fix: "create a new signature with a later expiry, or use the connection string from the page Access keys",
  },
  INTAKE_ADDRESS_INVALID: {
    status: "failed",
    cause: "intake_server is not a web address",
    fix: "set intake_server to the address of your region, like https://intake.sekoia.io",
  },
  ENTRA_NOT_SIGNED_IN: {
    status: "failed",
    cause: "Entra ID gave no token: {reason}",
    fix: "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run where a managed or workload identity exists",
  },
} as const;
