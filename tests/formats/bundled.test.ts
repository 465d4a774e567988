import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { formatFolder } from "../../src/cli/format-folder.ts";
import { guideText } from "../../src/cli/format-guide.ts";
import { testFormats } from "../../src/ecs/conformance.ts";
import { compileFormat } from "../../src/ecs/engine.ts";
import { readGuide } from "../../src/ecs/guide.ts";
import { bundledFolders, loadFormat } from "../../src/ecs/load.ts";
import { toPlain } from "../../src/ecs/values/json-text.ts";

const NOW = new Date("2026-01-31T00:00:00Z");
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

test.each(bundledFolders().map((folder) => ({ name: basename(folder), folder })))(
  "$name compiles without a diagnostic and passes its own tests",
  ({ folder }) => {
    const [result] = [...testFormats([folder], { now: NOW })];
    expect(result?.diagnostics).toEqual([]);
    expect(result?.cases.length).toBeGreaterThan(0);
    expect(result?.cases.filter(({ differences }) => differences.length > 0)).toEqual([]);
  },
);

test.each(bundledFolders().map((folder) => ({ name: basename(folder), folder })))(
  "the page of $name is fresh",
  ({ name, folder }) => {
    const page = readFileSync(`${ROOT}docs/formats/${name}.md`, "utf8");
    const command = `npx eventhub-intake formats show ${name} --markdown > docs/formats/${name}.md`;
    expect(page === guideText(readGuide(folder), true), `run: ${command}`).toBe(true);
  },
);

const INTUNE = formatFolder("microsoft-intune");
const { format } = compileFormat(loadFormat(INTUNE));

test.each([
  "audit_delete_app_assignment",
  "audit_rename_device",
  "device_compliance_org",
  "devices",
  "operational_compliance",
])("the sample %s gives its event, nothing missing and nothing more", (name) => {
  const text = readFileSync(`${INTUNE}/tests/${name}.json`, "utf8");
  const { input, expected } = JSON.parse(text);
  expect(toPlain(format?.parse(input, { now: NOW }).event)).toEqual(expected);
});

test("Microsoft Intune declares every field that its events have, and shows each in a test", () => {
  const { fields, samples, manifest } = readGuide(INTUNE);
  const leaves = new Set(samples.flatMap(({ expected }) => leafPaths(toPlain(expected))));
  const inferred = ["message", "action.type", "source.address", "related.ip", "related.user"];
  expect([...leaves].filter((path) => !inferred.includes(path)).sort()).toEqual(
    fields.map(({ path }) => path),
  );
  expect(fields).toHaveLength(21);
  expect(manifest.uuid).toBe("c20528c1-621e-4959-83ba-652eca2e8ed0");
});

test("Microsoft Intune survives events of any shape", () => {
  const odd = [
    "",
    "null",
    "[]",
    "5",
    '"x"',
    "{}",
    '{"properties":[]}',
    '{"properties":"{"}',
    '{"callerIpAddress":5}',
  ];
  for (const message of odd) {
    const event = toPlain(format?.parse(message, { now: NOW }).event);
    expect(event).toMatchObject({ event: { kind: "event", type: ["info"] }, action: { target: "user" } });
  }
});

test("a format's guide is empty where its files are missing", () => {
  const guide = readGuide(`${ROOT}formats`);
  expect(guide.samples).toEqual([]);
  expect(guide.fields).toEqual([]);
  expect(guide.manifest.name).toBe("");
});

function leafPaths(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [path];
  }
  return Object.entries(value).flatMap(([key, item]) =>
    leafPaths(item, path === "" ? key : `${path}.${key}`),
  );
}
