import { type StageDefinition, StageFailure } from "../contract/stage.ts";
import type { Dict } from "../contract/value.ts";
import { inputText, textListOf, textOf } from "./properties.ts";

const NO_TEXT = new StageFailure("there is no row to split");

/** `dsv.parse-dsv`: one row of a table. */
export const dsvParse: StageDefinition = {
  name: "dsv.parse-dsv",
  summary: "Splits one row of delimited values; the columns give the keys.",
  properties: [
    {
      name: "columnnames",
      kind: "list",
      summary: "The columns, in order; of two with one name the last counts.",
    },
    { name: "delimiter", kind: "text", summary: "What stands between two values; a comma without it." },
  ],
  examples: [
    {
      title: "quotes protect the delimiter, and two of them are one",
      properties: { columnnames: ["a", "b", "c"] },
      input: '1,"x, ""y""",',
      result: { a: "1", b: 'x, "y"', c: "" },
    },
    {
      title: "a quoted value goes on in the next line, without the break",
      properties: { columnnames: ["a", "b", "c"] },
      input: '"a \nb",c\nd',
      result: { a: "a b", b: "c", c: null },
    },
    {
      title: "fewer values than columns",
      properties: { columnnames: ["a", "b"], delimiter: ";" },
      input: "1",
      result: { a: "1", b: null },
    },
    {
      title: "more values than columns",
      properties: { columnnames: ["a"] },
      input: "1,2",
      result: { a: "1" },
    },
    { title: "no text", properties: { columnnames: ["a"] }, input: "", result: "failure" },
  ],
  prepare(properties) {
    const columns = textListOf(properties["columnnames"]);
    const delimiter = textOf(properties["delimiter"])?.replaceAll("\\t", "\t") || ",";
    return ({ value }) => {
      const text = inputText(value);
      if (text === undefined || text === "") {
        return NO_TEXT;
      }
      const dict: Dict = new Map();
      let at = 0;
      for (const column of columns) {
        if (at < 0) {
          if (!dict.has(column)) {
            dict.set(column, null);
          }
          continue;
        }
        const cell = readCell(text, at, delimiter);
        dict.set(column, cell.value);
        at = text.startsWith(delimiter, cell.end) ? cell.end + delimiter.length : -1;
      }
      return dict;
    };
  },
};

/** The value that starts at `at`, and where the delimiter after it stands. */
function readCell(text: string, at: number, delimiter: string): { value: string; end: number } {
  if (text[at] !== '"') {
    const end = endOfPlain(text, at, delimiter);
    return { value: text.slice(at, end), end };
  }
  let value = "";
  let from = at + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    // A quote that never closes takes the rest.
    if (quote < 0) {
      return { value: value + inOneLine(text.slice(from)), end: text.length };
    }
    value += inOneLine(text.slice(from, quote));
    from = quote + 1;
    if (text[from] !== '"') {
      break;
    }
    value += '"';
    from++;
  }
  const end = endOfPlain(text, from, delimiter);
  return { value: value + text.slice(from, end), end };
}

/** The platform reads a table line by line, so a quoted value goes on in the next line, and its line breaks are lost. */
function inOneLine(quoted: string): string {
  return quoted.replace(/[\r\n]/g, "");
}

/** A line's end ends the row. */
function endOfPlain(text: string, at: number, delimiter: string): number {
  const next = text.indexOf(delimiter, at);
  let end = next < 0 ? text.length : next;
  for (let line = at; line < end; line++) {
    const code = text.charCodeAt(line);
    if (code === 0x0a || code === 0x0d) {
      end = line;
    }
  }
  return end;
}
