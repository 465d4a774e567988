import { InvalidArgumentError } from "commander";

const MAX_PORT = 65_535;

/** @throws InvalidArgumentError for anything but a port. */
export function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > MAX_PORT) {
    throw new InvalidArgumentError(`Give a number from 0 (a free port) to ${MAX_PORT}.`);
  }
  return port;
}

/** @throws InvalidArgumentError for anything but a whole number above 0. */
export function countOf(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count === 0 || !Number.isSafeInteger(count)) {
    throw new InvalidArgumentError("Give a whole number above 0.");
  }
  return count;
}
