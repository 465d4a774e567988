import { CommanderError } from "commander";
import { AppError, messageOf } from "../kernel/errors.ts";
import { createProgram } from "./program.ts";

/** What a person must change before the command can work. */
const USAGE_CODES: ReadonlySet<string> = new Set(["INPUT_INVALID", "CONFIGURATION_INVALID"]);

// Without a listener, this signal opens a debugger, and with it everything that the process knows.
process.on("SIGUSR1", () => undefined);

// Whoever reads the output may have seen enough (`| head -1`): that is not a failure to tell.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") {
      throw error;
    }
    process.exit(process.exitCode ?? 0);
  });
}

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
