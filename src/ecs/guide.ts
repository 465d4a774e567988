/** Format folder → what a person wants to know of the format, from its own files. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Dict, Value } from "./contract/value.ts";
import { parseJson } from "./literal/json-literal.ts";
import { type FieldNote, type Manifest, readFieldNotes, readManifest } from "./source/meta-files.ts";

export type Guide = {
  readonly manifest: Manifest;
  /** The format's own field file, in its order. */
  readonly fields: readonly FieldNote[];
  /** The format's tests: raw event and ECS event. */
  readonly samples: readonly { readonly name: string; readonly expected: Dict }[];
  /** The values that the samples' events have, sorted. */
  readonly kinds: readonly string[];
  readonly categories: readonly string[];
  readonly types: readonly string[];
};

/** @param folder Holds the format's `_meta` and `tests`; what is missing there is empty in the guide. */
export function readGuide(folder: string): Guide {
  const manifestFile = join(folder, "_meta", "manifest.yml");
  const fieldsFile = join(folder, "_meta", "fields.yml");
  const samples = readSamples(join(folder, "tests"));
  const valuesOf = (name: string): string[] => {
    const found = samples.flatMap(({ expected }) => textsOf(eventField(expected, name)));
    return [...new Set(found)].sort();
  };
  return {
    manifest: readManifest(manifestFile, textOrEmpty(manifestFile)).manifest,
    fields: readFieldNotes(fieldsFile, textOrEmpty(fieldsFile)),
    samples,
    kinds: valuesOf("kind"),
    categories: valuesOf("category"),
    types: valuesOf("type"),
  };
}

function readSamples(folder: string): { name: string; expected: Dict }[] {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];
  return files.sort().flatMap((file) => {
    const test = parseJson(readFileSync(join(folder, file), "utf8"));
    const expected = test instanceof Map ? test.get("expected") : undefined;
    return expected instanceof Map ? [{ name: basename(file, ".json"), expected }] : [];
  });
}

function textOrEmpty(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function eventField(event: Dict, name: string): Value {
  const dict = event.get("event");
  return dict instanceof Map ? dict.get(name) : undefined;
}

function textsOf(value: Value): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "string");
}
