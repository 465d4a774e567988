import Type, { type Static } from "typebox";
import { Field, SourceDiagnostic, StageTrace } from "./shared.ts";

export const FormatEntry = Type.Object({
  /** Its key in addresses: the folder's name. */
  name: Type.String(),
  title: Type.String(),
  /** The folder it was read from. */
  folder: Type.String(),
  /** The local intake parses with it. */
  isInUse: Type.Boolean(),
  isBundled: Type.Boolean(),
  tests: Type.Integer(),
});
export type FormatEntry = Static<typeof FormatEntry>;

export const FormatList = Type.Object({ formats: Type.Array(FormatEntry) });
export type FormatList = Static<typeof FormatList>;

export const FormatDetail = Type.Object({
  entry: FormatEntry,
  /** The text of `ingest/parser.yml`. */
  parser: Type.String(),
  /** The events of its tests. */
  samples: Type.Array(Type.Object({ name: Type.String(), event: Type.String() })),
});
export type FormatDetail = Static<typeof FormatDetail>;

/** What the editor completes. */
export const FormatLanguage = Type.Object({
  stages: Type.Array(
    Type.Object({ name: Type.String(), summary: Type.String(), properties: Type.Array(Type.String()) }),
  ),
  functions: Type.Array(
    Type.Object({
      name: Type.String(),
      kind: Type.Enum(["filter", "test", "method"]),
      summary: Type.String(),
      example: Type.String(),
    }),
  ),
  /** ECS fields and those that the bundled formats declare. */
  fields: Type.Array(Type.Object({ path: Type.String(), type: Type.String() })),
});
export type FormatLanguage = Static<typeof FormatLanguage>;

export const TryFormat = Type.Object({
  parser: Type.String({ maxLength: 2_000_000 }),
  event: Type.String({ maxLength: 2_000_000 }),
  /** A sample's name: the answer then holds the differences from what its test expects. */
  sample: Type.Union([Type.Null(), Type.String()]),
});
export type TryFormat = Static<typeof TryFormat>;

export const FormatTrial = Type.Object({
  diagnostics: Type.Array(SourceDiagnostic),
  /** The event's leaves in the order of their paths; empty when the format does not compile. */
  fields: Type.Array(Field),
  /** The whole ECS event as JSON with two spaces. */
  json: Type.String(),
  description: Type.Union([Type.Null(), Type.String()]),
  stages: Type.Array(StageTrace),
  warnings: Type.Array(Type.Object({ stage: Type.String(), field: Type.String(), reason: Type.String() })),
  tookMicros: Type.Number(),
  /** Null without a sample. */
  differences: Type.Union([
    Type.Null(),
    Type.Array(Type.Object({ path: Type.String(), expected: Type.String(), actual: Type.String() })),
  ]),
});
export type FormatTrial = Static<typeof FormatTrial>;

export const TestFormat = Type.Object({ parser: TryFormat.properties.parser });
export type TestFormat = Static<typeof TestFormat>;

export const FormatTests = Type.Object({
  passed: Type.Integer(),
  failed: Type.Integer(),
  diagnostics: Type.Array(SourceDiagnostic),
  results: Type.Array(Type.Object({ name: Type.String(), isPassed: Type.Boolean(), detail: Type.String() })),
});
export type FormatTests = Static<typeof FormatTests>;

/** Writes the format to a folder of one's own, `formats/NAME` in the studio's data; the local intake parses with it from then on. */
export const SaveFormat = Type.Object({
  parser: TryFormat.properties.parser,
  /** A folder's name. */
  name: Type.String({ pattern: "^[a-z0-9][a-z0-9_-]{0,63}$" }),
});
export type SaveFormat = Static<typeof SaveFormat>;

export const FormatSaved = Type.Object({
  folder: Type.String(),
  name: Type.String(),
  /** False when nothing of it can be used: then the local intake goes on with the format that it had. */
  isInUse: Type.Boolean(),
});
export type FormatSaved = Static<typeof FormatSaved>;
