/** A format's files as texts, and by which names they go. */

/** A file's text; the path is for diagnostics only. */
export type SourceFile = { readonly path: string; readonly text: string };

export type FormatFiles = {
  /** `ingest/parser.yml`. */
  readonly parser: SourceFile;
  /** `_meta/fields.yml`, first of the module, then of the format; a later declaration replaces an earlier one. */
  readonly fields: readonly SourceFile[];
};

export const PARSER_FILE = "ingest/parser.yml";
/** The fields of the module, in the folder above the format's; then the format's own. */
export const FIELDS_FILES = ["../_meta/fields.yml", "_meta/fields.yml"];

/** The texts of a format's files by name: `ingest/parser.yml` and, if there are any, `_meta/fields.yml` and `../_meta/fields.yml`. */
export type FilesByName = Readonly<Record<string, string>>;

/**
 * @param source Files by name, or as {@link FormatFiles}.
 * @throws TypeError that says what is wanted, for anything else.
 */
export function formatFiles(source: FormatFiles | FilesByName): FormatFiles {
  if (isFormatFiles(source)) {
    return source;
  }
  const names = typeof source === "object" && source !== null ? Object.keys(source) : [];
  const parser: unknown = names.includes(PARSER_FILE) ? source[PARSER_FILE] : undefined;
  if (typeof parser !== "string") {
    const got = names.length === 0 ? "" : ` (there is ${names.map((name) => `"${name}"`).join(", ")})`;
    const wanted = [PARSER_FILE, ...FIELDS_FILES].map((name) => `"${name}"`).join(", ");
    throw new TypeError(
      `the format has no ${PARSER_FILE}${got}; give its files' texts by name, ${wanted}, or read a folder by loadFormat`,
    );
  }
  const fields = FIELDS_FILES.flatMap((path) => {
    const text = source[path];
    return text === undefined ? [] : [{ path, text }];
  });
  return { parser: { path: PARSER_FILE, text: parser }, fields };
}

function isFormatFiles(source: FormatFiles | FilesByName): source is FormatFiles {
  const parser: unknown = (source as Partial<FormatFiles> | null)?.parser;
  return typeof parser === "object" && parser !== null;
}
