import { request } from "node:http";
import Value from "typebox/value";
import { expect } from "vitest";
import { Problem } from "../../../src/studio/contract/shared.ts";
import {
  type AnswerOf,
  type BodyOf,
  LiveMessage,
  type QueryOf,
  ROUTES,
  type RouteName,
} from "../../../src/studio/contract.ts";
import type { StudioServer } from "../../../src/studio/server/studio.ts";

type Asked<Name extends RouteName> = {
  /** Parts of the path. */
  readonly at?: Readonly<Record<string, string>>;
  readonly query?: QueryOf<Name>;
  readonly body?: BodyOf<Name>;
};
export type RawAnswer = {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
};

/** Asks a studio as its page does: with the cookie of a person who opened the address. Every answer is held against its schema. */
export class StudioClient {
  readonly #studio: StudioServer;
  readonly cookie: string;

  private constructor(studio: StudioServer, cookie: string) {
    this.#studio = studio;
    this.cookie = cookie;
  }

  static async open(studio: StudioServer): Promise<StudioClient> {
    const page = await fetch(studio.address);
    return new StudioClient(studio, page.headers.get("set-cookie")?.split(";")[0] ?? "");
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#studio.port}`;
  }

  /** @returns the answer, which must be a 2xx. */
  async ask<Name extends RouteName>(name: Name, asked: Asked<Name> = {}): Promise<AnswerOf<Name>> {
    const { status, text } = await this.#send(name, asked);
    expect(status, `${name}: ${text}`).toBe(200);
    const answer: unknown = JSON.parse(text);
    expect([...Value.Errors(ROUTES[name].answer, answer)], name).toEqual([]);
    return answer as AnswerOf<Name>;
  }

  /** @returns the no, which must be the only answer. */
  async refused<Name extends RouteName>(
    name: Name,
    asked: Asked<Name> = {},
  ): Promise<Problem["error"] & { readonly status: number }> {
    const { status, text } = await this.#send(name, asked);
    const answer: unknown = JSON.parse(text);
    expect([...Value.Errors(Problem, answer)], `${name} was not refused: ${text}`).toEqual([]);
    return { status, ...(answer as Problem).error };
  }

  /** Any address, with any headers; the cookie and the origin are sent unless others are given. */
  raw(
    method: string,
    path: string,
    { body, headers }: { readonly body?: unknown; readonly headers?: Record<string, string> } = {},
  ): Promise<RawAnswer> {
    const own = { cookie: this.cookie, ...(method !== "GET" && { origin: this.origin }) };
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.origin}${path}`,
        { method, agent: false, headers: { "content-type": "application/json", ...(headers ?? own) } },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (data: string) => {
            text += data;
          });
          response.on("end", () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
        },
      );
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** The first message of a type that the stream of the whole studio begins with. */
  async first<Wanted extends LiveMessage["type"]>(
    type: Wanted,
  ): Promise<Extract<LiveMessage, { type: Wanted }>> {
    const ended = new AbortController();
    const { body } = await fetch(`${this.origin}/api/live`, {
      headers: { cookie: this.cookie },
      signal: ended.signal,
    });
    let text = "";
    try {
      for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += part;
        for (const event of text.split("\n\n").slice(0, -1)) {
          const message: unknown = event.startsWith("data: ") ? JSON.parse(event.slice(6)) : undefined;
          if (Value.Check(LiveMessage, message) && message.type === type) {
            return message as Extract<LiveMessage, { type: Wanted }>;
          }
        }
      }
    } finally {
      ended.abort();
    }
    throw new Error(`the stream ended without a message of the type ${type}`);
  }

  #send<Name extends RouteName>(name: Name, { at = {}, query, body }: Asked<Name>): Promise<RawAnswer> {
    const [method = "GET", path = ""] = name.split(" ");
    const parts = path.replace(/:(\w+)/g, (_, part: string) => encodeURIComponent(at[part] ?? ""));
    const given = Object.entries((query ?? {}) as object).map(([key, value]) => [key, String(value)]);
    const search = new URLSearchParams(Object.fromEntries(given) as Record<string, string>).toString();
    return this.raw(method, search === "" ? parts : `${parts}?${search}`, {
      ...(method !== "GET" && { body: body ?? {} }),
    });
  }
}
