import fc from "fast-check";
import { expect, test } from "vitest";
import { MessageScanner } from "../../../src/connector/records/scanner.ts";

function scan(message: string | Buffer) {
  const bytes = Buffer.isBuffer(message) ? message : Buffer.from(message);
  const scanner = new MessageScanner();
  const shape = scanner.scan(bytes, 0, bytes.length);
  const indexes = [...Array(scanner.count).keys()];
  return {
    shape,
    records: indexes.map((index) =>
      scanner.engine.bytes.toString("utf8", scanner.start(index), scanner.end(index)),
    ),
    categories: indexes.map((index) => scanner.category(index)),
  };
}

test.each([
  { name: "an array is its items", message: '[{"a":1}, 2 ,"x"]', records: ['{"a":1}', "2", '"x"'] },
  {
    name: "an object with records is those records",
    message: '{"records":[{"a":1},{"b":2}]}',
    records: ['{"a":1}', '{"b":2}'],
  },
  {
    name: "records beside other keys are still the records",
    message: '{"n":1,"records":[7],"m":[]}',
    records: ["7"],
  },
  {
    name: "a wrapper inside an array is opened",
    message: '[{"records":[1,2]},{"records":[3]},4]',
    records: ["1", "2", "3", "4"],
  },
  {
    name: "an item that holds more than its records stays whole",
    message: '[{"id":1,"records":[1]}]',
    records: ['{"id":1,"records":[1]}'],
  },
  {
    name: "a record's own records stay inside it",
    message: '{"records":[{"records":[1]}]}',
    records: ['{"records":[1]}'],
  },
  {
    name: "records that are text are one event",
    message: '{"records":"abc"}',
    records: ['{"records":"abc"}'],
  },
  {
    name: "records that are an object are one event",
    message: '{"records":{"a":1}}',
    records: ['{"records":{"a":1}}'],
  },
  { name: "records that are null are one event", message: '{"records":null}', records: ['{"records":null}'] },
  {
    name: "two records keys are one event, so that none is lost",
    message: '{"records":[1],"records":[2]}',
    records: ['{"records":[1],"records":[2]}'],
  },
  { name: "no records are not an event", message: '{"records":[]}', records: [] },
  { name: "null items are left out", message: '[null,1,null,{"a":null}]', records: ["1", '{"a":null}'] },
  { name: "a lone null is not an event", message: " null ", records: [] },
  {
    name: "an object is one event without the white space around it",
    message: ' {"a": 1.0 }\n',
    records: ['{"a": 1.0 }'],
  },
  { name: "a number is one event", message: "12", records: ["12"] },
  {
    name: "numbers, duplicate keys and white space stay as they were",
    message: '[{"a":12345678901234567890, "a":1.0,\t"b":1e400}]',
    records: ['{"a":12345678901234567890, "a":1.0,\t"b":1e400}'],
  },
  {
    name: "a records key may be written with escapes",
    message: '{"rec\\u006frds":[1,2]}',
    records: ["1", "2"],
  },
])("scan: $name", ({ message, records }) => {
  expect(scan(message)).toMatchObject({ shape: "records", records });
});

test.each([
  { name: "plain text", message: "CEF:0|a|b" },
  { name: "single quotes", message: "{'a':1}" },
  { name: "a trailing comma", message: '{"records":[{"a":1},]}' },
  { name: "a raw new line in a string", message: '{"a":"x\ny"}' },
  { name: "NaN", message: '{"a":NaN}' },
  { name: "two objects in a row", message: '{"a":1}\n{"a":2}' },
  { name: "a text cut in the middle of a wrapper", message: '{"records":[{"a":1},{"b"' },
  { name: "white space alone", message: " \n " },
  { name: "an unfinished escape", message: '"\\u12' },
  { name: "ten thousand open brackets", message: "[".repeat(10_000) },
])("scan: $name is not JSON and so one event, the text as it is", ({ message }) => {
  expect(scan(message)).toEqual({ shape: "text", records: [message], categories: [undefined] });
});

test("scan: a wrapper without a record is a record if it says something else too", () => {
  for (const text of ['{"records":[],"error":"none"}', '{"nextLink":null,"records":[null]}']) {
    expect(scan(text)).toMatchObject({ shape: "records", records: [text] });
  }
  expect(scan('{"records":[]}').records).toEqual([]);
  expect(scan('[{"records":[]},{"records":[],"a":1}]').records).toEqual(['{"records":[],"a":1}']);
});

test("scan: a heartbeat is an object of that type with nothing else in it, and nothing inside a wrapper", () => {
  expect(scan('{"type":"heartbeat"}').shape).toBe("heartbeat");
  expect(scan(' { "type" : "heartbeat" } ').shape).toBe("heartbeat");
  expect(scan(' {"time":1,"type":"heartbeat"}')).toMatchObject({
    shape: "records",
    records: ['{"time":1,"type":"heartbeat"}'],
  });
  expect(scan('{"type":"heartbeats"}').shape).toBe("records");
  expect(scan('[{"type":"heartbeat"}]').records).toEqual(['{"type":"heartbeat"}']);
  expect(scan('{"records":[{"type":"heartbeat"}]}').records).toEqual(['{"type":"heartbeat"}']);
});

test("scan: a body without a byte is empty", () => {
  expect(scan("")).toMatchObject({ shape: "empty", records: [] });
});

test("scan: categories are top-level texts, unescaped, the last of several", () => {
  const message =
    '{"records":[{"category":"AuditLogs"},{"x":{"category":"inner"}},{"category":5},{"category":"a","category":"b\\u0041"},"category",{"c\\u0061tegory":"Z"}]}';
  expect(scan(message).categories).toEqual(["AuditLogs", undefined, undefined, "bA", undefined, "Z"]);
});

test("scan: bytes that are not UTF-8 do not disturb the records around them", () => {
  const bad = Buffer.concat([
    Buffer.from('{"records":[{"a":"'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('"},{"b":2}]}'),
  ]);
  expect(scan(bad).records).toHaveLength(2);
  expect(scan(bad).records[1]).toBe('{"b":2}');
});

test("scan: nesting deeper than any call stack is skipped", () => {
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  expect(scan(`{"records":[${deep}]}`).records).toEqual([deep]);
});

/** What the scanner should find, told by the parser of the language. */
function recordsByParsing(value: unknown): unknown[] {
  const isWrapper = (item: unknown, alone: boolean): item is { records: unknown[] } =>
    typeof item === "object" &&
    item !== null &&
    !Array.isArray(item) &&
    "records" in item &&
    Array.isArray(item.records) &&
    (Object.keys(item).length === 1 || (!alone && item.records.some((record) => record !== null)));
  const items = Array.isArray(value)
    ? value.flatMap((item) => (isWrapper(item, true) ? item.records : [item]))
    : isWrapper(value, false)
      ? value.records
      : [value];
  return items.filter((item) => item !== null);
}

test("scan: finds what JSON.parse finds, in any JSON text", () => {
  const anything = fc.jsonValue({ maxDepth: 4 });
  const wrapper = fc.record(
    { records: fc.oneof(fc.array(anything), anything), time: anything },
    { requiredKeys: ["records"] },
  );
  const message = fc.oneof(anything, wrapper, fc.array(fc.oneof(wrapper, anything)));
  fc.assert(
    fc.property(message, fc.constantFrom(undefined, 1, "\t"), (value, space) => {
      const found = scan(JSON.stringify(value, null, space)).records;
      expect(found.map((text) => JSON.parse(text) as unknown)).toEqual(
        recordsByParsing(JSON.parse(JSON.stringify(value))),
      );
    }),
    { numRuns: 1000 },
  );
});

test("scan: agrees with JSON.parse on what is not JSON, whatever is done to a JSON text", () => {
  const mutation = fc.record({
    at: fc.nat(),
    remove: fc.nat(3),
    insert: fc.constantFrom("", ",", '"', "\\", "{", "]", "0", "e", "\u0001", "n"),
  });
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), mutation, (text, { at, remove, insert }) => {
      const cut = at % (text.length + 1);
      const message = text.slice(0, cut) + insert + text.slice(cut + remove);
      const isJson = ((): boolean => {
        try {
          JSON.parse(message);
          return true;
        } catch {
          return false;
        }
      })();
      const { shape, records } = scan(message);
      if (!isJson && message !== "") {
        expect({ shape, records }).toEqual({ shape: "text", records: [Buffer.from(message).toString()] });
      } else {
        expect(shape).not.toBe("text");
      }
    }),
    { numRuns: 3000 },
  );
});

test("a text that only looks like an object is not filtered as one", () => {
  const scanner = new MessageScanner();
  const isObject = (message: string) => {
    scanner.scan(Buffer.from(message), 0, message.length);
    return scanner.isObject(0);
  };
  expect(isObject('{"a":1}')).toBe(true);
  expect(isObject('{"a":1')).toBe(false);
  expect(isObject('[{"a":1}]')).toBe(true);
});
