import type { Writable } from "node:stream";
import { FormatInUse } from "../local/intake/format-in-use.ts";
import { usableFormat } from "./usable-format.ts";

/** What the local intake's events are read with unless a person names another format. */
export const DEFAULT_FORMAT = "microsoft-intune";

/**
 * How a local intake reads its events, and tells of one in a line.
 * @param name A bundled format, or the path of a format's folder; its diagnostics go to standard error.
 * @throws InputInvalid when there is no such format, or nothing of it can be used.
 */
export async function intakeFormat(name: string, stderr: Writable): Promise<FormatInUse> {
  const { format, folder } = await usableFormat(name, stderr);
  return new FormatInUse({ name, format, folder });
}
