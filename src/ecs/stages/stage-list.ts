import type { StageDefinition } from "../contract/stage.ts";
import { cefParse } from "./cef.ts";
import { dateParse } from "./date.ts";
import { dictParse } from "./dict.ts";
import { dsvParse } from "./dsv.ts";
import { grokCaseMatch, grokMatch } from "./grok.ts";
import { jsonParse } from "./json.ts";
import { kvParse } from "./kv.ts";
import { leefParse } from "./leef.ts";
import { xmlParse } from "./xml.ts";
import { windowsEventParse } from "./xml-windows-event.ts";

/** Every external stage of the language. */
export const STAGES: readonly StageDefinition[] = [
  jsonParse,
  dictParse,
  dateParse,
  kvParse,
  grokMatch,
  grokCaseMatch,
  dsvParse,
  cefParse,
  leefParse,
  xmlParse,
  windowsEventParse,
];
