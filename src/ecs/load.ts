/** Format folders → their files' texts. The library's rooms never read files themselves. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FormatFiles, SourceFile } from "./engine.ts";

const PARSER_FILE = join("ingest", "parser.yml");
const FIELDS_FILE = join("_meta", "fields.yml");

/**
 * @param folder Holds `ingest/parser.yml`; the module's fields are found in the folder above.
 * @throws when the parser file cannot be read.
 */
export function loadFormat(folder: string): FormatFiles {
  const fields = [join(dirname(folder), FIELDS_FILE), join(folder, FIELDS_FILE)];
  return { parser: readSource(join(folder, PARSER_FILE)), fields: fields.filter(existsSync).map(readSource) };
}

function readSource(path: string): SourceFile {
  return { path, text: readFileSync(path, "utf8") };
}

/** The folders below `root`, itself included, that hold a format; sorted. */
export function findFormats(root: string): string[] {
  if (existsSync(join(root, PARSER_FILE))) return [root];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."))
    .flatMap((entry) => findFormats(join(root, entry.name)))
    .sort();
}
