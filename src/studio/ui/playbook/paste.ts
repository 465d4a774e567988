/** What was recognised in a pasted text: values by the names of the settings. */
export type Recognised = {
  readonly values: Readonly<Record<string, string>>;
  /** Parts that look like a setting but are unknown, by their names, never with their values. */
  readonly unknown: readonly string[];
};

/** The trigger's settings by their names, and what they are called on the page. */
export type KnownSettings = Readonly<Record<string, { readonly title?: string }>>;

const PLACEHOLDER = /^(to be completed\b.*|<[^>]*>|x{5,}|-+)?$/i;
const NAME = /^[a-z][a-z0-9_]{2,40}$/;
const HUB_STRING = /\bEndpoint=sb:\/\/[^\s|"'`,]+/i;
const STORAGE_STRING =
  /(?:DefaultEndpointsProtocol|BlobEndpoint|AccountName)=[^\s|"'`,]*(?:AccountKey|SharedAccessSignature)=[^\s|"'`,]+|UseDevelopmentStorage=true[^\s|"'`,]*/i;

/**
 * Reads the setup guide's table (tabs or pipes, rows and columns in any order, with or without its head), lines such as
 * `hub_name: value`, settings or a deployment's outputs as JSON, and connection strings wherever they stand.
 */
export function readPaste(text: string, known: KnownSettings): Recognised {
  const json = readJson(text, known);
  if (json !== undefined) {
    return json;
  }
  const names = namesOf(known);
  const values: Record<string, string> = {};
  const unknown: string[] = [];
  let valueColumn: number | undefined;
  let alone: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const cells = cellsOf(line);
    const headed = cells.findIndex((cell) => /^(your )?values?$/i.test(cell));
    if (headed >= 0) {
      valueColumn = headed;
      continue;
    }
    const { name, value } = readRow(line, cells, names, valueColumn);
    const of = alone;
    alone = name !== undefined && value === undefined ? name : undefined;
    if (name === undefined) {
      const connection = readConnection(line);
      // A name alone on its line has its value on the next, as the portal shows outputs.
      const isValue = of !== undefined && line.trim() !== "";
      Object.assign(values, isValue ? takeValue(of, line.trim()) : connection);
    } else if (Object.hasOwn(known, name)) {
      Object.assign(values, takeValue(name, value ?? ""));
    } else if (value !== undefined && value !== "") {
      unknown.push(name);
    }
  }
  return { values: { ...namedByHub(values), ...values }, unknown };
}

function takeValue(name: string, value: string): Record<string, string> {
  return PLACEHOLDER.test(value) ? {} : { [name]: value };
}

/** A setting by its name, and by its title in any case. */
function namesOf(known: KnownSettings): ReadonlyMap<string, string> {
  const titles = Object.entries(known).map(
    ([name, { title = name }]) => [title.toLowerCase(), name] as const,
  );
  return new Map([...titles, ...Object.keys(known).map((name) => [name, name] as const)]);
}

function cellsOf(line: string): readonly string[] {
  const cells = line.includes("\t") ? line.split("\t") : line.includes("|") ? line.split(/(?<!\\)\|/) : [];
  return cells.map(bare);
}

function bare(text: string): string {
  return text
    .trim()
    .replace(/^(?:\*\*|[`"'])+|(?:\*\*|[`"'])+$/g, "")
    .replaceAll("\\|", "|");
}

type Row = { readonly name: string | undefined; readonly value: string | undefined };

function readRow(
  line: string,
  cells: readonly string[],
  names: ReadonlyMap<string, string>,
  valueColumn: number | undefined,
): Row {
  const byName = cells.findIndex((cell) => names.has(cell) && cell === names.get(cell));
  const at = byName >= 0 ? byName : cells.findIndex((cell) => names.has(cell.toLowerCase()));
  if (at >= 0) {
    const isLast = cells.slice(at + 1).every((cell) => cell === "");
    const beside = isLast ? cells.slice(0, at).findLast((cell) => cell !== "") : cells[at + 1];
    const value = valueColumn === undefined || valueColumn === at ? beside : cells[valueColumn];
    return {
      name: names.get(cells[at] ?? "") ?? names.get((cells[at] ?? "").toLowerCase()),
      value: value ?? "",
    };
  }
  const pair = /^\s*["'`]?([a-z][a-z0-9_]+)["'`]?\s*[:=]\s*(.*?),?\s*$/.exec(line);
  if (pair?.[1] !== undefined && (names.has(pair[1]) || pair[1].includes("_"))) {
    return { name: pair[1], value: bare(pair[2] ?? "") };
  }
  const titled = /^\s*([^:=|\t]+?)\s*:\s*(\S.*?)\s*$/.exec(line);
  const title = names.get((titled?.[1] ?? "").toLowerCase());
  if (title !== undefined) {
    return { name: title, value: bare(titled?.[2] ?? "") };
  }
  if (names.has(line.trim())) {
    return { name: names.get(line.trim()), value: undefined };
  }
  const filled = cells.filter((cell) => cell !== "");
  const first = filled[0] ?? "";
  return NAME.test(first) && first.includes("_") && filled.length > 1
    ? { name: first, value: filled[1] ?? "" }
    : { name: undefined, value: undefined };
}

function readConnection(line: string): Record<string, string> {
  const hub = HUB_STRING.exec(line)?.[0];
  const storage = STORAGE_STRING.exec(line)?.[0];
  return {
    ...(hub !== undefined && { hub_connection_string: hub }),
    ...(storage !== undefined && { storage_connection_string: storage }),
  };
}

/** The hub that a connection string names, where nothing else names it. */
function namedByHub(values: Readonly<Record<string, string>>): Record<string, string> {
  const hub = /(?:^|;)EntityPath=([^;]+)/i.exec(values["hub_connection_string"] ?? "")?.[1];
  return hub === undefined ? {} : { hub_name: hub };
}

function readJson(text: string, known: KnownSettings): Recognised | undefined {
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
    if (!Object.hasOwn(known, name)) {
      unknown.push(name);
    } else {
      Object.assign(values, takeValue(name, textOf(fieldOf(given, "value") ?? given)));
    }
  }
  return { values: { ...namedByHub(values), ...values }, unknown };
}

/** Numbers, switches and lists as a person would write them into a table. */
function textOf(value: unknown): string {
  const items = Array.isArray(value) ? value : [value];
  return items
    .filter((item) => typeof item === "string" || typeof item === "number" || typeof item === "boolean")
    .join(",");
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
