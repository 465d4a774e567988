import { parseArgs } from "node:util";
import { InputInvalid, messageOf } from "../../kernel/errors.ts";

export type CommandLine = {
  /** What `docker_parameters` of the module's files names. */
  readonly command: string | undefined;
  readonly symphonyDirectory: string | undefined;
  /** A JSON file with the item's arguments, in place of the platform's sources. */
  readonly configurationFile: string | undefined;
  /** How many processes share the work. */
  readonly workers: string | undefined;
};

/**
 * @param argv What follows the script's name.
 * @throws InputInvalid for an option that does not exist.
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        "symphony-dir": { type: "string" },
        config: { type: "string" },
        workers: { type: "string" },
      },
    });
    return {
      command: positionals[0],
      symphonyDirectory: values["symphony-dir"],
      configurationFile: values.config,
      workers: values.workers,
    };
  } catch (error) {
    throw new InputInvalid(
      `${messageOf(error)}; usage: <command> [--symphony-dir DIR] [--config FILE] [--workers N]`,
      {
        cause: error,
      },
    );
  }
}
