/** Parser file and field files → what they say, with a diagnostic for whatever they should not. */
export { readFields } from "./fields.ts";
export { type FieldNote, type Manifest, readFieldNotes, readManifest } from "./meta.ts";
export { readParser } from "./parser.ts";
