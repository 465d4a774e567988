import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { readManifest } from "../platform/config/module-files.ts";
import { registerCheck } from "./check.ts";
import { registerCompletion } from "./completion.ts";
import { registerDeadLetter } from "./deadletter.ts";
import { registerEvents } from "./events.ts";
import { registerFormats } from "./formats.ts";
import { registerHub } from "./hub.ts";
import { registerIntake } from "./intake.ts";
import { registerLocal } from "./local.ts";
import { registerParse } from "./parse.ts";
import { registerReplay } from "./replay.ts";
import { registerRules } from "./rules.ts";
import { registerRun } from "./run.ts";
import { registerSend } from "./send.ts";
import { registerSetup } from "./setup.ts";
import { registerStudio } from "./studio.ts";

/** The command line with all its commands. A wrong use throws commander's error instead of ending the process. */
export function createProgram(): Command {
  const program = new Command("eventhub-intake")
    .description(
      "Brings Azure Event Hubs logs into a SOC.\nExit codes: 0 fine, 1 failed, 2 wrong usage or configuration.",
    )
    .version(readManifest(fileURLToPath(new URL("../..", import.meta.url))).version)
    .exitOverride();
  registerRun(program);
  registerCheck(program);
  registerSetup(program);
  registerStudio(program);
  registerLocal(program);
  registerHub(program);
  registerIntake(program);
  registerEvents(program);
  registerSend(program);
  registerDeadLetter(program);
  registerReplay(program);
  registerParse(program);
  registerFormats(program);
  registerRules(program);
  registerCompletion(program);
  for (const command of program.commands) {
    command.exitOverride();
    for (const below of command.commands) {
      below.exitOverride();
    }
  }
  return program;
}
