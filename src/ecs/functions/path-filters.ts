/** Filters that take paths apart. */
import type { FilterDefinition } from "../contract/function.ts";
import { Fault } from "../contract/value.ts";
import { defineFilter } from "./define.ts";

const NO_TEXT = new Fault("only a text can be a path");

function lastSeparator(path: string): number {
  return Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
}

const basename = defineFilter({
  name: "basename",
  summary: "A path's last part, for paths of either kind.",
  examples: [
    { title: "Windows", expression: "'C:\\\\Temp\\\\a.exe' | basename", result: "a.exe" },
    { title: "POSIX", expression: "'/usr/bin/id' | basename", result: "id" },
    { title: "nothing, so that `or` goes on", expression: "(nothing | basename) or 'x'", result: "x" },
    { title: "no text", expression: "5 | basename", fault: true },
  ],
  run: (value) => {
    if (value === undefined || value === null) {
      return null;
    }
    return typeof value === "string" ? value.slice(lastSeparator(value) + 1) : NO_TEXT;
  },
});

const dirname = defineFilter({
  name: "dirname",
  summary: "A path without its last part; the root of a drive keeps its backslash.",
  examples: [
    { title: "Windows", expression: "'C:\\\\Temp\\\\a.exe' | dirname", result: "C:\\Temp" },
    { title: "a drive's root", expression: "'C:\\\\a.exe' | dirname", result: "C:\\" },
    { title: "POSIX", expression: "'/usr/bin/id' | dirname", result: "/usr/bin" },
    { title: "None", expression: "none | dirname", result: null },
  ],
  run: (value) => {
    if (value === undefined || value === null) {
      return null;
    }
    if (typeof value !== "string") {
      return NO_TEXT;
    }
    const separator = lastSeparator(value);
    if (separator < 0) {
      return "";
    }
    const directory = value.slice(0, separator);
    return value.charAt(separator) === "\\" && /^[A-Za-z]:$/.test(directory) ? `${directory}\\` : directory;
  },
});

export const PATH_FILTERS: readonly FilterDefinition[] = [basename, dirname];
