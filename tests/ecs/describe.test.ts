import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeEvent, readDescriptions } from "../../src/ecs/describe.ts";
import type { Plain } from "../../src/ecs/values/json-text.ts";

const descriptions = readDescriptions([
  { value: "something happened" },
  { value: "{user.name} did it", conditions: [{ field: "user.name" }] },
  { value: "{user.name} was here", conditions: [{ field: "user.name" }] },
  {
    value: "login by {user.name}, {user.roles}",
    conditions: [{ field: "user.name" }, { field: "event.code", value: 7 }],
  },
  {
    value: "{event.type} of {event.size}{event.missing}",
    conditions: [
      { field: "event.type", value: "info" },
      { field: "event.size" },
      { field: "event.ok", value: true },
    ],
  },
]);

test.each<{ name: string; event: Plain; line: string }>([
  { name: "takes a sentence without conditions", event: {}, line: "something happened" },
  { name: "takes the first of equals", event: { user: { name: "ann" } }, line: "ann did it" },
  { name: "asks for no more than there is", event: { user: { name: null } }, line: "something happened" },
  {
    name: "takes the sentence with the most conditions, and joins lists",
    event: { user: { name: "ann", roles: ["a", "b"] }, event: { code: "7" } },
    line: "login by ann, a, b",
  },
  {
    name: "finds a wanted value in a list, and prints numbers",
    event: { event: { type: ["info", "start"], size: 5, ok: true } },
    line: "info, start of 5",
  },
  { name: "reads no inherited property", event: { user: { constructor: 1 } }, line: "something happened" },
])("describeEvent $name", ({ event, line }) => {
  expect(describeEvent(event, descriptions)).toBe(line);
});

test("an event that no sentence fits has no line", () => {
  const [, second] = descriptions;
  expect(describeEvent({}, second === undefined ? [] : [second])).toBeUndefined();
});

test("entries that are not descriptions are left out", () => {
  expect(readDescriptions({ value: "x" })).toEqual([]);
  expect(
    readDescriptions([
      5,
      { text: "x" },
      { value: "x", conditions: [{ value: 1 }], relationships: [{ source: "a" }] },
    ]),
  ).toEqual([{ value: "x", conditions: [], relationships: [] }]);
});

test("every sample of Microsoft Intune has a sentence of its own kind", () => {
  const folder = new URL("../../formats/microsoft-intune/", import.meta.url);
  const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, folder), "utf8"));
  const intune = readDescriptions(read("_meta/smart-descriptions.json"));
  const lineOf = (sample: string): string | undefined => {
    const { expected } = read(`tests/${sample}.json`) as { expected: Record<string, never> };
    return describeEvent(expected, intune);
  };
  expect(
    ["audit_rename_device", "device_compliance_org", "devices", "operational_compliance"].map(lineOf),
  ).toEqual([
    "Pipin.Saquet@theShire.com performed Rename device ManagedDevice in Intune",
    "Intune checked the compliance of device 06334044-1a53-47d6-b6f8-ec9dcba8fa93 of Saquet Pipin, which runs Windows 10.0.19044.2130",
    "Device Pipin.Saquet_AndroidForWork_10/17/2022_2:23 PM of Pipin.Saquet runs Android (Personally-Owned Work Profile) 12.0 and is Compliant",
    expect.stringMatching(
      /^Compliance alert for device TheShire-W744 of Pipin\.Saquet: Windows10CompliancePolicy/,
    ),
  ]);
});
