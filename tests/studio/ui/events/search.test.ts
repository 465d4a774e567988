import { expect, test } from "vitest";
import { parseQuery } from "../../../../src/local/intake/query/parse-query.ts";
import {
  readSearch,
  termOf,
  withTerm,
  writeSearch,
  writingAt,
} from "../../../../src/studio/ui/events/search.ts";

test("the address bar holds search and period, and gives them back", () => {
  for (const search of [
    { q: 'user.name:"a b" OR NOT c', period: "1h" },
    { q: "", from: "2026-11-24T10:00:00.000Z", to: "2026-11-24T11:00:00.000Z" },
  ]) {
    expect(readSearch(writeSearch(search))).toEqual(search);
  }
  expect(readSearch("")).toEqual({ q: "", period: "5m" });
});

test.each(["plain", 'a "quoted" word', "C:\\Users\\pip", "(a OR b)", "*", "<img src=x>"])(
  "the term for the value %s asks for exactly this value",
  (value) => {
    expect(parseQuery(termOf("user.name", value))).toEqual({
      kind: "term",
      field: "user.name",
      match: { kind: "equals", text: value },
    });
  },
);

test.each([
  { q: "", isWanted: true, whole: "x:y" },
  { q: "", isWanted: false, whole: "NOT x:y" },
  { q: "a b", isWanted: true, whole: "a b AND x:y" },
  { q: "a OR b", isWanted: false, whole: "(a OR b) AND NOT x:y" },
])("a condition more on $q keeps what was there: $whole", ({ q, isWanted, whole }) => {
  expect(withTerm(q, "x:y", isWanted)).toBe(whole);
  parseQuery(whole);
});

test("what is being written is a field, then its value", () => {
  expect(writingAt("a AND user.n", 12)).toEqual({ kind: "field", start: 6, text: "user.n" });
  expect(writingAt("user.name:Pi", 12)).toEqual({ kind: "value", start: 10, field: "user.name", text: "Pi" });
  expect(writingAt("a ", 2)).toBeNull();
});
