import { matcherOf } from "../query/matcher.ts";
import type { Match, Query } from "../query/query.ts";
import { anyField } from "./any-field.ts";
import { addRows, type Bitmap, dropRows, emptyBitmap, fullBitmap, isEmpty, keepRows } from "./bitmap.ts";
import { columnRows, type Verify } from "./column-rows.ts";
import type { Segment } from "./segment.ts";
import { KEY_FIELD } from "./segment-builder.ts";
import { wordsOf } from "./words.ts";

/** A query made ready once, to be asked of each segment. The rows are the asker's own. */
export type Evaluation = (segment: Segment, verify: Verify) => Bitmap;

/** Other names of the key, as the platform's search has them. */
const ALIASES: Readonly<Record<string, string>> = { "sekoiaio.intake.key": KEY_FIELD };

/** @throws QueryInvalid for a pattern that cannot be used. */
export function evaluationOf(query: Query): Evaluation {
  switch (query.kind) {
    case "all":
      return (segment) => fullBitmap(segment.rows);
    case "not": {
      const inner = evaluationOf(query.item);
      return (segment, verify) => {
        const rows = fullBitmap(segment.rows);
        dropRows(rows, inner(segment, verify));
        return rows;
      };
    }
    case "and": {
      const items = query.items.map(evaluationOf);
      return (segment, verify) => {
        const rows = fullBitmap(segment.rows);
        for (const item of items) {
          if (isEmpty(rows)) {
            break;
          }
          keepRows(rows, item(segment, verify));
        }
        return rows;
      };
    }
    case "or": {
      const items = query.items.map(evaluationOf);
      return (segment, verify) => {
        const rows = emptyBitmap();
        for (const item of items) {
          addRows(rows, item(segment, verify));
        }
        return rows;
      };
    }
    case "term":
      return query.field === undefined ? anyField(query.match) : oneField(query.field, query.match);
  }
}

function oneField(name: string, match: Match): Evaluation {
  const field = Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? name) : name;
  const matcher = matcherOf(match, field === KEY_FIELD);
  const words = matcher.only === undefined ? [] : wordsOf(matcher.only);
  return (segment, verify) => {
    const column = segment.column(field);
    if (column === undefined || !segment.mayHold(words)) {
      return emptyBitmap();
    }
    return columnRows(column, matcher, (row) => verify(segment.firstNumber + row, field, matcher));
  };
}
