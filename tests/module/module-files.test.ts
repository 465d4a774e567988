import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const parse = (file: string) => JSON.parse(read(file));

const JSON_FILES = ["manifest.json", "trigger_consume_eventhub.json", "connector_consume_eventhub.json"];
const manifest = parse("manifest.json");
const trigger = parse("trigger_consume_eventhub.json");
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("the trigger and the connector are the same item", () => {
  expect(parse("connector_consume_eventhub.json")).toEqual(trigger);
  expect(trigger.docker_parameters).toBe("azure_eventhub_messages_trigger");
  expect(trigger.name).toBe("Consume Eventhub messages");
  expect(trigger.uuid).toMatch(UUID);
  expect(trigger.results).toEqual({});
});

test("the manifest names the module as the platform wants it", () => {
  expect(manifest.uuid).toMatch(UUID);
  expect(manifest.uuid).not.toBe(trigger.uuid);
  expect(manifest.slug).toBe("azure-eventhub");
  expect(manifest.slug).toMatch(/^[a-z]([a-z_.-]|\d)*$/);
  expect(manifest.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(manifest.categories).toEqual(["Cloud Providers"]);
});

test.each([
  ["the module's configuration", manifest.configuration],
  ["the item's arguments", trigger.arguments],
])("%s is a valid draft-07 schema", (_name, schema) => {
  const ajv = new Ajv({ keywords: ["secrets"] });
  expect(schema.$schema).toBe("http://json-schema.org/draft-07/schema#");
  expect(ajv.validateSchema(schema), ajv.errorsText()).toBe(true);
});

test.each(JSON_FILES)("%s has two spaces, escaped non-ASCII and no trailing newline", (file) => {
  const escaped = JSON.stringify(parse(file), null, 2).replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  expect(read(file)).toBe(escaped);
});

test("every argument explains itself, with an example that is right", () => {
  const ajv = new Ajv({ keywords: ["secrets"] });
  addFormats.default(ajv);
  for (const [name, property] of Object.entries<Record<string, unknown>>(trigger.arguments.properties)) {
    expect(property["title"], name).toEqual(expect.any(String));
    expect(property["description"], name).toEqual(expect.any(String));
    const examples = Array.isArray(property["examples"]) ? property["examples"] : [];
    expect(examples.length, name).toBeGreaterThan(0);
    const defaults = "default" in property ? [property["default"]] : [];
    for (const value of [...examples, ...defaults]) {
      expect(ajv.validate(property, value), `${name}: ${JSON.stringify(value)}`).toBe(true);
    }
  }
});

test("the arguments are the former trigger's, and ours are optional", () => {
  expect(Object.keys(trigger.arguments.properties)).toEqual([
    "hub_connection_string",
    "hub_name",
    "hub_consumer_group",
    "storage_connection_string",
    "storage_container_name",
    "intake_key",
    "intake_server",
    "chunk_size",
    "categories",
    "start_position",
    "transport",
    "proxy_url",
    "hub_namespace",
    "storage_account_url",
    "on_invalid_checkpoint",
    "repair_json",
    "silence_minutes",
  ]);
  expect(trigger.arguments.required).toEqual(["hub_name", "storage_container_name", "intake_key"]);
  expect(trigger.arguments.additionalProperties).toBeUndefined();
});

test("a connection string is required unless Entra ID takes its place, and no rule requires what is not there", () => {
  const ajv = new Ajv({ keywords: ["secrets"] });
  addFormats.default(ajv);
  const { properties } = trigger.arguments;
  const exampleOf = (name: string) => [name, properties[name].examples[0]];
  const others = Object.fromEntries(["hub_name", "storage_container_name", "intake_key"].map(exampleOf));
  const isValid = (...names: string[]) =>
    ajv.validate(trigger.arguments, { ...others, ...Object.fromEntries(names.map(exampleOf)) });
  expect(isValid("hub_connection_string", "storage_connection_string")).toBe(true);
  expect(isValid("hub_namespace", "storage_account_url")).toBe(true);
  expect(isValid("hub_namespace", "storage_connection_string")).toBe(true);
  expect(isValid("hub_connection_string")).toBe(false);
  expect(isValid("storage_connection_string")).toBe(false);
  expect(isValid("hub_connection_string", "hub_namespace", "storage_connection_string")).toBe(false);
  const required = [...JSON.stringify(trigger.arguments).matchAll(/"required":(\[.*?\])/g)].flatMap(
    ([, list]) => JSON.parse(list ?? "[]"),
  );
  expect(required.length).toBeGreaterThan(5);
  for (const name of required) {
    expect(properties).toHaveProperty(name);
  }
});

test("the platform is told which arguments are secrets, and the schema agrees", () => {
  const marked = Object.entries<{ writeOnly?: boolean }>(trigger.arguments.properties)
    .filter(([, { writeOnly }]) => writeOnly)
    .map(([name]) => name);
  expect(trigger.arguments.secrets).toEqual([
    "hub_connection_string",
    "storage_connection_string",
    "intake_key",
  ]);
  expect(marked).toEqual(expect.arrayContaining(trigger.arguments.secrets));
});

test("the newest version of the changelog is that of the manifest and of the package", () => {
  const changelog = read("CHANGELOG.md");
  expect(changelog).toContain("All notable changes to this project will be documented in this file.");
  expect(changelog).toContain("The format is based on [Keep a Changelog]");
  const versions = [...changelog.matchAll(/^## (.*)$/gm)].map((heading) => heading[1] ?? "");
  for (const heading of versions) {
    expect(heading).toMatch(/^\d{4}-\d{2}-\d{2} - \d+\.\d+\.\d+$/);
  }
  for (const [, section] of changelog.matchAll(/^### (.*)$/gm)) {
    expect(["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]).toContain(section);
  }
  expect(versions[0]?.split(" - ")[1]).toBe(manifest.version);
  expect(parse("package.json").version).toBe(manifest.version);
});

test("the logo is square", () => {
  expect(read("logo.svg")).toContain('width="256" height="256" viewBox="0 0 256 256"');
});
