import { gzipSync } from "node:zlib";
import type { LocalHub } from "../../src/local/hub/server.ts";
import { Random } from "./random.ts";

/** What must become of a numbered record. */
export type Fate =
  | { readonly to: "intake"; readonly text: string }
  | { readonly to: "dead-letter"; readonly bytes: Buffer };

/** A message of the hub: the numbers of its records, and where it stands in its partition. */
type Sent = { readonly firstNumber: number; readonly count: number };

const FILLERS = [
  "plain text",
  "größer als Ω, 漢字 and 😀",
  'quotes \\" and \\\\ and \\/ and \\u00e9',
  '","n":0,"x":"',
  "tabs\\tand\\nnew lines",
  "x".repeat(400),
] as const;

/** The text of an ordinary record: the number alone decides it, so that nothing has to be kept. */
function recordText(number: number): string {
  const random = new Random(number);
  const filler = random.pick(FILLERS);
  const space = random.pick(["", " "]);
  return `{"n":${number},${space}"category":"${random.pick(["Audit", "SignIn"])}","big":12345678901234567890,"f":1.0,${space}"text":"${filler}"}`;
}

/** The number that a text of ours carries. */
export function numberOf(text: string): number | undefined {
  const found = /"n":(\d+)/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

type Poison = { readonly body: Buffer; readonly fate: Fate };

/** Ten kinds of messages that trouble a collector; each carries a number, and has its proper fate. */
const POISONS: readonly ((number: number) => Poison)[] = [
  (n) => repaired(`{'n':${n},'it':'is \\'so\\''}`, `{"n":${n},"it":"is 'so'"}`),
  (n) => repaired(`{"n":${n},"line":"one\ntwo"}`, `{"n":${n},"line":"one\\ntwo"}`),
  (n) => repaired(`{"records":[{"n":${n},"a":[1,],},]}`, `{"n":${n},"a":[1]}`),
  (n) => repaired(`{"n":${n},"value":NaN}`, `{"n":${n},"value":null}`),
  (n) => repaired(`{"n":${n},"cut off`, `{"n":${n},"cut off`),
  (n) => repaired(`{"records":null,"n":${n}}`, `{"records":null,"n":${n}}`),
  (n) => repaired(`[null,{"n":${n}},null]`, `{"n":${n}}`),
  (n) => {
    const body = Buffer.concat([
      Buffer.from(`{"n":${n},"bytes":"`),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}'),
    ]);
    return { body, fate: { to: "dead-letter", bytes: body } };
  },
  (n) => {
    const body = gzipSync(`{"n":${n}}`).subarray(0, -9);
    return { body, fate: { to: "dead-letter", bytes: body } };
  },
  (n) => {
    const record = `{"n":${n},"large":"${"é".repeat(130_000)}"}`;
    return {
      body: Buffer.from(`{"records":[${record}]}`),
      fate: { to: "dead-letter", bytes: Buffer.from(record) },
    };
  },
];

function repaired(body: string, text: string): Poison {
  return { body: Buffer.from(body), fate: { to: "intake", text } };
}

/** Sends uniquely numbered records in messages of many shapes, and remembers what must become of them. */
export class Traffic {
  readonly #hub: LocalHub;
  readonly #random: Random;
  readonly #fates = new Map<number, Fate>();
  readonly #sent = new Map<string, Sent[]>();
  #next = 0;

  constructor(hub: LocalHub, random: Random) {
    this.#hub = hub;
    this.#random = random;
    for (const partitionId of hub.partitionIds) {
      this.#sent.set(partitionId, []);
    }
  }

  /** Records sent so far: their numbers go from 0 to this, exclusive. */
  get records(): number {
    return this.#next;
  }

  get partitionIds(): readonly string[] {
    return this.#hub.partitionIds;
  }

  /** Messages of a partition in the order of their sequence numbers, which begin with 0. */
  sentTo(partitionId: string): readonly Sent[] {
    return this.#sent.get(partitionId) ?? [];
  }

  fateOf(number: number): Fate {
    return this.#fates.get(number) ?? { to: "intake", text: recordText(number) };
  }

  /** The number of the special record with exactly these bytes. */
  numberOfBytes(bytes: Buffer): number | undefined {
    for (const [number, fate] of this.#fates) {
      if (fate.to === "dead-letter" && fate.bytes.equals(bytes)) {
        return number;
      }
    }
    return undefined;
  }

  /** Sends at least so many records. */
  send(records: number): void {
    const until = this.#next + records;
    while (this.#next < until) {
      this.#sendMessage();
    }
  }

  /** One message of each of the ten kinds, and two that hold no record at all. */
  sendPoison(): void {
    for (const poison of POISONS) {
      const { body, fate } = poison(this.#next);
      this.#fates.set(this.#next, fate);
      this.#append(body, 1);
    }
    this.#append(Buffer.alloc(0), 0);
    this.#append(Buffer.from('{"type":"heartbeat"}'), 0);
  }

  #sendMessage(): void {
    const shape = this.#random.between(0, 9);
    const count = shape < 6 ? 1 : this.#random.between(2, 30);
    const texts = Array.from({ length: count }, (_, index) => recordText(this.#next + index));
    const [only = ""] = texts;
    if (shape < 6) {
      this.#append(Buffer.from(only), 1);
    } else if (shape < 8) {
      this.#append(Buffer.from(`{"records":[${texts.join(",")}]}`), count);
    } else if (shape < 9) {
      this.#append(gzipSync(`{ "records" : [ ${texts.join(" ,\n ")} ] }`), count);
    } else {
      this.#append(Buffer.from(`[${texts.join(", ")}]`), count);
    }
  }

  #append(body: Buffer, count: number): void {
    const partitionId = this.#random.pick(this.#hub.partitionIds);
    this.#hub.append(partitionId, [body]);
    const sent = this.#sent.get(partitionId) ?? [];
    sent.push({ firstNumber: this.#next, count });
    this.#sent.set(partitionId, sent);
    this.#next += count;
  }
}
