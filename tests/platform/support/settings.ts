import type { Telemetry } from "../../../src/platform/run-module.ts";

/** A configuration as a person of the former trigger has it. */
export const INCUMBENT = {
  hub_connection_string:
    "Endpoint=sb://company-eventhub.servicebus.windows.net/;SharedAccessKeyName=sekoiaio;SharedAccessKey=aHViLXNlY3JldA==;EntityPath=sekoia_event_hub",
  hub_name: "sekoia_event_hub",
  hub_consumer_group: "consumergroup_sekoiaio",
  storage_connection_string:
    "DefaultEndpointsProtocol=https;AccountName=sekoiaiocheckpoint;AccountKey=c3RvcmFnZS1zZWNyZXQ=;EndpointSuffix=core.windows.net",
  storage_container_name: "sekoia_event_hub",
  intake_key: "intake-key-0123456789",
  intake_server: "https://intake.sekoia.io",
  chunk_size: 500,
  categories: ["AuditLogs"],
};

export const MODULE_DIR = new URL("../../..", import.meta.url).pathname;

/** An item that shows nothing of its work. */
export const NO_TELEMETRY: Telemetry = {
  pages: {},
  metrics: async () => ({ status: 200, contentType: "text/plain", body: "" }),
  configured: () => undefined,
  logLinesLost: () => undefined,
};
