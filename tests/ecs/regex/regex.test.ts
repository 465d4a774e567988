import fc from "fast-check";
import { RE2JS } from "re2js";
import { expect, test } from "vitest";
import { StageFailure } from "../../../src/ecs/contract/stage.ts";
import { compileRegex, MAX_MATCHED_CHARS, type Regex } from "../../../src/ecs/regex/index.ts";

function compiled(pattern: string, keepUnnamed = false): Regex {
  const regex = compileRegex(pattern, { keepUnnamed });
  if (regex instanceof StageFailure) {
    throw new TypeError(regex.reason);
  }
  return regex;
}

test.each([
  { name: "a full match needs the whole text", pattern: "a+", text: "aab", groups: null },
  {
    name: "an alternative of a large pattern whose text is missing is left out as a whole",
    pattern: "(?:(?P<a>x)y{1,3}|z|)(?:c{2}c??){0,60}",
    text: "x",
    groups: null,
  },
  {
    name: "the captures of an alternative that is left out take no part",
    pattern: "(?:(?P<a>)y{1,3}|)(?:c{2}c??){0,60}",
    text: "",
    groups: [null],
  },
  { name: "a dot stops at a newline", pattern: "a.b", text: "a\nb", groups: null },
  { name: "a dollar is the end of the text only", pattern: "a$\n?", text: "a\n", groups: null },
  { name: "a group without a part is null", pattern: "(?P<a>x)(?P<b>y)?", text: "x", groups: ["x", null] },
  { name: "names may repeat", pattern: "(?P<a>x)|(?P<a>y)", text: "y", groups: [null, "y"] },
  { name: "names may hold dots and dashes", pattern: "(?<a.b-c>x)", text: "x", groups: ["x"] },
  { name: "unnamed groups do not capture", pattern: "(x)(?P<a>y)", text: "xy", groups: ["y"] },
  { name: "stray braces are text", pattern: "{(?P<a>x{,2})}", text: "{x{,2}}", groups: ["x{,2}"] },
  {
    name: "the first alternative that fits wins",
    pattern: "(?P<a>x+)|(?P<b>x+)",
    text: "xx",
    groups: ["xx", null],
  },
  {
    name: "a wrapping group keeps its capture",
    pattern: "(?P<e>(?P<a>x)|(?P<b>y))",
    text: "y",
    groups: ["y", null, "y"],
  },
  {
    name: "leading flags reach all alternatives",
    pattern: "(?i)a(?P<a>b)|c(?P<b>d)",
    text: "CD",
    groups: [null, "D"],
  },
  { name: "flags in the middle reach what follows", pattern: "a(?i)b|(?P<a>c)", text: "C", groups: ["C"] },
  { name: "flags of a group end with it", pattern: "(?i:a)(?P<b>b)", text: "AB", groups: null },
  { name: "repeats are greedy", pattern: "(?P<a>.*) (?P<b>.*)", text: "a b c", groups: ["a b", "c"] },
  { name: "lazy repeats are lazy", pattern: "(?P<a>.*?) (?P<b>.*)", text: "a b c", groups: ["a", "b c"] },
  {
    name: "counted repeats count",
    pattern: "(?P<a>a{2,3})(?P<b>a{1})(?P<c>a{0,})",
    text: "aaaa",
    groups: ["aaa", "a", ""],
  },
  { name: "a bracket may open a class", pattern: "(?P<a>[]x]+)[^]]", text: "]xy", groups: ["]x"] },
  { name: "an open bracket in a class is text", pattern: "(?P<a>[[a]+)", text: "[a", groups: ["[a"] },
  { name: "classes have names", pattern: "(?P<a>[[:alpha:]]+)1", text: "ab1", groups: ["ab"] },
  {
    name: "escapes hold in classes",
    pattern: "(?P<a>[\\w\\-\\]\\t\\u00e9]+)",
    text: "a-]\té",
    groups: ["a-]\té"],
  },
  {
    name: "codes are characters",
    pattern: "\\x41\\x{1F600}\\u00e9(?P<a>\\0)",
    text: "A😀é\0",
    groups: ["\0"],
  },
  { name: "properties are known", pattern: "(?P<a>\\p{Greek}+)\\pN\\n", text: "αβ1\n", groups: ["αβ"] },
  { name: "the end may be written in two ways", pattern: "\\Aa\\Z|\\bb\\z", text: "b", groups: [] },
  { name: "a character of two units is one", pattern: "(?P<a>.)😀+", text: "😀😀😀", groups: ["😀"] },
])("fullMatch: $name", ({ pattern, text, groups }) => {
  expect(compiled(pattern).fullMatch(text)?.groups ?? null).toEqual(groups);
});

test.each([
  { name: "look-ahead", pattern: "a(?=b)" },
  { name: "look-behind", pattern: "(?<!a)b" },
  { name: "atomic group", pattern: "(?>a)" },
  { name: "back-reference", pattern: "(a)\\1" },
  { name: "possessive quantifier", pattern: "a++" },
  { name: "nothing to repeat", pattern: "*a" },
  { name: "flags repeated", pattern: "(?i)*" },
  { name: "open bracket", pattern: "(a" },
  { name: "closing bracket", pattern: "a)" },
  { name: "open class", pattern: "[a" },
  { name: "unknown escape", pattern: "\\h" },
  { name: "backslash at the end", pattern: "a\\" },
  { name: "bad code", pattern: "\\xg1" },
  { name: "bad property", pattern: "\\p{" },
  { name: "assertion in a class", pattern: "[\\A]" },
  { name: "a flood of brackets", pattern: "(".repeat(5_000) },
  { name: "a bomb of repeats", pattern: "((a{1000}){1000}){1000}" },
  { name: "a very long pattern", pattern: "a".repeat(300_000) },
])("compileRegex refuses $name", ({ pattern }) => {
  expect(compileRegex(pattern, { keepUnnamed: false })).toBeInstanceOf(StageFailure);
});

test("a pattern that only the engine refuses matches nothing and says why", () => {
  const regex = compiled("a{1001}");
  expect(regex.problem()).toContain("repeat");
  expect(regex.fullMatch("a".repeat(1001))).toBeNull();
  expect(regex.search("a".repeat(1001))).toBeNull();
  expect(compiled("a").problem()).toBeNull();
});

test("unnamed groups capture on request", () => {
  const regex = compiled("(a)(?:b)(?P<c>c)?", true);
  expect(regex.groupNames).toEqual([null, "c"]);
  expect(regex.search("xxab")).toEqual({ start: 2, end: 4, groups: ["a", null] });
});

test("search begins where it is told, and startMatch at the start alone", () => {
  const regex = compiled("b(?P<x>.)");
  expect(regex.search("abcbd")).toEqual({ start: 1, end: 3, groups: ["c"] });
  expect(regex.search("abcbd", 2)).toEqual({ start: 3, end: 5, groups: ["d"] });
  expect(regex.search("a")).toBeNull();
  expect(regex.startMatch("bcd")).toEqual({ start: 0, end: 2, groups: ["c"] });
  expect(regex.startMatch("abc")).toBeNull();
  expect(regex.isFound("abc")).toBe(true);
  expect(regex.isFound("ab")).toBe(false);
});

test.each([
  { name: "blanks are ASCII's", pattern: "\\s", text: "a\u00a0 b", at: [2, 3] },
  { name: "words are ASCII's", pattern: "\\W\\d", text: "aé1", at: [1, 3] },
  { name: "signs are text", pattern: "\\|/\\*", text: "a|/*", at: [1, 4] },
  { name: "the last may repeat", pattern: ",\\s+", text: "a,b,  c", at: [3, 6] },
  { name: "the last may be missing", pattern: ",\\S?", text: "a,", at: [1, 2] },
  { name: "a dot is not a newline", pattern: "a.", text: "a\nab", at: [2, 4] },
  { name: "any other pattern", pattern: "a{2}b|[,;]", text: "ab;", at: [2, 3] },
  { name: "either case", pattern: "(?i)b", text: "aB", at: [1, 2] },
])("search finds separators: $name", ({ pattern, text, at }) => {
  const found = compiled(pattern).search(text);
  expect([found?.start, found?.end]).toEqual(at);
  const place = compiled(pattern).find(text, 0);
  expect([place?.start, place?.end]).toEqual(at);
});

test("find stands where search does", () => {
  const parts = fc.constantFrom(..."ab =|;", "\\s", "\\d", "\\w", "\\S", ".", "é", "😀", "\\|", "\\t");
  fc.assert(
    fc.property(
      fc.array(parts, { minLength: 1, maxLength: 3 }),
      fc.constantFrom("", "*", "+", "?", "{2}"),
      fc.string({ unit: fc.constantFrom(..."ab1_ =|;\té", "😀", "\ud83d"), maxLength: 10 }),
      fc.nat({ max: 11 }),
      (row, times, text, from) => {
        const regex = compiled(row.map((part) => (part === "|" ? "\\|" : part)).join("") + times);
        const start = [...text].slice(0, from).join("").length;
        const found = regex.search(text, start);
        const place = regex.find(text, start);
        expect([place?.start, place?.end]).toEqual([found?.start, found?.end]);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("a text over the limit is not a match", () => {
  const regex = compiled("a*b?");
  expect(regex.fullMatch("a".repeat(MAX_MATCHED_CHARS))).not.toBeNull();
  const long = "a".repeat(MAX_MATCHED_CHARS + 1);
  expect([regex.fullMatch(long), regex.search(long), regex.startMatch(long)]).toEqual([null, null, null]);
  expect([regex.fullMatch(long) !== null, regex.isFound(long), regex.isSearchable(long)]).toEqual([
    false,
    false,
    false,
  ]);
});

test("separators are found in texts of any length", () => {
  const long = `${"a".repeat(MAX_MATCHED_CHARS)},`;
  expect(compiled(",").isSearchable(long)).toBe(true);
  expect(compiled(",").search(long)).toEqual({
    start: MAX_MATCHED_CHARS,
    end: MAX_MATCHED_CHARS + 1,
    groups: [],
  });
});

test("alternatives left out do not change the match", () => {
  const words = Array.from({ length: 40 }, (_, index) => `(?P<w${index}>word${index} (?P<n>\\d+)(?: end)?)`);
  const regex = compiled(`(?P<head>.*): (?:${words.join("|")})(?P<tail>.*)`);
  const names = regex.groupNames;
  for (const index of [0, 7, 39]) {
    const match = regex.fullMatch(`word3 1: word${index} 55 end`);
    const named = Object.fromEntries(
      names.map((name, at) => [name, match?.groups[at]]).filter((pair) => pair[1] != null),
    );
    expect(named).toEqual({ head: "word3 1", [`w${index}`]: `word${index} 55 end`, n: "55", tail: "" });
  }
  expect(regex.fullMatch("x: nothing")).toBeNull();
});

test("more sets of alternatives than are kept still match", () => {
  const words = Array.from({ length: 12 }, (_, index) => `k${index}=\\d{10}`);
  const regex = compiled(`x(?:(?: |${words.join("|")})*)(?P<rest>y)`);
  for (let bits = 0; bits < 300; bits++) {
    const parts = words.flatMap((_, index) => ((bits >> index) % 2 === 1 ? [`k${index}=0123456789`] : []));
    expect(regex.fullMatch(`x${parts.join(" ")}y`)?.groups).toEqual(["y"]);
  }
});

test("a pattern that needs more memory than it may have is tried an alternative at a time, and by re2js", () => {
  // Each state remembers where the last twenty characters had an x, which makes a state of each character.
  const regex = compiled("(?P<a>(?:.*x.{20}y)+)|(?P<b>.*)(?P<c>z)");
  let bits = 1;
  const text = Array.from({ length: MAX_MATCHED_CHARS - 1 }, () => {
    bits = (Math.imul(bits, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (bits >> 16) % 2 === 0 ? "x" : "z";
  }).join("");
  expect(regex.fullMatch(`${text}z`)?.groups).toEqual([null, text, "z"]);
  expect(regex.fullMatch(`${text}y`)).toBeNull();
  expect(regex.fullMatch(`x${"z".repeat(20)}y`)?.groups).toEqual([`x${"z".repeat(20)}y`, null, null]);
});

const atom = fc.constantFrom("a", "b", "ab", ".", "[ab]", "\\w", "\\b", "^", "$", "(?P<n>b)", "");
const { pattern: patterns } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    atom,
    fc.tuple(tie("pattern"), tie("pattern")).map(([left, right]) => left + right),
    fc.tuple(tie("pattern"), tie("pattern")).map(([left, right]) => `${left}|${right}`),
    fc
      .tuple(tie("pattern"), fc.constantFrom("(?:", "(?P<g>"), fc.constantFrom("", "*", "+?", "?", "{1,2}"))
      .map(([inner, open, quantifier]) => `${open}${inner})${quantifier}`),
  ),
}));

test("splitting and pruning agree with a plain backtracking engine", () => {
  fc.assert(
    fc.property(
      patterns,
      fc.string({ unit: fc.constantFrom("a", "b", " "), maxLength: 8 }),
      (pattern, text) => {
        let index = 0;
        const plain = new RegExp(`^(?:${pattern.replace(/\(\?P<\w>/g, () => `(?<g${index++}>`)})$`);
        expect(compiled(pattern).fullMatch(text) !== null).toBe(plain.test(text));
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  { name: "nested quantifiers", pattern: "(?:a+)+b" },
  { name: "nested quantifiers in capitals", pattern: "(?i)(?:a+)+b" },
  { name: "stacked lazy data", pattern: `${"(?P<x>.*?) ?".repeat(20)}b` },
  { name: "stacked lazy data in capitals", pattern: `(?i)${"(?P<x>.*?) ?".repeat(20)}b` },
  { name: "adjacent lazy groups", pattern: "(?P<x>.*?)(?P<y>.*?)(?P<z>.*?)(?P<w>.*?)b" },
  { name: "overlapping alternatives", pattern: "(?:a|a|aa)*b" },
])("matching is linear: $name", ({ pattern }) => {
  const regex = compiled(pattern);
  const text = `${"a".repeat(4_000)}c b!`;
  const started = process.threadCpuUsage().user;
  expect(regex.fullMatch(text)).toBeNull();
  regex.isStartMatch(text);
  regex.isFound(text);
  expect((process.threadCpuUsage().user - started) / 1000).toBeLessThan(1_000);
});

test("any text is a pattern or a failure, never an exception", () => {
  const parts = fc.constantFrom(
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "|",
    "*",
    "+",
    "?",
    "\\",
    "^",
    "-",
    "(?P<",
    ">",
    "(?i",
    "a",
    "1",
    ",",
    "p",
    "x",
    "\\Q",
    "😀",
    "\ud800",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(parts).map((all) => all.join("")),
      ),
      fc.string(),
      (pattern, text) => {
        const regex = compileRegex(pattern, { keepUnnamed: true });
        if (regex instanceof StageFailure) {
          return;
        }
        regex.fullMatch(text);
        regex.startMatch(text);
        regex.isFound(text);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("re2js still has the internal call that captures in one pass", () => {
  const engine = RE2JS.compile("^(?:(a)|(b))$").re2();
  expect(engine.numberOfCapturingGroups()).toBe(2);
  expect([...engine.matchWithGroup("b", 0, 1, 0, 3)]).toEqual([true, [0, 1, -1, -1, 0, 1]]);
  expect(engine.matchWithGroup("c", 0, 1, 0, 3)).toEqual([false, null]);
});
