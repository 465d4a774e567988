import { similarityEntity } from "../../../rules/engine.ts";
import type { Detection } from "../alerts/detection.ts";
import { readEvent } from "../event-json.ts";
import { SegmentBuilder } from "../index/segment-builder.ts";
import type { SegmentParts } from "../index/segment-parts.ts";
import type { ParseEvent } from "../parse.ts";
import type { Batch, Firing, Processed } from "./messages.ts";

/** Parses events, holds them against the rules and indexes them: texts in, texts and numbers out. */
export class Processor {
  parse: ParseEvent | undefined;
  readonly #detection: Detection;
  #builder = new SegmentBuilder();

  constructor(parse: ParseEvent | undefined, detection: Detection) {
    this.parse = parse;
    this.#detection = detection;
  }

  process({ firstNumber, receivedAtMs, intakeKeys, raws, parsed }: Batch): Processed {
    const ecs: (string | null)[] = [];
    const isMessageRaw = new Uint8Array(raws.length);
    const firings: Firing[] = [];
    const sealed: SegmentParts[] = [];
    for (const [index, raw] of raws.entries()) {
      const intakeKey = intakeKeys[index] as string;
      if (this.#builder.isFull) {
        sealed.push(this.#builder.seal());
        this.#builder = new SegmentBuilder();
      }
      if (parsed !== undefined) {
        const text = parsed[index] ?? null;
        this.#builder.add(intakeKey, raw, text === null ? undefined : readEvent(text));
        continue;
      }
      const made = this.#parsed(raw, intakeKey);
      ecs.push(made?.ecs ?? null);
      if (made === undefined) {
        this.#builder.add(intakeKey, raw, undefined);
        continue;
      }
      isMessageRaw[index] = made.isMessageRaw ? 1 : 0;
      const number = firstNumber + index;
      const atMs = receivedAtMs[index] as number;
      const matches = this.#detection.take(made.event, String(number), new Date(atMs));
      if (matches.length > 0) {
        firings.push({ number, receivedAtMs: atMs, entity: similarityEntity(made.event), matches });
      }
      this.#builder.add(intakeKey, raw, made.event);
    }
    const statistics = this.#detection.statistics();
    return { ecs, isMessageRaw, firings, sealed, delta: this.#builder.takeDelta(), statistics };
  }

  reset(): void {
    this.#builder = new SegmentBuilder();
  }

  /** An event that no parser can take is stored and searched by its text. */
  #parsed(raw: string, intakeKey: string) {
    try {
      const made = this.parse?.(raw, intakeKey);
      if (made === undefined) {
        return undefined;
      }
      const event = made.event ?? readEvent(made.ecs);
      return { ...made, event: made.isMessageRaw ? { ...event, message: raw } : event };
    } catch {
      return undefined;
    }
  }
}
