#!/usr/bin/env node
import { CommanderError } from "commander";
import { AppError, messageOf } from "../kernel/errors.ts";
import { createProgram } from "./program.ts";

/** What a person must change before the command can work. */
const USAGE_CODES: ReadonlySet<string> = new Set(["INPUT_INVALID", "CONFIGURATION_INVALID"]);

try {
  await createProgram().parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`${messageOf(thrown)}\n`);
    process.exitCode = thrown instanceof AppError && USAGE_CODES.has(thrown.code) ? 2 : 1;
  }
}
