import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { describeEvent, readDescriptions, type SmartDescription } from "../ecs/describe.ts";
import type { Plain } from "../ecs/values/json-text.ts";
import { type ParseEvent, parserOf } from "../local/intake/parse.ts";
import type { StoredEvent } from "../local/intake/store.ts";
import { usableFormat } from "./usable-format.ts";

/** What the local intake's events are read with unless a person names another format. */
export const DEFAULT_FORMAT = "microsoft-intune";

const MAX_RAW_CHARS = 120;

/** How a local intake reads its events, and tells of one in a line. */
export type IntakeFormat = {
  readonly parse: ParseEvent;
  /** By the format's smart descriptions; the beginning of the raw event where none of them fits. */
  describe(event: StoredEvent): string;
};

/**
 * @param name A bundled format, or the path of a format's folder; its diagnostics go to standard error.
 * @throws InputInvalid when there is no such format, or nothing of it can be used.
 */
export async function intakeFormat(name: string, stderr: Writable): Promise<IntakeFormat> {
  const { format, folder } = await usableFormat(name, stderr);
  const descriptions = descriptionsOf(folder);
  return {
    parse: parserOf(format),
    describe({ raw, ecs }) {
      const line = ecs === null ? undefined : describeEvent(JSON.parse(ecs) as Plain, descriptions);
      return line ?? raw.slice(0, MAX_RAW_CHARS);
    },
  };
}

function descriptionsOf(folder: string): readonly SmartDescription[] {
  const path = join(folder, "_meta", "smart-descriptions.json");
  return existsSync(path) ? readDescriptions(JSON.parse(readFileSync(path, "utf8"))) : [];
}
