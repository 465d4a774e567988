import { AppError, InputInvalid, messageOf } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/log.ts";
import { CommandUnknown, ConfigurationInvalid } from "../errors.ts";

/** Exit codes of the module: 0 in order, 1 a failure, 2 the configuration or the command is wrong. */
export const EXIT = { ok: 0, failed: 1, misconfigured: 2 } as const;

/**
 * Tells why the module cannot go on, a line a problem.
 * @returns the exit code.
 */
export function reportFailure(logger: Logger, error: unknown): number {
  if (error instanceof ConfigurationInvalid) {
    for (const problem of error.problems) {
      logger.log("error", problem);
    }
    logger.log("critical", "Configuration error");
    return EXIT.misconfigured;
  }
  if (error instanceof AppError) {
    logger.log("critical", error.message, { code: error.code });
    return error instanceof CommandUnknown || error instanceof InputInvalid
      ? EXIT.misconfigured
      : EXIT.failed;
  }
  logger.log("critical", `the module failed unexpectedly: ${messageOf(error)}`, stackOf(error));
  return EXIT.failed;
}

/** Where an error that nobody foresaw came from, for the log. */
export function stackOf(error: unknown): { readonly stack?: string } {
  return error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
}
