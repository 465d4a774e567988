import { expect, test } from "vitest";
import { readPaste } from "../../../../src/studio/ui/playbook/paste.ts";

const KNOWN = {
  hub_name: { title: "Event Hub name" },
  hub_connection_string: { title: "Event Hub connection string" },
  hub_consumer_group: { title: "Consumer group" },
  storage_connection_string: { title: "Storage connection string" },
  storage_container_name: { title: "Storage container name" },
  intake_key: { title: "Intake key" },
  chunk_size: { title: "Chunk size" },
  categories: { title: "Categories" },
};
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
  {
    name: "a table whose columns stand in another order, as its head says",
    text: "| Description | Value | Variable |\n|---|---|---|\n| the hub | logs | hub_name |\n| the key |  | intake_key |",
    values: { hub_name: "logs" },
  },
  {
    name: "a table whose head puts an example before the value",
    text: "Name\tExample\tYour value\nhub_name\tsecurity-logs\tlogs\nintake_key\tabc\tTo be completed at step 9",
    values: { hub_name: "logs" },
  },
  {
    name: "a table without a head whose last column is the name",
    text: "logs\thub_name\nk-1\tintake_key",
    values: { hub_name: "logs", intake_key: "k-1" },
  },
  {
    name: "a table that calls settings by their titles",
    text: `| **Event Hub name** | logs |\n| Event Hub connection string | \`${HUB}\` |`,
    values: { hub_name: "logs", hub_connection_string: HUB },
  },
  {
    name: "lines with titles, and connection strings behind the portal's words",
    text: `Intake key: k-1\nConnection string–primary key  ${HUB}\nConnection string: "${STORAGE}"`,
    values: {
      intake_key: "k-1",
      hub_connection_string: HUB,
      storage_connection_string: STORAGE,
      hub_name: "logs",
    },
  },
  {
    name: "outputs as the portal shows them, a name and its value on lines of their own",
    text: `hub_name\nlogs\nstorage_connection_string\n${STORAGE}\n`,
    values: { hub_name: "logs", storage_connection_string: STORAGE },
  },
  {
    name: "numbers and lists of a settings.json",
    text: `{"hub_name":"logs","chunk_size":500,"categories":["A","B"]}`,
    values: { hub_name: "logs", chunk_size: "500", categories: "A,B" },
  },
  {
    name: "the table of the tab Deploy, pipes escaped",
    text: "| Field | Name | Value |\n|---|---|---|\n| Event Hub name | hub_name | a\\|b |\n| Intake key | intake_key | <fill in> |",
    values: { hub_name: "a|b" },
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
