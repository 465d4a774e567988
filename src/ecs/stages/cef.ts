import { type StageDefinition, StageFailure } from "../contract/stage.ts";
import type { Dict } from "../contract/value.ts";
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
    {
      title: "quotes inside of quotes, and a sign that belongs to no key",
      properties: {},
      input: 'CEF:0|A|B|1|2|n|3|msg="say "no"" proto=6 scheme:=IKE note="open',
      result: {
        CEFVersion: "0",
        DeviceVendor: "A",
        DeviceProduct: "B",
        DeviceVersion: "1",
        DeviceEventClassID: "2",
        Name: "n",
        Severity: "3",
        msg: 'say "no"',
        proto: "6 scheme:=IKE",
        note: '"open',
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
  if (marker < 0 && !/^\s*\d+\|/.test(text)) {
    return NO_CEF;
  }
  const dict: Dict = new Map();
  let at = marker < 0 ? 0 : marker + 4;
  for (const [index, name] of HEADER.entries()) {
    const end = endOfField(text, at);
    if (end === text.length && index < HEADER.length - 1) {
      return NO_CEF;
    }
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
    if (text[at] === "\\") {
      at++;
    } else if (text[at] === "|") {
      return at;
    }
  }
  return text.length;
}

/** A key and its sign: only a blank or the start can come before it, and `\=` does not count. */
const KEY = /(?:^|(?<=\s))([\w.\-[\]]+)=/g;
/** What may stand behind a closing quote. */
const AFTER_QUOTE = /$|\s+[\w.\-[\]]+=/y;

function readExtension(text: string, dict: Dict): void {
  const extension = new Map<string, string>();
  let key: string | undefined;
  let valueStart = 0;
  const finish = (value: string): void => {
    if (key === undefined || extension.has(key)) {
      return;
    }
    // A backslash at the very end of a value escapes the blank behind it, and goes with it.
    const kept = value.trim().replace(/\\$/, "");
    if (kept !== "") {
      extension.set(key, kept);
    }
  };
  KEY.lastIndex = 0;
  for (let found = KEY.exec(text); found !== null; found = KEY.exec(text)) {
    finish(text.slice(valueStart, found.index));
    key = found[1] ?? "";
    valueStart = KEY.lastIndex;
    const quote = closingQuote(text, valueStart);
    if (quote === undefined) {
      continue;
    }
    finish(text.slice(valueStart + 1, quote));
    key = undefined;
    KEY.lastIndex = quote + 1;
  }
  finish(text.slice(valueStart));
  for (const [name, value] of extension) {
    if (!dict.has(name)) {
      dict.set(name, value);
    }
  }
  for (const [name, label] of extension) {
    if (!name.endsWith(LABEL)) {
      continue;
    }
    const value = extension.get(name.slice(0, -LABEL.length));
    if (value !== undefined && !dict.has(label)) {
      dict.set(label, value);
    }
  }
}

/**
 * Where the quotes around a value end: at the last one before the next value in such quotes that a key or the very end
 * of the text follows, for many senders do not escape the quotes inside. Each part of a text is looked through once
 * for each kind of quote.
 * @returns undefined for a value without quotes.
 */
function closingQuote(text: string, start: number): number | undefined {
  const quote = text[start];
  if (quote !== '"' && quote !== "'") {
    return undefined;
  }
  let next = text.indexOf(`=${quote}`, start);
  while (next > 0 && text[next - 1] === "\\") {
    next = text.indexOf(`=${quote}`, next + 1);
  }
  let at = text.lastIndexOf(quote, next < 0 ? text.length : next);
  for (; at > start; at = text.lastIndexOf(quote, at - 1)) {
    AFTER_QUOTE.lastIndex = at + 1;
    if (AFTER_QUOTE.test(text)) {
      return at;
    }
  }
  return undefined;
}
