#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
// In a clone the sources run as they are; the package has them built.
import { existsSync } from "node:fs";
import process from "node:process";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const source = new URL("../src/cli/main.ts", import.meta.url);
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `eventhub-intake needs Node 22.12 or newer, and this is ${process.version}; update Node, or run npm install node@24 here\n`,
  );
  process.exitCode = 1;
} else {
  const isClone = existsSync(source);
  const [command = "", ...options] = process.argv.slice(2);
  // These open the studio's page, which a clone builds when it is missing or older than its sources.
  const isPageOpened = !["--once", "--help", "-h"].some((option) => options.includes(option));
  if (isClone && isPageOpened && ["local", "studio"].includes(command)) {
    await import(new URL("../scripts/page.ts", import.meta.url).href);
  }
  await import(isClone ? source.href : new URL("../dist/cli/main.js", import.meta.url).href);
}
