/** Where in a rule's text stands what made it fire. */
import type { MatchedField, MatchPlace, RuleText } from "../contract.ts";
import type { SourceEntry, SourceNode } from "../syntax.ts";
import { entryOf, nodeOf, textOf } from "./nodes.ts";
import { readYaml } from "./yaml.ts";

/**
 * @param id The rule's id or name; a file may hold several.
 * @returns Each field beside the selection and the line that ask for it; the line is undefined where none does.
 */
export function placesOf(
  rule: RuleText,
  id: string,
  selections: readonly string[],
  fields: readonly MatchedField[],
): MatchPlace[] {
  const documents = readYaml(rule.name, rule.text).documents.filter((node) => node.kind === "map");
  const isNamed = (document: SourceNode & { kind: "map" }) =>
    ["id", "name", "title"].some((key) => textOf(nodeOf(document, key)) === id);
  const document = documents.find(isNamed) ?? documents[0];
  if (document === undefined) {
    return [];
  }
  const detection = nodeOf(document, "detection");
  if (selections.length === 0 || detection?.kind !== "map") {
    const [body] = ["correlation", "action", "indicators"].flatMap((key) => entryOf(document, key) ?? []);
    const selection = body === undefined ? "" : body.key === "action" ? "correlation" : body.key;
    return fields.map(({ field, value }) => ({ selection, field, value, line: body?.keySpan.line }));
  }
  const places: MatchPlace[] = [];
  const placed = new Set<MatchedField>();
  for (const selection of selections) {
    const entry = entryOf(detection, selection);
    if (entry === undefined) {
      continue;
    }
    const asked = entriesBelow(entry.value);
    for (const each of fields) {
      const found = asked.filter(({ key }) => key.split("|")[0] === each.field);
      for (const { key, keySpan, value } of found.slice(0, 1)) {
        const item = itemOf(value, each.value);
        places.push({ selection, ...each, line: (item ?? keySpan).line });
        if (key !== "") {
          placed.add(each);
        }
      }
    }
  }
  const [first = ""] = selections;
  for (const each of fields.filter((field) => !placed.has(field))) {
    places.push({ selection: first, ...each, line: entryOf(detection, first)?.keySpan.line });
  }
  return places;
}

function entriesBelow(node: SourceNode): readonly SourceEntry[] {
  if (node.kind === "map") {
    return node.entries;
  }
  return node.kind === "list" ? node.items.flatMap(entriesBelow) : [];
}

/** Of a list of values the one that is the event's. */
function itemOf(node: SourceNode, value: string): SourceNode["span"] | undefined {
  const wanted = value.toLowerCase();
  const items = node.kind === "list" ? node.items : [];
  return items.find((item) => item.kind === "scalar" && item.text.toLowerCase() === wanted)?.span;
}
