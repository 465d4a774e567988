/** A rule file → its rules, and what each says of itself. */
import {
  type Diagnostic,
  type Dialect,
  LEVELS,
  type Level,
  type Logsource,
  type RuleInfo,
  type RuleText,
  type Span,
} from "../contract.ts";
import type { RuleSource, SourceEntry, SourceMap, SourceNode } from "../syntax.ts";
import { entryOf, nodeOf, textOf, textsOf } from "./nodes.ts";
import { readYaml } from "./yaml.ts";

export type RuleFile = {
  readonly sources: readonly RuleSource[];
  readonly diagnostics: readonly Diagnostic[];
};

export function readRules({ name, text }: RuleText, dialect: Dialect): RuleFile {
  const file = readYaml(name, text);
  const reader = new RuleReader(name, dialect, [...file.diagnostics]);
  const [comment] = file.comments;
  if (dialect === "platform" && comment !== undefined) {
    const message = "the platform keeps no comments of a rule";
    reader.tell("warning", "comment", message, "move it to the description", comment);
  }
  const sources = withGlobals(file.documents).flatMap((document) => reader.read(document));
  return { sources, diagnostics: reader.diagnostics };
}

/** `action: global` gives its entries to all documents after it, until `action: reset`. */
function withGlobals(documents: readonly SourceNode[]): SourceNode[] {
  let shared: SourceMap | undefined;
  return documents.flatMap((document) => {
    const action = document.kind === "map" ? textOf(nodeOf(document, "action")) : undefined;
    if (document.kind === "map" && action === "global") {
      shared = merged(shared, withoutAction(document));
      return [];
    }
    if (action === "reset") {
      shared = undefined;
      return [];
    }
    return [document.kind === "map" ? merged(shared, document) : document];
  });
}

function withoutAction(map: SourceMap): SourceMap {
  return { ...map, entries: map.entries.filter(({ key }) => key !== "action") };
}

function merged(base: SourceMap | undefined, map: SourceMap): SourceMap {
  if (base === undefined) {
    return map;
  }
  const entries = new Map<string, SourceEntry>(base.entries.map((entry) => [entry.key, entry]));
  for (const entry of map.entries) {
    const below = entries.get(entry.key)?.value;
    const { value } = entry;
    const both = below?.kind === "map" && value.kind === "map" ? merged(below, value) : value;
    entries.set(entry.key, { ...entry, value: both });
  }
  return { ...map, entries: [...entries.values()] };
}

class RuleReader {
  readonly diagnostics: Diagnostic[];
  readonly #file: string;
  readonly #dialect: Dialect;

  constructor(file: string, dialect: Dialect, diagnostics: Diagnostic[]) {
    this.#file = file;
    this.#dialect = dialect;
    this.diagnostics = diagnostics;
  }

  tell(severity: Diagnostic["severity"], code: string, message: string, hint: string, span: Span): void {
    this.diagnostics.push({ severity, code, message, hint, span });
  }

  read(document: SourceNode): RuleSource[] {
    const refuse = (message: string, hint: string): RuleSource[] => {
      this.tell("error", "not-a-rule", message, hint, document.span);
      return [];
    };
    if (document.kind !== "map") {
      return refuse("a rule is a map", "begin with `title:`");
    }
    const body = this.#body(document);
    if (body === undefined) {
      return refuse(
        "the document has no `detection`, `correlation`, `filter` or `indicators`",
        "add `detection:` with selections and a `condition`",
      );
    }
    const kind = body.kind === "filter" ? "detection" : body.kind;
    return [{ span: document.span, info: this.#info(document, kind), body }];
  }

  #body(document: SourceMap): RuleSource["body"] | undefined {
    const action = textOf(nodeOf(document, "action"));
    if (action === "correlation") {
      this.#onlyIn(
        "platform",
        "`action: correlation`",
        "write `correlation:` with what belongs to it",
        document,
      );
      return { kind: "correlation", correlation: document };
    }
    const correlation = nodeOf(document, "correlation");
    if (correlation?.kind === "map") {
      this.#onlyIn("standard", "`correlation:`", "write `action: correlation`", document);
      return { kind: "correlation", correlation };
    }
    const filter = nodeOf(document, "filter");
    if (filter?.kind === "map") {
      return { kind: "filter", filter };
    }
    const detection = nodeOf(document, "detection");
    if (detection?.kind === "map") {
      return { kind: "detection", detection, timezone: nodeOf(document, "timezone") };
    }
    return nodeOf(document, "indicators") === undefined ? undefined : { kind: "indicators" };
  }

  #onlyIn(dialect: Dialect, what: string, hint: string, { span }: SourceMap): void {
    if (this.#dialect !== dialect) {
      const message = `${what} belongs to the ${dialect} dialect; it is understood anyway`;
      this.tell("warning", "other-dialect", message, hint, span);
    }
  }

  #info(document: SourceMap, kind: RuleInfo["kind"]): RuleInfo {
    const text = (key: string): string | undefined => textOf(nodeOf(document, key));
    const texts = (key: string): string[] => textsOf(nodeOf(document, key));
    const title = text("title") ?? text("name") ?? this.#file;
    return {
      kind,
      name: text("name") ?? title,
      id: text("id"),
      title,
      level: this.#level(document),
      status: text("status"),
      description: text("description")?.trim(),
      author: text("author"),
      date: text("date"),
      effort: text("effort"),
      tags: texts("tags"),
      references: texts("references"),
      falsePositives: texts("falsepositives"),
      fields: texts("fields"),
      logsource: logsourceOf(nodeOf(document, "logsource")),
      file: this.#file,
      isAlerting: true,
    };
  }

  #level(document: SourceMap): Level {
    const entry = entryOf(document, "level");
    const written = textOf(entry?.value)?.toLowerCase();
    const level = LEVELS.find((known) => known === written);
    if (entry !== undefined && level === undefined) {
      const hint = `write one of ${LEVELS.join(", ")}`;
      this.tell(
        "warning",
        "unknown-level",
        "the rule's level is not known; medium stands in",
        hint,
        entry.keySpan,
      );
    }
    return level ?? "medium";
  }
}

/** `any` names no source in particular. */
function logsourceOf(node: SourceNode | undefined): Logsource {
  const found: { category?: string; product?: string; service?: string } = {};
  for (const key of ["category", "product", "service"] as const) {
    const text = node?.kind === "map" ? textOf(nodeOf(node, key)) : undefined;
    if (text !== undefined && text !== "any") {
      found[key] = text.toLowerCase();
    }
  }
  return found;
}
