import { expect, test } from "vitest";
import { readPaste } from "../../../../src/studio/ui/playbook/paste.ts";

const KNOWN = new Set([
  "hub_name",
  "hub_connection_string",
  "hub_consumer_group",
  "storage_connection_string",
  "storage_container_name",
  "intake_key",
  "chunk_size",
]);
const HUB =
  "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=a2V5;EntityPath=logs";
const STORAGE =
  "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5;EndpointSuffix=core.windows.net";

test.each([
  {
    name: "the guide's table with tabs, its head, and what is still to be completed",
    text: "Variable\tDescription\tExample\nhub_name\tlogs\tthe hub\nhub_consumer_group\tTo be completed at step 6\t\n",
    values: { hub_name: "logs" },
  },
  {
    name: "a table with pipes in any order, values in back-ticks",
    text: `| intake_key | \`k-1\` |\n|---|---|\n| hub_name | "logs" |`,
    values: { intake_key: "k-1", hub_name: "logs" },
  },
  {
    name: "a table whose first column is the title",
    text: "| Event Hub name | hub_name | logs |",
    values: { hub_name: "logs" },
  },
  {
    name: "bare connection strings, the hub named by the string",
    text: `${HUB}\n${STORAGE}`,
    values: { hub_connection_string: HUB, storage_connection_string: STORAGE, hub_name: "logs" },
  },
  {
    name: "the hub's own name before the string's",
    text: `hub_connection_string: ${HUB}\nhub_name: other`,
    values: { hub_connection_string: HUB, hub_name: "other" },
  },
  {
    name: "lines of YAML and of an environment",
    text: `hub_name: "logs"\nintake_key=k-1`,
    values: { hub_name: "logs", intake_key: "k-1" },
  },
  {
    name: "settings as JSON",
    text: `{"hub_name":"logs","intake_key":"<fill in>"}`,
    values: { hub_name: "logs" },
  },
  {
    name: "a deployment's outputs",
    text: JSON.stringify({
      properties: { outputs: { hub_name: { type: "String", value: "logs" }, region: { value: "x" } } },
    }),
    values: { hub_name: "logs" },
    unknown: ["region"],
  },
  { name: "prose", text: "Please fill in the form.", values: {} },
])("readPaste takes $name", ({ text, values, unknown = [] }) => {
  expect(readPaste(text, KNOWN)).toEqual({ values, unknown });
});

test("what is no setting is told by its name and never by its value", () => {
  const { values, unknown } = readPaste("some_other_secret: s3cr3t\nhub_name: logs", KNOWN);
  expect(values).toEqual({ hub_name: "logs" });
  expect(unknown).toEqual(["some_other_secret"]);
});
