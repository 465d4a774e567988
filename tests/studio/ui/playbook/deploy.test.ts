import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { deployments, leftOut } from "../../../../src/studio/ui/playbook/deploy.ts";
import { readPaste } from "../../../../src/studio/ui/playbook/paste.ts";
import { propertiesOf } from "../../../../src/studio/ui/playbook/settings.ts";

const trigger = JSON.parse(readFileSync("trigger_consume_eventhub.json", "utf8"));
const properties = propertiesOf(trigger.arguments);
const values = { hub_name: "logs", storage_container_name: "positions", categories: ["AuditLogs"] };
const SECRETS = { intake_key: "the-secret-key", hub_connection_string: "Endpoint=sb://a|b/;x=y" };
const textsOf = (secrets: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    deployments(values, secrets, properties, "eventhub-intake:1").map(({ name, text }) => [name, text]),
  );

test("secrets that were left out are in none of the texts, and their places are marked", () => {
  const texts = textsOf(leftOut(Object.keys(SECRETS)));
  expect(JSON.stringify(texts)).not.toMatch(/the-secret-key|sb:/);
  expect(JSON.parse(texts["settings.json"] ?? "")).toMatchObject({
    intake_key: "<fill in>",
    hub_name: "logs",
  });
});

test("all forms hold the same settings", () => {
  const texts = textsOf(SECRETS);
  const settings = { ...values, ...SECRETS };
  expect(JSON.parse(texts["settings.json"] ?? "")).toEqual(settings);
  const [secret, deployment] = parseAllDocuments(texts["Kubernetes"] ?? "").map((document) =>
    document.toJS(),
  );
  expect(parse(secret.stringData.trigger_configuration)).toEqual(settings);
  expect(deployment.spec.template.spec.containers[0]).toMatchObject({
    image: "eventhub-intake:1",
    args: ["azure_eventhub_messages_trigger"],
  });
  expect(texts["docker run"]).toContain("eventhub-intake:1 azure_eventhub_messages_trigger");
});

test("the form's table can be pasted back", () => {
  const table = textsOf({ intake_key: "the-secret-key" })["The platform's form"] ?? "";
  const { values: read } = readPaste(table, properties);
  expect(read).toMatchObject({ hub_name: "logs", intake_key: "the-secret-key" });
});
