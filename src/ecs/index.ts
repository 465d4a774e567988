/** The parser library: raw events to ECS events by a format of the platform's language. */

export type { Diagnostic, Span } from "../kernel/diagnostic.ts";
export { type FormatResult, testFormats } from "./conformance.ts";
export type { TraceEntry, Warning } from "./contract/program.ts";
export type { Dict, Value } from "./contract/value.ts";
export { Float } from "./contract/value.ts";
export { describeEvent, readDescriptions, type SmartDescription } from "./describe.ts";
export { drawDiagnostic } from "./draw.ts";
export {
  compileFormat,
  type Format,
  FUNCTIONS,
  type ParseOptions,
  type ParseResult,
  type RawEvent,
} from "./engine.ts";
export type { FilesByName, FormatFiles, SourceFile } from "./files.ts";
export { bundledFormats, findFormats, loadBundledFormat, loadFormat } from "./load.ts";
export { type Plain, toJson, toPlain } from "./values/json-text.ts";
