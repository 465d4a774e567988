/** manifest.yml, and the words of fields.yml: what a format says about itself to people. */
import type { Diagnostic } from "../../kernel/diagnostic.ts";
import type { SourceEntry, SourceValue } from "../contract/format-source.ts";
import { readYaml } from "./nodes.ts";

export type Manifest = {
  readonly uuid: string;
  readonly name: string;
  readonly slug: string;
  readonly description: string;
  readonly dataSources: readonly { readonly name: string; readonly description: string }[];
};

export type FieldNote = { readonly path: string; readonly type: string; readonly description: string };

/** @returns Empty texts for what the manifest leaves out. */
export function readManifest(
  file: string,
  text: string,
): { manifest: Manifest; diagnostics: readonly Diagnostic[] } {
  const { root, diagnostics } = readYaml(file, text);
  const dataSources = entriesOf(entryOf(root, "data_sources")).map(({ key, value }) => ({
    name: key,
    description: textOf(value),
  }));
  const manifest = {
    uuid: textOf(entryOf(root, "uuid")),
    name: textOf(entryOf(root, "name")),
    slug: textOf(entryOf(root, "slug")),
    description: textOf(entryOf(root, "description")),
    dataSources,
  };
  return { manifest, diagnostics };
}

/** The declared fields in the file's order, with their descriptions. */
export function readFieldNotes(file: string, text: string): FieldNote[] {
  return entriesOf(readYaml(file, text).root).map(({ key, value }) => ({
    path: textOf(entryOf(value, "name")) || key,
    type: textOf(entryOf(value, "type")),
    description: textOf(entryOf(value, "description")),
  }));
}

function entriesOf(value: SourceValue | undefined): readonly SourceEntry[] {
  return value?.kind === "map" ? value.entries : [];
}

function entryOf(value: SourceValue | undefined, name: string): SourceValue | undefined {
  return entriesOf(value).find(({ key }) => key === name)?.value;
}

function textOf(value: SourceValue | undefined): string {
  return value?.kind === "text" ? value.text.text.trim() : "";
}
