import { afterEach, expect, test } from "vitest";
import { type Core, openCore } from "../../../src/local/intake/core.ts";
import { mintEventIds } from "../../../src/local/intake/event-ids.ts";
import { parseQuery } from "../../../src/local/intake/query/parse-query.ts";
import { QueryInvalid } from "../../../src/local/intake/query/query.ts";

const FILLER = "lorem ".repeat(200);
let core: Core;

afterEach(() => core.close());

function coreOf(raws: readonly string[]): Core {
  const core = openCore({});
  const events = raws.map((raw) => ({ intakeKey: "key", raw }));
  core.pipeline.insert(events, mintEventIds(events.length), 1000);
  return core;
}

const found = (q: string) =>
  core.store
    .find({ query: parseQuery(q) })
    .map(({ number }) => number)
    .sort();

test("a phrase is found far behind where the index cuts values, and its words in another order are not", () => {
  core = coreOf([
    `${FILLER} the quick brown fox`,
    `${FILLER} the brown quick fox`,
    `the quick brown fox ${FILLER}`,
    `${FILLER} quick`,
    "quick brown",
  ]);
  expect(found('"quick brown"')).toEqual([1, 3, 5]);
  expect(found('NOT "quick brown"')).toEqual([2, 4]);
  expect(found("quick")).toEqual([1, 2, 3, 4, 5]);
});

test("a phrase longer than what the index holds of a value is compared whole", () => {
  const long = Array.from({ length: 120 }, (_, index) => `word${index}`).join(" ");
  core = coreOf([`${long} end`, `${long.replace("word119", "word118")} end`]);
  expect(found(`"${long}"`)).toEqual([1]);
});

test("words that differ behind their 64th character are two words", () => {
  const start = "a".repeat(64);
  core = coreOf([`${start}bbb`, `${start}ccc`]);
  expect(found(`${start}bbb`)).toEqual([1]);
});

test("the last word of the longest event is found", () => {
  core = coreOf([`${"x ".repeat(124_000)}needle`, "hay"]);
  expect(found("needle")).toEqual([1]);
});

test("a search that would read too many long values says so and drops none silently", () => {
  core = coreOf(Array.from({ length: 20_001 }, (_, index) => `${FILLER} the brown quick fox ${index}`));
  const search = () => core.store.find({ query: parseQuery('"quick brown"') });
  expect(search).toThrow(QueryInvalid);
  expect(search).toThrow(/More than 20,000 long values .* Choose a shorter period/);
});
