#!/usr/bin/env node
import { CommanderError } from "commander";
import { AppError, messageOf } from "../kernel/errors.ts";
import { createProgram } from "./program.ts";

try {
  await createProgram().parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`${messageOf(thrown)}\n`);
    process.exitCode = thrown instanceof AppError && thrown.code === "INPUT_INVALID" ? 2 : 1;
  }
}
