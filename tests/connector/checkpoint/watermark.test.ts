import fc from "fast-check";
import { expect, test } from "vitest";
import { type Span, Watermark } from "../../../src/connector/checkpoint/watermark.ts";

const at = (sequenceNumber: number) => ({ offset: String(sequenceNumber * 10), sequenceNumber });

test("without a span, a position is settled as soon as it is reached", () => {
  const mark = new Watermark();
  expect(mark.position).toBeUndefined();
  mark.reach(at(4), 1);
  expect(mark.position).toEqual(at(4));
});

test("an event that lies in two spans counts once both are settled", () => {
  const mark = new Watermark();
  const first = mark.open();
  mark.reach(at(0), 1);
  const second = mark.open();
  mark.reach(at(1), 1);
  mark.settle(first, 1);
  expect(mark.position).toEqual(at(0));
  mark.settle(second, 1);
  expect(mark.position).toEqual(at(1));
});

test("a span that reaches no event's end moves nothing", () => {
  const mark = new Watermark();
  mark.settle(mark.open(), 1);
  expect(mark.position).toBeUndefined();
  expect(mark.openSpans).toBe(0);
});

test("acknowledged in any order, the position is the highest below which nothing is open", () => {
  const work = fc.array(fc.record({ spansBefore: fc.nat(2) }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(work, fc.infiniteStream(fc.nat()), (events, order) => {
      const mark = new Watermark();
      const openSpans: { span: Span; index: number }[] = [];
      const endsIn: number[] = [];
      let opened = 0;
      const settled = new Set<number>();
      const check = () => {
        let expected = -1;
        for (const [sequenceNumber, lastSpan] of endsIn.entries()) {
          const isSettled = [...Array(lastSpan + 1).keys()].every((index) => settled.has(index));
          if (!isSettled) {
            break;
          }
          expected = sequenceNumber;
        }
        // Events that need no span of their own ride on the last open one, so the position may trail but never lead.
        expect(mark.position?.sequenceNumber ?? -1).toBe(expected);
      };
      for (const [sequenceNumber, { spansBefore }] of events.entries()) {
        for (let count = 0; count < spansBefore; count++) {
          openSpans.push({ span: mark.open(), index: opened++ });
        }
        mark.reach(at(sequenceNumber), 1);
        endsIn.push(opened - 1);
        check();
        const pick = order.next().value as number;
        if (pick % 2 === 0 && openSpans.length > 0) {
          const [taken] = openSpans.splice(pick % openSpans.length, 1);
          if (taken === undefined) {
            continue;
          }
          settled.add(taken.index);
          mark.settle(taken.span, 1);
          check();
        }
      }
      while (openSpans.length > 0) {
        const [taken] = openSpans.splice((order.next().value as number) % openSpans.length, 1);
        if (taken === undefined) {
          break;
        }
        settled.add(taken.index);
        mark.settle(taken.span, 1);
        check();
      }
      expect(mark.position).toEqual(at(events.length - 1));
    }),
  );
});
