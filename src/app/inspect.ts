import { MAX_EVENT_BYTES } from "../connector/contract.ts";
import type { HubEndpoint } from "../connector/endpoint/hub.ts";
import { MessageScanner } from "../connector/records/scanner.ts";
import { afterMark, isGzip, unpack } from "../connector/records/unpack.ts";
import type { Dict, Value } from "../ecs/contract/value.ts";
import type { Format } from "../ecs/engine.ts";
import type { Clock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import { peekMessages } from "../preflight/peek.ts";

/** Categories, fields and warnings that are told apart; hostile messages may hold any number of them. */
const MAX_NAMES = 200;

/** What the records of one category are like, and what the intake's format makes of them. */
export type CategoryReport = {
  /** `null`: records without a category. */
  readonly category: string | null;
  readonly records: number;
  /** Of these, records that the setting `categories` keeps from the intake. */
  readonly dropped: number;
  /** By the field's name: how many records have it. */
  readonly fields: Readonly<Record<string, number>>;
  /** By the warning's text: how many records gave it. */
  readonly warnings: Readonly<Record<string, number>>;
};

export type InspectionReport = {
  readonly messages: number;
  readonly records: number;
  /** Bytes of a record. */
  readonly smallestBytes: number;
  readonly largestBytes: number;
  /** Records that the intake would not take. */
  readonly tooLarge: number;
  /** Messages that are not JSON and so travel as text, heartbeats, and bodies that cannot be unpacked. */
  readonly invalidJson: number;
  readonly heartbeats: number;
  readonly unreadable: number;
  readonly categories: readonly CategoryReport[];
  /** The sum of it in one sentence. */
  readonly summary: string;
};

export type LiveQuestion = {
  readonly hub: HubEndpoint;
  readonly consumerGroup: string;
  /** The setting; empty: all are forwarded. */
  readonly categories: readonly string[];
  /** The format of the intake. */
  readonly format: Format;
  /** Messages at most. */
  readonly wanted: number;
  readonly clock: Clock;
};

/** Looks at the newest messages of the hub as the connector and the intake would. Nothing is consumed. */
export async function inspectMessages(
  question: LiveQuestion,
  signal: AbortSignal,
): Promise<InspectionReport> {
  const inspection = new Inspection(question);
  const { hub, consumerGroup, wanted } = question;
  await peekMessages(hub, consumerGroup, wanted, ({ body }) => inspection.take(body), signal);
  return inspection.report();
}

type CategoryCounts = {
  records: number;
  dropped: number;
  readonly fields: Map<string, number>;
  readonly warnings: Map<string, number>;
};

class Inspection {
  readonly #question: LiveQuestion;
  readonly #scanner = new MessageScanner();
  readonly #categories = new Map<string | null, CategoryCounts>();
  #messages = 0;
  #records = 0;
  #smallestBytes = Number.POSITIVE_INFINITY;
  #largestBytes = 0;
  #tooLarge = 0;
  #invalidJson = 0;
  #heartbeats = 0;
  #unreadable = 0;

  constructor(question: LiveQuestion) {
    this.#question = question;
  }

  take(body: Buffer): void {
    this.#messages++;
    const decoded = isGzip(body, 0, body.length)
      ? unpack(body)
      : ({ kind: "bytes", bytes: body, start: afterMark(body, 0, body.length), end: body.length } as const);
    if (decoded.kind === "unreadable") {
      this.#unreadable++;
      return;
    }
    const shape = this.#scanner.scan(decoded.bytes, decoded.start, decoded.end);
    if (shape === "heartbeat") {
      this.#heartbeats++;
    }
    if (shape === "text") {
      this.#invalidJson++;
    }
    if (shape !== "text" && shape !== "records") {
      return;
    }
    for (let index = 0; index < this.#scanner.count; index++) {
      const start = this.#scanner.start(index);
      const category = this.#scanner.category(index) ?? null;
      const isDropped = this.#scanner.isObject(index) && this.#drops(category);
      this.#takeRecord(
        this.#scanner.engine.bytes.subarray(start, this.#scanner.end(index)),
        category,
        isDropped,
      );
    }
  }

  #drops(category: string | null): boolean {
    const { categories } = this.#question;
    return categories.length > 0 && !categories.includes(category ?? "");
  }

  #takeRecord(bytes: Buffer, category: string | null, isDropped: boolean): void {
    this.#records++;
    this.#smallestBytes = Math.min(this.#smallestBytes, bytes.length);
    this.#largestBytes = Math.max(this.#largestBytes, bytes.length);
    if (bytes.length > MAX_EVENT_BYTES) {
      this.#tooLarge++;
    }
    const counts = this.#countsOf(category);
    counts.records++;
    if (isDropped) {
      counts.dropped++;
    }
    try {
      const now = new Date(this.#question.clock.now());
      const { event, warnings } = this.#question.format.parse(bytes.toString("utf8"), { now });
      for (const name of fieldNames(event, "")) {
        count(counts.fields, name);
      }
      for (const { stage, field, reason } of warnings) {
        count(counts.warnings, `${stage}${field === undefined ? "" : `, ${field}`}: ${reason}`);
      }
    } catch (thrown) {
      count(counts.warnings, messageOf(thrown));
    }
  }

  #countsOf(category: string | null): CategoryCounts {
    const isKnown = this.#categories.has(category) || this.#categories.size < MAX_NAMES;
    const name = isKnown ? category : OTHERS;
    const counts = this.#categories.get(name) ?? {
      records: 0,
      dropped: 0,
      fields: new Map(),
      warnings: new Map(),
    };
    this.#categories.set(name, counts);
    return counts;
  }

  report(): InspectionReport {
    const categories = [...this.#categories]
      .sort(([a, { records: ofA }], [b, { records: ofB }]) => ofB - ofA || compare(a ?? "", b ?? ""))
      .map(([category, { records, dropped, fields, warnings }]) => ({
        category,
        records,
        dropped,
        fields: Object.fromEntries([...fields].sort(([a], [b]) => compare(a, b))),
        warnings: Object.fromEntries([...warnings].sort(([, a], [, b]) => b - a)),
      }));
    return {
      messages: this.#messages,
      records: this.#records,
      smallestBytes: this.#records === 0 ? 0 : this.#smallestBytes,
      largestBytes: this.#largestBytes,
      tooLarge: this.#tooLarge,
      invalidJson: this.#invalidJson,
      heartbeats: this.#heartbeats,
      unreadable: this.#unreadable,
      categories,
      summary: summaryOf(categories),
    };
  }
}

const OTHERS = "(others)";

function count(counts: Map<string, number>, name: string): void {
  const key = counts.has(name) || counts.size < MAX_NAMES ? name : OTHERS;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** The event's fields by their full names; what every event has of itself is left out. */
function* fieldNames(value: Dict, above: string): Generator<string> {
  for (const [key, child] of value) {
    const name = `${above}${String(key)}`;
    if (name === "message") {
      continue;
    }
    if (isDict(child)) {
      yield* fieldNames(child, `${name}.`);
    } else {
      yield name;
    }
  }
}

function isDict(value: Value): value is Dict {
  return value instanceof Map;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function summaryOf(categories: readonly CategoryReport[]): string {
  if (categories.length === 0) {
    return "this hub holds no records";
  }
  const nameOf = ({ category }: CategoryReport) => category ?? "records without a category";
  const carried = categories.map((report) => `${nameOf(report)} ${report.records}`).join(", ");
  const lost = categories.filter(({ dropped }) => dropped > 0).map(nameOf);
  const verdict =
    lost.length === 0 ? "your categories drop nothing" : `your categories drop ${lost.join(", ")}`;
  return `this hub carries ${carried}; ${verdict}`;
}
