/** Formats → their files' texts. The library's rooms never read files themselves. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FormatFiles, SourceFile } from "./engine.ts";

const PARSER_FILE = "ingest/parser.yml";
const FIELDS_FILE = "_meta/fields.yml";
/** The fields of the module, in the folder above the format's. */
const MODULE_FIELDS_FILE = "../_meta/fields.yml";

/**
 * @param source A folder that holds `ingest/parser.yml` and, if there are any, `_meta/fields.yml` and the module's
 * `../_meta/fields.yml`; or the texts of these files by the same names.
 * @throws when the parser file cannot be read, or is not among the texts.
 */
export function loadFormat(source: string | Readonly<Record<string, string>>): FormatFiles {
  const fields = [MODULE_FIELDS_FILE, FIELDS_FILE];
  if (typeof source === "string") {
    const paths = fields.map((name) => join(source, name)).filter(existsSync);
    return { parser: readSource(join(source, PARSER_FILE)), fields: paths.map(readSource) };
  }
  const texts = [PARSER_FILE, ...fields].map((path) => ({ path, text: source[path] }));
  const [parser, ...found] = texts.filter((file): file is SourceFile => file.text !== undefined);
  if (parser?.path !== PARSER_FILE) throw new TypeError(`the format has no ${PARSER_FILE}; give its text`);
  return { parser, fields: found };
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
