/**
 * Reads a CSV text (RFC 4180: quoted cells, doubled quotes, line breaks inside quotes) whose first line names the columns.
 * @returns One map of column name → cell a record; empty lines are left out.
 */
export function readCsv(text: string): Map<string, string>[] {
  const [header = [], ...records] = splitRecords(text);
  return records
    .filter((cells) => cells.some((cell) => cell !== ""))
    .map((cells) => new Map(header.map((column, index) => [column, cells[index] ?? ""])));
}

function splitRecords(text: string): string[][] {
  const records: string[][] = [];
  let cells: string[] = [];
  // A cell is quoted text or a run without separators; what follows it ends the cell or the record.
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    const [whole, quoted, plain = "", separator] = match;
    if (whole === "" && cells.length === 0) {
      continue;
    }
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (separator !== ",") {
      records.push(cells);
      cells = [];
    }
  }
  return records;
}
