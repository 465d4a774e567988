import { readFileSync, statSync } from "node:fs";
import { InputInvalid, messageOf } from "../kernel/errors.ts";

/**
 * Proves that a person named a file that can be read line by line.
 * @throws InputInvalid for a folder, or where nothing is.
 */
export function requireFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new InputInvalid(`the file ${path} does not exist; name files of raw events`);
  }
  if (found.isDirectory()) {
    throw new InputInvalid(`${path} is a folder; name the files in it, for example ${path}/*.log`);
  }
}

/**
 * The text of a file that a person named.
 * @throws InputInvalid when it cannot be read.
 */
export function readTextInput(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new InputInvalid(`the file ${path} cannot be read (${messageOf(cause)}); check its path`, {
      cause,
    });
  }
}

/**
 * The JSON of a file that a person named.
 * @throws InputInvalid when it cannot be read or is not JSON.
 */
export function readJsonInput(path: string): unknown {
  const text = readTextInput(path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputInvalid(`the file ${path} is not JSON (${messageOf(cause)})`, { cause });
  }
}
