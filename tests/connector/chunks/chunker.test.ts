import fc from "fast-check";
import { expect, test } from "vitest";
import { Chunker } from "../../../src/connector/chunks/chunker.ts";
import { BodyPool } from "../../../src/connector/chunks/pool.ts";
import { type Chunk, FULL, MAX_EVENT_BYTES, TOO_LARGE } from "../../../src/connector/contract.ts";
import { textEngineFor } from "../../../src/connector/scan/engine.ts";

const PREFIX = Buffer.byteLength('{"intake_key":"key","jsons":[');

function createChunker(partial: { maxBytes?: number; maxRecords?: number } = {}) {
  const chunks: Chunk[] = [];
  const settings = { intakeKey: "key", maxBytes: 9_000_000, maxRecords: 1000, ...partial };
  const chunker = new Chunker(settings, new BodyPool(1_000_000));
  let sequenceNumber = 0;
  const seal = () => {
    const chunk = chunker.seal();
    if (chunk !== undefined) {
      chunks.push(chunk);
    }
  };
  const add = (text: string | Buffer, partitionId = "0") => {
    const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text);
    const number = sequenceNumber++;
    for (;;) {
      const engine = textEngineFor(bytes.length);
      const start = engine.place(bytes, 0, bytes.length);
      const result = chunker.add(engine, start, start + bytes.length, partitionId, number, 0);
      if (result !== FULL) {
        return result !== TOO_LARGE;
      }
      seal();
    }
  };
  return { chunker, chunks, add, seal };
}

const jsonsOf = (chunk: Chunk) => (JSON.parse(chunk.body.toString()) as { jsons: string[] }).jsons;

test("a chunk is the intake's request body, each record one text", () => {
  const { chunks, add, seal } = createChunker();
  for (const text of ['{"a":"é\\n"}', "tab\there", 'quote"back\\slash']) {
    add(text);
  }
  seal();
  expect(JSON.parse(chunks[0]?.body.toString() ?? "")).toEqual({
    intake_key: "key",
    jsons: ['{"a":"é\\n"}', "tab\there", 'quote"back\\slash'],
  });
});

test.each([
  {
    name: "counts bytes, not characters",
    texts: ["éé", "éé"],
    maxBytes: PREFIX + 2 + 6 + 7 - 1,
    sizes: [1, 1],
  },
  { name: "fills the body to the last byte", texts: ["éé", "éé"], maxBytes: PREFIX + 2 + 6 + 7, sizes: [2] },
  {
    name: "counts the bytes that escaping adds",
    texts: ['""', '""'],
    maxBytes: PREFIX + 2 + 6 + 7 - 1,
    sizes: [1, 1],
  },
  {
    name: "lets a record past the bound travel alone",
    texts: ["a", "b".repeat(500), "c"],
    maxBytes: 100,
    sizes: [1, 1, 1],
  },
])("a chunk $name", ({ texts, maxBytes, sizes }) => {
  const { chunks, add, seal } = createChunker({ maxBytes });
  for (const text of texts) {
    add(text);
  }
  seal();
  expect(chunks.map((chunk) => chunk.recordCount)).toEqual(sizes);
});

test("a body is full with its last record, and takes none before it is sealed", () => {
  const { chunker, chunks, add } = createChunker({ maxRecords: 2 });
  for (const text of ["1", "2"]) {
    add(text);
  }
  expect(chunker.isFull).toBe(true);
  add("3");
  expect(chunks.map(jsonsOf)).toEqual([["1", "2"]]);
  expect(chunker.isFull).toBe(false);
});

test("a record that no intake would take is not taken, and disturbs no other", () => {
  const { chunks, add, seal } = createChunker();
  add("before");
  expect(add("x".repeat(MAX_EVENT_BYTES))).toBe(true);
  expect(add("x".repeat(MAX_EVENT_BYTES + 1))).toBe(false);
  add("after");
  seal();
  expect(jsonsOf(chunks[0] as Chunk).map((text) => text.length)).toEqual([6, MAX_EVENT_BYTES, 5]);
});

test("the size of a record is that of its own bytes, whatever escaping makes of them", () => {
  const { chunks, add, seal } = createChunker();
  for (const char of ['"', "\\", "\u0001"]) {
    expect(add(char.repeat(MAX_EVENT_BYTES))).toBe(true);
    expect(add(char.repeat(MAX_EVENT_BYTES + 1))).toBe(false);
  }
  seal();
  expect(jsonsOf(chunks[0] as Chunk)).toEqual(
    ['"', "\\", "\u0001"].map((char) => char.repeat(MAX_EVENT_BYTES)),
  );
});

test("the records of a lost partition are taken out, and the others stay as they are", () => {
  const records = fc.array(fc.tuple(fc.constantFrom("0", "1", "2"), fc.string({ maxLength: 20 })), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(records, fc.constantFrom("0", "1", "2", "3"), (added, lost) => {
      const { chunker, chunks, add, seal } = createChunker();
      for (const [partitionId, text] of added) {
        add(text.toWellFormed(), partitionId);
      }
      chunker.remove(lost);
      add("after", "4");
      seal();
      const kept = [
        ...added.map(([partitionId, text], sequenceNumber) => ({
          partitionId,
          sequenceNumber,
          bytes: Buffer.from(text.toWellFormed()),
          recordIndex: 0,
        })),
        { partitionId: "4", sequenceNumber: added.length, bytes: Buffer.from("after"), recordIndex: 0 },
      ].filter(({ partitionId }) => partitionId !== lost);
      const [chunk] = chunks;
      expect(jsonsOf(chunk as Chunk)).toEqual(kept.map(({ bytes }) => bytes.toString()));
      expect(kept.map((_, index) => chunk?.recordAt(index))).toEqual(kept);
      for (const [partitionId, count] of chunk?.countByPartition() ?? []) {
        expect(count).toBe(kept.filter((record) => record.partitionId === partitionId).length);
      }
    }),
  );
});

test("a chunk gives its records back, whole or in part", () => {
  const { chunks, add, seal } = createChunker();
  for (const text of ["a", 'é"', "ccc", "d"]) {
    add(text);
  }
  seal();
  const part = (chunks[0] as Chunk).slice(1, 3);
  expect(jsonsOf(part)).toEqual(['é"', "ccc"]);
  expect(part.id).toBe("1.1-2");
  expect([part.recordAt(0), part.recordAt(1)]).toEqual([
    { bytes: Buffer.from('é"'), partitionId: "0", sequenceNumber: 1, recordIndex: 0 },
    { bytes: Buffer.from("ccc"), partitionId: "0", sequenceNumber: 2, recordIndex: 0 },
  ]);
  expect(jsonsOf(part.slice(1, 2))).toEqual(["ccc"]);
});

test("no record is lost, doubled, moved or changed, and every body keeps the bounds", () => {
  const limits = fc.record({
    maxBytes: fc.integer({ min: 60, max: 400 }),
    maxRecords: fc.integer({ min: 1, max: 7 }),
  });
  const texts = fc.array(
    fc.string({ unit: "binary", maxLength: 60 }).map((text) => text.toWellFormed()),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(texts, limits, (records, { maxBytes, maxRecords }) => {
      const { chunks, add, seal } = createChunker({ maxBytes, maxRecords });
      for (const record of records) {
        add(record);
      }
      seal();
      expect(chunks.flatMap(jsonsOf)).toEqual(records);
      const back = chunks.flatMap((chunk) =>
        [...Array(chunk.recordCount).keys()].map((index) => chunk.recordAt(index)),
      );
      expect(back.map((record) => record.bytes.toString())).toEqual(records);
      expect(back.map((record) => record.sequenceNumber)).toEqual(records.map((_, index) => index));
      for (const chunk of chunks) {
        expect(chunk.recordCount).toBeLessThanOrEqual(maxRecords);
        if (chunk.recordCount > 1) {
          expect(chunk.body.length).toBeLessThanOrEqual(maxBytes);
        }
      }
    }),
  );
});

test("the memory of sent bodies is used again, and what they hold stays right", () => {
  const records = fc.array(fc.string({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(records, fc.infiniteStream(fc.boolean()), (texts, releases) => {
      const { chunks, add, seal } = createChunker({ maxRecords: 3 });
      const seen: string[] = [];
      const sendAll = () => {
        for (const chunk of chunks.splice(0)) {
          seen.push(...jsonsOf(chunk));
          const [half] = chunk.recordCount > 1 ? [chunk.slice(1, chunk.recordCount)] : [];
          if (releases.next().value) {
            chunk.release();
          }
          if (half !== undefined) {
            expect(jsonsOf(half)).toEqual(seen.slice(1 - chunk.recordCount));
          }
        }
      };
      for (const text of texts) {
        add(text.toWellFormed());
        sendAll();
      }
      seal();
      sendAll();
      expect(seen).toEqual(texts.map((text) => text.toWellFormed()));
    }),
  );
});
