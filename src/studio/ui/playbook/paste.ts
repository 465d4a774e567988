/** What was recognised in a pasted text: values by the names of the settings. */
export type Recognised = {
  readonly values: Readonly<Record<string, string>>;
  /** Parts that look like a setting but are unknown, by their names, never with their values. */
  readonly unknown: readonly string[];
};

const PLACEHOLDER = /^(to be completed\b.*|<[^>]*>|x{5,}|-+)?$/i;
const NAME = /^[a-z][a-z0-9_]{2,40}$/;

/**
 * Reads the setup guide's table (tabs or pipes, any order, with or without its head), lines such as `hub_name: value`,
 * settings or a deployment's outputs as JSON, and bare connection strings.
 * @param known The names of the trigger's settings.
 */
export function readPaste(text: string, known: ReadonlySet<string>): Recognised {
  const json = readJson(text, known);
  if (json !== undefined) {
    return json;
  }
  const values: Record<string, string> = {};
  const unknown: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const { name, value } = readRow(line, known);
    if (name !== undefined && known.has(name)) {
      if (!PLACEHOLDER.test(value)) {
        values[name] = value;
      }
    } else if (name !== undefined && value !== "") {
      unknown.push(name);
    } else {
      Object.assign(values, readConnection(line.trim()));
    }
  }
  return { values: { ...namedByHub(values), ...values }, unknown };
}

function readRow(line: string, known: ReadonlySet<string>): { name: string | undefined; value: string } {
  const cells = line.includes("\t") ? line.split("\t") : line.includes("|") ? line.split("|") : [];
  const trimmed = cells.map((cell) => cell.trim().replace(/^[`"']|[`"']$/g, ""));
  const at = trimmed.findIndex((cell) => known.has(cell));
  if (at >= 0) {
    return { name: trimmed[at], value: trimmed[at + 1] ?? "" };
  }
  const pair = /^\s*["'`]?([a-z][a-z0-9_]+)["'`]?\s*[:=]\s*(.*?)\s*$/.exec(line);
  if (pair?.[1] !== undefined && (known.has(pair[1]) || pair[1].includes("_"))) {
    return { name: pair[1], value: (pair[2] ?? "").replace(/^["'`]|["'`],?$/g, "") };
  }
  const filled = trimmed.filter((cell) => cell !== "");
  const first = filled[0] ?? "";
  return NAME.test(first) && first.includes("_") && filled.length > 1
    ? { name: first, value: filled[1] ?? "" }
    : { name: undefined, value: "" };
}

function readConnection(text: string): Record<string, string> {
  const bare = text.replace(/^["'`]|["'`,]+$/g, "");
  if (/^Endpoint=sb:\/\//i.test(bare)) {
    return { hub_connection_string: bare };
  }
  if (/(^|;)(AccountKey|SharedAccessSignature)=|^UseDevelopmentStorage=true/i.test(bare)) {
    return { storage_connection_string: bare };
  }
  return {};
}

/** The hub that a connection string names, where nothing else names it. */
function namedByHub(values: Readonly<Record<string, string>>): Record<string, string> {
  const hub = /(?:^|;)EntityPath=([^;]+)/i.exec(values["hub_connection_string"] ?? "")?.[1];
  return hub === undefined ? {} : { hub_name: hub };
}

function readJson(text: string, known: ReadonlySet<string>): Recognised | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Not JSON: a table, lines or a connection string.
    return undefined;
  }
  const outputs = fieldOf(fieldOf(json, "properties"), "outputs") ?? fieldOf(json, "outputs") ?? json;
  if (typeof outputs !== "object" || outputs === null) {
    return undefined;
  }
  const values: Record<string, string> = {};
  const unknown: string[] = [];
  for (const [name, given] of Object.entries(outputs)) {
    const value: unknown = fieldOf(given, "value") ?? given;
    if (!known.has(name)) {
      unknown.push(name);
    } else if (typeof value === "string" && !PLACEHOLDER.test(value)) {
      values[name] = value;
    }
  }
  return { values: { ...namedByHub(values), ...values }, unknown };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
