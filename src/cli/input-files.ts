import { readFileSync } from "node:fs";
import { InputInvalid, messageOf } from "../kernel/errors.ts";

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
