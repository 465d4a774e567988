/** Settings that a program holds, instead of those in the platform's files. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { readLogLine } from "../kernel/log-line.ts";
import { inspectSettings, type SettingsSchema } from "../platform/config/settings-schema.ts";
import { runTrigger, type TriggerOptions } from "./run-trigger.ts";
import { TRIGGER_COMMAND } from "./settings.ts";

const CONFIGURATION_ERROR = "Configuration error";

export type GivenSettings = Readonly<Record<string, unknown>>;
export { judgeParts } from "./settings.ts";
export type { SettingsSchema };

/** Which rules of the schema the settings break, in the words of the command line. */
export function judgeSettings(schema: SettingsSchema, settings: GivenSettings) {
  return inspectSettings(schema, settings, "the form").problems;
}

/** Writes the settings to a file that only this user may read, for as long as `use` takes. */
export async function withSettingsFile<T>(
  settings: GivenSettings,
  use: (file: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "eventhub-intake-settings-"));
  try {
    const file = join(folder, "settings.json");
    writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Does one piece of work with the settings, read and checked as the trigger does.
 * @returns undefined when it was done, else what was told last; secrets are masked in it.
 */
export async function workWithSettings(
  settings: GivenSettings,
  handler: TriggerOptions["handler"],
): Promise<string | undefined> {
  let told = "The work failed.";
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const text of chunk.toString().split("\n")) {
        const { message = CONFIGURATION_ERROR } = readLogLine(text) ?? {};
        // The platform's word, which follows the sentence that says what is wrong.
        told = message === CONFIGURATION_ERROR ? told : message;
      }
      done();
    },
  });
  const code = await withSettingsFile(settings, (file) =>
    runTrigger({
      commandLine: () => ({ command: TRIGGER_COMMAND, configurationFile: file }),
      handler,
      output,
      kind: "command",
    }),
  );
  return code === 0 ? undefined : told;
}
