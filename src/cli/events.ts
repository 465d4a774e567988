import type { Command } from "commander";
import { InputInvalid } from "../kernel/errors.ts";
import { plainJson } from "../kernel/hidden-characters.ts";
import { countOf } from "./numbers.ts";
import { stopSignal } from "./stop-signal.ts";
import { type Streams, writeAll } from "./streams.ts";

type Options = {
  readonly url: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
};

/** Adds `events search` and `events tail`. */
export function registerEvents(program: Command, streams: Streams = process, listen = stopSignal): void {
  const events = program
    .command("events")
    .summary("the events in a local intake")
    .description(
      "Searches the events of a local intake in the platform's search language.\n" +
        "Exit code: 0, 1 if the intake does not answer, 2 if the search is invalid.",
    )
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ npx eventhub-intake events search --url http://127.0.0.1:8080 'action.type:AuditLogs AND NOT pipin*'\n" +
        "  $ npx eventhub-intake events tail --url http://127.0.0.1:8080 compliance\n",
    );
  const language =
    '\nLanguage: field:value, "quotes", * and ?, /regex/, :> :>= :< :<=, :[X TO Y], AND OR NOT,\n' +
    "parentheses; a bare word searches every field. customer.intake_key is the key.\n" +
    "Times are reception times.\n";
  events
    .command("search")
    .description("Prints the events that a search finds, newest first, one JSON object per line.")
    .argument("[QUERY...]", "the search; without it, every event")
    .requiredOption("--url <URL>", "the local intake's address, as intake and local print it")
    .option("--since <TIME>", "received at or after: ISO 8601, or milliseconds since 1970")
    .option("--until <TIME>", "received before")
    .option("--limit <COUNT>", "print at most this many", countOf)
    .addHelpText(
      "after",
      `${language}\nExample:\n  $ npx eventhub-intake events search --url http://127.0.0.1:8080 'action.type:AuditLogs AND NOT user.name:pipin*'\n`,
    )
    .action(async (words: string[], options: Options) => {
      await writeAll(streams.stdout, linesOf(await ask(options, "/events/export", words)));
    });
  events
    .command("tail")
    .description("Prints events as they arrive, one JSON object per line, until Ctrl-C.")
    .argument("[QUERY...]", "the search; without it, every event")
    .requiredOption("--url <URL>", "the local intake's address, as intake and local print it")
    .addHelpText("after", language)
    .action(async (words: string[], options: Options) => {
      const stop = listen();
      try {
        const answer = await ask(options, "/events/tail", words, stop.signal);
        await writeAll(streams.stdout, tailed(answer, stop.signal));
      } finally {
        stop.release();
      }
    });
}

async function ask(
  { url, since, until, limit }: Options,
  path: string,
  words: readonly string[],
  signal?: AbortSignal,
): Promise<AsyncIterable<string>> {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base === undefined) {
    throw new InputInvalid(`${url} is not an address; give one such as http://127.0.0.1:8080`);
  }
  const address = new URL(base.pathname.replace(/\/(events)?$/, "") + path, base);
  for (const [name, value] of Object.entries({ query: words.join(" "), since, until, limit })) {
    if (value !== undefined && value !== "") {
      address.searchParams.set(name, String(value));
    }
  }
  const response = await fetch(address, { ...(signal !== undefined && { signal }) }).catch(
    (cause: unknown) => {
      throw new Error(
        `No local intake answers at ${base.origin}; start one with \`npx eventhub-intake intake\`.`,
        { cause },
      );
    },
  );
  if (!response.ok || response.body === null) {
    const answer = (await response.json().catch(() => ({}))) as { error?: unknown };
    const message = String(answer.error ?? `HTTP ${response.status}`);
    throw response.status === 400
      ? new InputInvalid(message)
      : new Error(`The intake at ${base.origin} answered: ${message}`);
  }
  return response.body.pipeThrough(new TextDecoderStream());
}

async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of texts) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    // JSON leaves these raw, and a terminal would obey them.
    for (const line of lines) {
      yield `${plainJson(line)}\n`;
    }
  }
}

async function* tailed(texts: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const line of linesOf(texts)) {
      if (!line.startsWith("data: ")) {
        continue;
      }
      const { events } = JSON.parse(line.slice("data: ".length)) as { events: readonly unknown[] };
      for (const event of events.toReversed()) {
        yield `${plainJson(JSON.stringify(event))}\n`;
      }
    }
  } catch (cause) {
    if (!signal.aborted) {
      throw cause;
    }
  }
}
