import { parseArgs } from "node:util";
import { InputInvalid, messageOf } from "../../kernel/errors.ts";

export type CommandLine = {
  /** What `docker_parameters` of the module's files names. */
  readonly command: string | undefined;
  /** The folder of the platform's files. */
  readonly symphonyDirectory?: string | undefined;
  /** A JSON file with the item's arguments, in place of the platform's sources. */
  readonly configurationFile?: string | undefined;
  /** One port for the pages of health, ledger and metrics. */
  readonly httpPort?: number | undefined;
};

/**
 * The container's command line, as the platform gives it.
 * @param argv What follows the script's name.
 * @throws InputInvalid for an option that does not exist.
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { "symphony-dir": { type: "string" }, config: { type: "string" } },
    });
    return {
      command: positionals[0],
      symphonyDirectory: values["symphony-dir"],
      configurationFile: values.config,
    };
  } catch (error) {
    throw new InputInvalid(`${messageOf(error)}; usage: <command> [--symphony-dir DIR] [--config FILE]`, {
      cause: error,
    });
  }
}
