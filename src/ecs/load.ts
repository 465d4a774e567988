/** Formats → their files' texts. The library's rooms never read files themselves. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  FIELDS_FILES,
  type FilesByName,
  type FormatFiles,
  formatFiles,
  PARSER_FILE,
  type SourceFile,
} from "./files.ts";

/** The formats that come with the package. */
const BUNDLED = fileURLToPath(new URL("../../formats", import.meta.url));

/**
 * @param source A folder that holds `ingest/parser.yml` and, if there are any, `_meta/fields.yml` and the module's
 * `../_meta/fields.yml`; or the texts of these files by the same names.
 * @throws when the parser file cannot be read, or is not among the texts.
 */
export function loadFormat(source: string | FilesByName): FormatFiles {
  if (typeof source !== "string") {
    return formatFiles(source);
  }
  const paths = FIELDS_FILES.map((name) => join(source, name)).filter(existsSync);
  return { parser: readSource(join(source, PARSER_FILE)), fields: paths.map(readSource) };
}

function readSource(path: string): SourceFile {
  return { path, text: readFileSync(path, "utf8") };
}

/** The folders below `root`, itself included, that hold a format; sorted. */
export function findFormats(root: string): string[] {
  if (existsSync(join(root, PARSER_FILE))) {
    return [root];
  }
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."))
    .flatMap((entry) => findFormats(join(root, entry.name)))
    .sort();
}

/** The folders of the formats that come with the package, sorted. */
export function bundledFolders(): string[] {
  return findFormats(BUNDLED);
}

/** The names of the formats that come with the package, as {@link loadBundledFormat} takes them. */
export function bundledFormats(): string[] {
  return bundledFolders().map((folder) => basename(folder));
}

/**
 * The files of a format that comes with the package.
 * @param name One of {@link bundledFormats}.
 * @throws RangeError for any other name, which tells those that there are.
 */
export function loadBundledFormat(name: string): FormatFiles {
  const folder = bundledFolders().find((candidate) => basename(candidate) === name);
  if (folder === undefined) {
    throw new RangeError(
      `no format named "${name}" comes with the package; there are: ${bundledFormats().join(", ")}`,
    );
  }
  return loadFormat(folder);
}
