import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { findItem } from "../../src/platform/config/module-files.ts";
import { checkSettings } from "../../src/platform/config/settings-schema.ts";
import { MODULE_DIR } from "../platform/support/settings.ts";
import { deploy, expressionsOf, type Resource, type Template } from "./arm.ts";

const read = (file: string): Template =>
  JSON.parse(readFileSync(new URL(`../../infra/${file}`, import.meta.url), "utf8"));

const AZURE = read("azuredeploy.json");
const PRINCIPAL = "11111111-2222-3333-4444-555555555555";
const SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s";

const idOf = ({ type, name, scope }: Resource): string => {
  const [provider, ...kinds] = type.split("/");
  const path = kinds.map((kind, index) => `${kind}/${name.split("/")[index]}`).join("/");
  return `${scope === undefined ? "" : String(scope)}/providers/${provider}/${path}`;
};
const suffixOf = (id: string) => `/providers/${id.split("/providers/").at(-1)}`;
const namesOf = (resources: readonly Resource[], type: string) =>
  resources.filter((resource) => resource.type === type).map(({ name }) => name.split("/").at(-1) ?? "");
const propertiesOf = (resources: readonly Resource[], type: string) =>
  resources.find((resource) => resource.type === type)?.["properties"];

test("parameters are described and bounded, used, and every reference resolves", () => {
  const template = AZURE;
  expect(template.$schema).toMatch(
    /^https:\/\/schema\.management\.azure\.com\/schemas\/[\d-]+\/\w+Template\.json#$/,
  );
  expect(template.contentVersion).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  const expressions = expressionsOf(template).join("\n");
  for (const [name, parameter] of Object.entries(template.parameters)) {
    expect(parameter.metadata?.description, name).toMatch(/^[A-Z].{20,}\.$/);
    const isBounded =
      parameter.allowedValues !== undefined ||
      (parameter.type === "int"
        ? parameter.minValue !== undefined && parameter.maxValue !== undefined
        : parameter.maxLength !== undefined);
    expect(isBounded, name).toBe(true);
    expect(expressions, name).toContain(`parameters('${name}')`);
  }
  for (const name of Object.keys(template.variables ?? {})) {
    expect(expressions).toContain(`variables('${name}')`);
  }
  for (const [, kind, name] of expressions.matchAll(/(parameters|variables)\('(\w+)'\)/g)) {
    expect(template[kind as "parameters" | "variables"]).toHaveProperty(name ?? "");
  }
});

test.each([
  { name: "with keys", given: {} },
  { name: "with roles", given: { principalId: PRINCIPAL } },
  { name: "by private endpoints", given: { privateSubnetId: SUBNET } },
  { name: "with roles and by private endpoints", given: { principalId: PRINCIPAL, privateSubnetId: SUBNET } },
])("$name: each resource comes after those it depends on, and its parents are among them", ({ given }) => {
  const { resources } = deploy(AZURE, { projectName: "company", ...given });
  const ids = new Set(resources.map((resource) => suffixOf(idOf(resource))));
  expect(ids.size).toBe(resources.length);
  for (const resource of resources) {
    const needed = (resource.dependsOn ?? []).map(suffixOf);
    for (const id of needed) {
      expect(ids, resource.name).toContain(id);
    }
    const parent = resource.name.split("/").slice(0, -1).join("/");
    if (parent !== "") {
      expect(needed.some((id) => id.endsWith(`/${parent.split("/").at(-1)}`))).toBe(true);
    }
    // A type has as many parts as its name, and the provider.
    expect(resource.type.split("/").length).toBe(resource.name.split("/").length + 1);
  }
});

test("names obey Azure's rules for any project name", () => {
  const { minLength, maxLength } = AZURE.parameters["projectName"] ?? {};
  const projectName = fc.oneof(
    fc.string({ unit: "grapheme", minLength: minLength ?? 0, maxLength: maxLength ?? 0 }),
    fc.string({ minLength: minLength ?? 0, maxLength: maxLength ?? 0 }),
    fc.constantFrom("a".repeat(40), "Sekoia", "-sb", "é", "株式会社", "1", "A_B.C-d", "'quoted'", "[x]"),
  );
  fc.assert(
    fc.property(projectName, (name) => {
      const { resources, outputs } = deploy(AZURE, { projectName: name, privateSubnetId: SUBNET });
      const [namespace] = namesOf(resources, "Microsoft.EventHub/namespaces");
      expect(namespace).toMatch(/^[A-Za-z](?!.*--)[A-Za-z0-9-]{4,48}[A-Za-z0-9]$/);
      const [storage] = namesOf(resources, "Microsoft.Storage/storageAccounts");
      expect(storage).toMatch(/^[a-z0-9]{3,24}$/);
      for (const endpoint of namesOf(resources, "Microsoft.Network/privateEndpoints")) {
        expect(endpoint).toMatch(/^[A-Za-z0-9][\w.-]{0,62}\w$/);
      }
      for (const policy of resources.filter(({ type }) => type.endsWith("/authorizationRules"))) {
        expect(policy.name.split("/").at(-1)).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,48}[A-Za-z0-9]$/);
      }
      expect(outputs["hub_name"]).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}[A-Za-z0-9]$/);
      expect(outputs["hub_consumer_group"]).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,48}[A-Za-z0-9]$/);
      expect(outputs["storage_container_name"]).toMatch(/^(?=.{3,63}$)[a-z0-9](-?[a-z0-9])*$/);
    }),
  );
});

test("two projects of one resource group do not get in each other's way", () => {
  const nameFor = (projectName: string) =>
    namesOf(deploy(AZURE, { projectName }).resources, "Microsoft.EventHub/namespaces")[0];
  expect(nameFor("company")).toMatch(/^evhcompany/);
  expect(nameFor("company")).not.toBe(nameFor("company!"));
});

test("what the setup guide asks for is what is deployed", () => {
  const { resources } = deploy(AZURE, { projectName: "company" });
  const namespace = resources.find(({ type }) => type === "Microsoft.EventHub/namespaces");
  expect(namespace?.["sku"]).toMatchObject({ name: "Standard", capacity: 1 });
  expect(namespace?.["properties"]).toMatchObject({ isAutoInflateEnabled: true, maximumThroughputUnits: 4 });
  expect(propertiesOf(resources, "Microsoft.EventHub/namespaces/eventhubs")).toEqual({
    partitionCount: 4,
    messageRetentionInDays: 7,
  });
  const rights = "Microsoft.EventHub/namespaces/eventhubs/authorizationRules";
  expect(propertiesOf(resources, rights)).toEqual({ rights: ["Listen"] });
  expect(propertiesOf(resources, "Microsoft.EventHub/namespaces/authorizationRules")).toEqual({
    rights: ["Send"],
  });
  expect(namesOf(resources, "Microsoft.EventHub/namespaces/eventhubs/consumergroups")).toEqual(["sekoiaio"]);
  const storage = resources.find(({ type }) => type === "Microsoft.Storage/storageAccounts");
  expect(storage?.["location"]).toBe(namespace?.["location"]);
  expect(storage?.["properties"]).toMatchObject({
    minimumTlsVersion: "TLS1_2",
    allowBlobPublicAccess: false,
    isHnsEnabled: false,
    publicNetworkAccess: "Enabled",
  });
  expect(propertiesOf(resources, "Microsoft.Storage/storageAccounts/blobServices")).toEqual({
    deleteRetentionPolicy: { enabled: false },
    containerDeleteRetentionPolicy: { enabled: false },
    isVersioningEnabled: false,
  });
  expect(propertiesOf(resources, "Microsoft.Storage/storageAccounts/blobServices/containers")).toEqual({
    publicAccess: "None",
  });
  expect(resources.some(({ type }) => /roleAssignments|privateEndpoints|networkRuleSets/.test(type))).toBe(
    false,
  );
});

test("with an identity, roles take the place of keys; with a subnet, nothing is public", () => {
  const { resources } = deploy(AZURE, { projectName: "c", principalId: PRINCIPAL, privateSubnetId: SUBNET });
  const roles = resources.filter(({ type }) => type === "Microsoft.Authorization/roleAssignments");
  expect(roles.map(({ scope }) => String(scope).split("/").at(-2))).toEqual(["eventhubs", "containers"]);
  for (const { properties } of roles) {
    expect(properties).toMatchObject({ principalId: PRINCIPAL, principalType: "ServicePrincipal" });
  }
  const storage = "Microsoft.Storage/storageAccounts";
  expect(propertiesOf(resources, storage)).toMatchObject({
    allowSharedKeyAccess: false,
    publicNetworkAccess: "Disabled",
  });
  expect(propertiesOf(resources, "Microsoft.EventHub/namespaces/networkRuleSets")).toMatchObject({
    defaultAction: "Deny",
    // Intune's diagnostic settings come from a trusted service.
    trustedServiceAccessEnabled: true,
  });
  expect(namesOf(resources, "Microsoft.Network/privateEndpoints")).toHaveLength(2);
});

test("auto-inflate is off when the maximum is what one begins with", () => {
  const { resources } = deploy(AZURE, { projectName: "c", throughputUnits: 4, maximumThroughputUnits: 4 });
  expect(propertiesOf(resources, "Microsoft.EventHub/namespaces")).toMatchObject({
    isAutoInflateEnabled: false,
    maximumThroughputUnits: 0,
  });
});

test.each([{ principalId: "" }, { principalId: PRINCIPAL }])(
  "the outputs are the trigger's settings: %o",
  ({ principalId }) => {
    const { outputs } = deploy(AZURE, { projectName: "company", principalId });
    const { diagnostics_rule_id: rule, ...settings } = outputs;
    expect(rule).toMatch(/\/authorizationRules\/diagnostics-send$/);
    const item = findItem(MODULE_DIR, "azure_eventhub_messages_trigger");
    const { values, unknown } = checkSettings(
      item.arguments,
      { ...settings, intake_key: "key" },
      "the outputs",
    );
    expect(unknown).toEqual([]);
    expect(Object.keys(values)).toContain(principalId === "" ? "hub_connection_string" : "hub_namespace");
  },
);
