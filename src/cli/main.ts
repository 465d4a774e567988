#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { AppError, messageOf } from "../kernel/errors.ts";
import { registerDeadLetter } from "./deadletter.ts";
import { registerFormats } from "./formats.ts";
import { registerHub } from "./hub.ts";
import { registerIntake } from "./intake.ts";
import { registerLocal } from "./local.ts";
import { registerParse } from "./parse.ts";
import { registerRun } from "./run.ts";
import { registerSend } from "./send.ts";

const program = new Command("eventhub-intake")
  .description(
    "Brings Azure Event Hubs logs into a SOC.\nExit codes: 0 fine, 1 failed, 2 wrong usage or configuration.",
  )
  .exitOverride();
registerRun(program);
registerLocal(program);
registerHub(program);
registerIntake(program);
registerSend(program);
registerDeadLetter(program);
registerParse(program);
registerFormats(program);
for (const command of program.commands) {
  command.exitOverride();
  for (const below of command.commands) below.exitOverride();
}

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`${messageOf(thrown)}\n`);
    process.exitCode = thrown instanceof AppError && thrown.code === "INPUT_INVALID" ? 2 : 1;
  }
}
