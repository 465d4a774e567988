/** fields.yml: the fields that a format declares. */
import type { Diagnostic, Span } from "../../kernel/diagnostic.ts";
import type { FieldDeclaration, SourceValue } from "../contract/format-source.ts";
import { readYaml } from "./nodes.ts";

export function readFields(
  file: string,
  text: string,
): { fields: FieldDeclaration[]; diagnostics: Diagnostic[] } {
  const { root, diagnostics } = readYaml(file, text);
  const fields: FieldDeclaration[] = [];
  if (root === undefined) {
    return { fields, diagnostics };
  }
  if (root.kind !== "map") {
    const message = "a field file is a map of field names";
    const hint = "write each field as its name, a colon, and below it its `type`";
    diagnostics.push({ severity: "error", code: "fields-not-a-map", message, hint, span: root.span });
    return { fields, diagnostics };
  }
  for (const { key, keySpan, value } of root.entries) {
    const type = textOf(value, "type");
    if (type === undefined) {
      const message = `the field "${key}" has no type`;
      const hint = "add a line such as `type: keyword`";
      diagnostics.push({ severity: "error", code: "field-without-type", message, hint, span: keySpan });
      continue;
    }
    fields.push({ path: textOf(value, "name") ?? key, type, typeSpan: spanOf(value, "type") });
  }
  return { fields, diagnostics };
}

function spanOf(value: SourceValue, name: string): Span {
  const entry = value.kind === "map" ? value.entries.find(({ key }) => key === name) : undefined;
  return entry?.value.span ?? value.span;
}

function textOf(value: SourceValue, name: string): string | undefined {
  if (value.kind !== "map") {
    return undefined;
  }
  const found = value.entries.find(({ key }) => key === name)?.value;
  return found?.kind === "text" && found.text.text !== "" ? found.text.text : undefined;
}
