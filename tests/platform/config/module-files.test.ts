import { expect, test } from "vitest";
import { findItem, readManifest } from "../../../src/platform/config/module-files.ts";
import { folderWith } from "../support/folder.ts";
import { MODULE_DIR } from "../support/settings.ts";

test("the module's own files name the trigger", () => {
  expect(readManifest(MODULE_DIR).slug).toBe("azure-eventhub");
  expect(findItem(MODULE_DIR, "azure_eventhub_messages_trigger").arguments.required).toContain("hub_name");
});

test("an unknown command is reported with those that exist, each once", () => {
  expect(() => findItem(MODULE_DIR, "other")).toThrow(
    "the command other is unknown; this module runs azure_eventhub_messages_trigger",
  );
  expect(() => findItem(MODULE_DIR, undefined)).toThrow(/^no command was given; this module runs azure_/);
});

test("a folder without a manifest is reported", () => {
  expect(() => readManifest(folderWith({}))).toThrow(/manifest\.json cannot be read \(ENOENT\)/);
  expect(() => readManifest(folderWith({ "manifest.json": '{"slug":"x"}' }))).toThrow(/is not a manifest/);
});
