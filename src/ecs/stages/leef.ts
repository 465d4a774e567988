import { type StageDefinition, StageFailure } from "../contract/stage.ts";
import type { Dict } from "../contract/value.ts";
import { inputText } from "./properties.ts";

const NO_TEXT = new StageFailure("there is no text to read");
const NO_LEEF = new StageFailure("the text has no LEEF header of five fields");
const HEADER = ["LEEFVersion", "DeviceVendor", "DeviceProduct", "DeviceVersion", "DeviceEventClassID"];
/** How syslog daemons write a tab. */
const SYSLOG_TAB = "#011";

/** `leef.parse-leef`: QRadar's Log Event Extended Format. */
export const leefParse: StageDefinition = {
  name: "leef.parse-leef",
  summary: "Reads a LEEF event of version 1 or 2.",
  properties: [],
  examples: [
    {
      title: "version 1 has tabs; a key without a value is absent",
      properties: {},
      input: "<13>host LEEF:1.0|Acme|Gate|1|login|src=192.0.2.1#011 usrName = ann\tdst=\tmsg=a=b",
      result: {
        LEEFVersion: "1.0",
        DeviceVendor: "Acme",
        DeviceProduct: "Gate",
        DeviceVersion: "1",
        DeviceEventClassID: "login",
        src: "192.0.2.1",
        usrName: "ann",
        msg: "a=b",
      },
    },
    {
      title: "version 2 names its separator",
      properties: {},
      input: "LEEF:2.0|Acme|Gate|1|login|x5E|src=192.0.2.1^usrName=ann",
      result: {
        LEEFVersion: "2.0",
        DeviceVendor: "Acme",
        DeviceProduct: "Gate",
        DeviceVersion: "1",
        DeviceEventClassID: "login",
        src: "192.0.2.1",
        usrName: "ann",
      },
    },
    { title: "no LEEF", properties: {}, input: "LEEF:1.0|a|b", result: "failure" },
  ],
  prepare() {
    return ({ value }) => {
      const text = inputText(value);
      return text === undefined ? NO_TEXT : readLeef(text);
    };
  },
};

function readLeef(text: string): Dict | StageFailure {
  const marker = text.indexOf("LEEF:");
  if (marker < 0) {
    return NO_LEEF;
  }
  const dict: Dict = new Map();
  let at = marker + 5;
  for (const name of HEADER) {
    const end = text.indexOf("|", at);
    if (end < 0) {
      return NO_LEEF;
    }
    dict.set(name, text.slice(at, end).trim());
    at = end + 1;
  }
  let separator = "\t";
  if (text.startsWith("2", marker + 5)) {
    const end = text.indexOf("|", at);
    // Some senders of version 2 leave the field out.
    const written = end < 0 ? undefined : readSeparator(text.slice(at, end));
    if (written !== undefined) {
      separator = written;
      at = end + 1;
    }
  }
  const body = text.slice(at);
  const pairs = (separator === "\t" ? body.replaceAll(SYSLOG_TAB, "\t") : body).split(separator);
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    const value = pair.slice(equals + 1).trim();
    if (equals > 0 && value !== "") {
      dict.set(pair.slice(0, equals).trim(), value);
    }
  }
  return dict;
}

/** A character, or its code as `0x5E` or `x5E`; undefined when it is neither. */
function readSeparator(field: string): string | undefined {
  if (field.trim() === "") {
    return "\t";
  }
  const code = /^\s*(?:0?[xX])([0-9A-Fa-f]{1,4})\s*$/.exec(field)?.[1];
  if (code !== undefined) {
    return String.fromCharCode(Number.parseInt(code, 16));
  }
  if (field === "\\t") {
    return "\t";
  }
  return field.length <= 2 ? field : undefined;
}
