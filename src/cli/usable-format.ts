import type { Writable } from "node:stream";
import { compileFormat, type Format } from "../ecs/engine.ts";
import { loadFormat } from "../ecs/load.ts";
import { InputInvalid } from "../kernel/errors.ts";
import { diagnosticsText } from "./format-diagnostics.ts";
import { formatFolder } from "./format-folder.ts";
import { writeText } from "./streams.ts";

/** A format that a person named, compiled, and where it lies. */
export type UsableFormat = { readonly format: Format; readonly folder: string };

/**
 * Compiles a format; what is wrong with it goes to standard error, and the rest of it works anyway.
 * @param name A bundled format, or the path of a format's folder.
 * @throws InputInvalid when there is no such format, or nothing of it can be used.
 */
export async function usableFormat(name: string, stderr: Writable): Promise<UsableFormat> {
  const folder = formatFolder(name);
  const { format, diagnostics } = compileFormat(loadFormat(folder));
  await writeText(stderr, diagnosticsText(diagnostics));
  if (format === undefined) {
    throw new InputInvalid(`the format ${name} cannot be used: its parser file is not a map; fix it first`);
  }
  return { format, folder };
}
