import { type Dict, type StageDefinition, StageFailure } from "../contract.ts";
import { inputText } from "./properties.ts";

const NO_TEXT = new StageFailure("there is no text to read");
const NO_CEF = new StageFailure("the text has no CEF header of seven fields");
const HEADER = [
  "CEFVersion",
  "DeviceVendor",
  "DeviceProduct",
  "DeviceVersion",
  "DeviceEventClassID",
  "Name",
  "Severity",
];
const LABEL = "Label";

/** `cef.parse-cef`: ArcSight's Common Event Format. */
export const cefParse: StageDefinition = {
  name: "cef.parse-cef",
  summary: "Reads a CEF event; a field with a label is there under the label too.",
  properties: [],
  examples: [
    {
      title: "header and extension",
      properties: {},
      input: "<13>host CEF:0|Acme|Wall \\| Gate|1.0|100|blocked|5|src=192.0.2.1 msg=a b \\= c spt=",
      result: {
        CEFVersion: "0",
        DeviceVendor: "Acme",
        DeviceProduct: "Wall | Gate",
        DeviceVersion: "1.0",
        DeviceEventClassID: "100",
        Name: "blocked",
        Severity: "5",
        src: "192.0.2.1",
        msg: "a b \\= c",
      },
    },
    {
      title: "labels, quotes, and the first of repeated keys",
      properties: {},
      input: '0|A|B|1|2|n|3|cs1Label=Rule Name cs1="any any" cat=1 cat=2',
      result: {
        CEFVersion: "0",
        DeviceVendor: "A",
        DeviceProduct: "B",
        DeviceVersion: "1",
        DeviceEventClassID: "2",
        Name: "n",
        Severity: "3",
        cs1Label: "Rule Name",
        cs1: "any any",
        cat: "1",
        "Rule Name": "any any",
      },
    },
    {
      title: "a backslash that ends a value goes with it",
      properties: {},
      input: "CEF:0|A|B|1|2|n|3|path=C:\\Temp\\ file=a\\",
      result: {
        CEFVersion: "0",
        DeviceVendor: "A",
        DeviceProduct: "B",
        DeviceVersion: "1",
        DeviceEventClassID: "2",
        Name: "n",
        Severity: "3",
        path: "C:\\Temp",
        file: "a",
      },
    },
    { title: "no CEF", properties: {}, input: "CEF:0|a|b", result: "failure" },
  ],
  prepare() {
    return ({ value }) => {
      const text = inputText(value);
      return text === undefined ? NO_TEXT : readCef(text);
    };
  },
};

function readCef(text: string): Dict | StageFailure {
  const marker = text.indexOf("CEF:");
  if (marker < 0 && !/^\s*\d+\|/.test(text)) return NO_CEF;
  const dict: Dict = new Map();
  let at = marker < 0 ? 0 : marker + 4;
  for (const [index, name] of HEADER.entries()) {
    const end = endOfField(text, at);
    if (end === text.length && index < HEADER.length - 1) return NO_CEF;
    dict.set(
      name,
      text
        .slice(at, end)
        .replace(/\\([\\|])/g, "$1")
        .trim(),
    );
    at = end + 1;
  }
  readExtension(text.slice(at), dict);
  return dict;
}

/** The next bar that no backslash escapes, or the end. */
function endOfField(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "|") return at;
  }
  return text.length;
}

function readExtension(text: string, dict: Dict): void {
  const extension = new Map<string, string>();
  let key: string | undefined;
  let valueStart = 0;
  const finish = (end: number): void => {
    if (key === undefined || extension.has(key)) return;
    // A backslash at the very end of a value escapes the blank behind it, and goes with it.
    const value = unquote(text.slice(valueStart, end).trim()).replace(/\\$/, "");
    if (value !== "") extension.set(key, value);
  };
  for (let equals = text.indexOf("="); equals >= 0; equals = text.indexOf("=", equals + 1)) {
    const start = startOfKey(text, equals, valueStart);
    if (start === equals || text[equals - 1] === "\\") continue;
    // Only a blank can come before a key; anything else makes the sign part of a value.
    if (start > 0 && !isBlank(text[start - 1])) continue;
    finish(start);
    key = text.slice(start, equals);
    valueStart = equals + 1;
  }
  finish(text.length);
  for (const [name, value] of extension) if (!dict.has(name)) dict.set(name, value);
  for (const [name, label] of extension) {
    if (!name.endsWith(LABEL)) continue;
    const value = extension.get(name.slice(0, -LABEL.length));
    if (value !== undefined && !dict.has(label)) dict.set(label, value);
  }
}

function startOfKey(text: string, equals: number, limit: number): number {
  let start = equals;
  while (start > limit) {
    const character = text[start - 1];
    if (character === "=" || character === "|" || isBlank(character)) break;
    start--;
  }
  return start;
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\n" || character === "\r";
}

function unquote(value: string): string {
  const quote = value[0];
  const isQuoted = value.length > 1 && (quote === '"' || quote === "'") && value.endsWith(quote);
  return isQuoted ? value.slice(1, -1) : value;
}
