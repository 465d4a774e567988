import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Context, Hono } from "hono";
import { stream as streamBody } from "hono/streaming";
import type { Static } from "typebox";
import type { LiveMessage, RunMessage, TailMessage } from "../contract.ts";
import { asked, queryOf } from "./events.ts";
import type { Parts } from "./parts.ts";
import { stream } from "./streams.ts";

const TAIL_EVERY_MS = 250;
const EXPORT_PAGE = 500;

/** The routes that are not a single JSON message. */
export function serveDownloadsAndStreams(app: Hono, parts: Parts): void {
  const { events, runs, live, closing } = parts;
  app.get("/api/live", (context) => {
    const newest = runs.list(Number.MAX_SAFE_INTEGER, 1).map((run) => ({ type: "run" as const, run }));
    const first: Static<typeof LiveMessage>[] = [
      { type: "counts", counts: parts.counts() },
      { type: "playbook", playbook: parts.readPlaybook() },
      { type: "check", check: parts.check() },
      ...newest,
    ];
    return stream(context, first, (send) => live.listen(send), closing);
  });
  app.get("/api/runs/:id/live", (context) => {
    const id = Number(context.req.param("id"));
    const { figures, ledger, answers, curve } = runs.detail(id);
    const point = curve.at(-1);
    const first: Static<typeof RunMessage>[] = [{ type: "answers", answers }];
    if (figures !== null && ledger !== null && point !== undefined) {
      first.unshift({ type: "figures", figures, ledger, point });
    }
    return stream(context, first, (send) => runs.topic(id).listen(send), closing);
  });
  app.get("/api/events/live", (context) => {
    const query = queryOf({ q: context.req.query("q") ?? "" });
    let seen = events.store.lastNumber;
    const follow = (send: (message: Static<typeof TailMessage>) => void) => {
      const timer = setInterval(() => {
        const found = seen < events.store.lastNumber ? events.since(seen, query) : { hits: [], events: 0 };
        seen = events.store.lastNumber;
        if (found.events > 0) {
          send({ type: "hits", ...found });
        }
      }, TAIL_EVERY_MS);
      return () => clearInterval(timer);
    };
    asked(() => events.since(seen, query));
    return stream(context, [], follow, closing);
  });
  app.get("/api/events/export", (context) => {
    const { q, period, from, to } = context.req.query();
    const query = queryOf({
      ...(q !== undefined && { q }),
      ...(period !== undefined && { period }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    });
    asked(() => events.store.find({ ...query, limit: 1 }));
    asAttachment(context, "events.jsonl", "application/x-ndjson");
    return streamBody(context, async (body) => {
      let before: number | undefined;
      while (!body.aborted && !closing.aborted) {
        const page = events.store.find({ ...query, before, limit: EXPORT_PAGE });
        for (const event of page) {
          const { id, receivedAt } = events.hit(event);
          const ecs = event.ecs === null ? null : JSON.parse(event.ecs);
          await body.writeln(JSON.stringify({ event_id: id, received_at: receivedAt, raw: event.raw, ecs }));
        }
        before = page.at(-1)?.number;
        if (page.length < EXPORT_PAGE) {
          return;
        }
      }
    });
  });
  app.get("/api/events/:id/raw", (context) => {
    const { raw, eventId } = events.byId(context.req.param("id"));
    asAttachment(context, `${eventId}.txt`, "text/plain; charset=utf-8");
    return context.body(raw);
  });
  app.get("/api/runs/:id/export", (context) => {
    const id = Number(context.req.param("id"));
    const detail = runs.detail(id);
    asAttachment(context, `run-${id}.json`, "application/json");
    return context.body(JSON.stringify({ ...detail, log: runs.log.page(id, { limit: 100_000 }).lines }));
  });
  app.get("/api/setup/template", (context) => {
    asAttachment(context, "azuredeploy.json", "application/json");
    return context.body(readFileSync(join(parts.options.moduleDir, "infra", "azuredeploy.json"), "utf8"));
  });
}

function asAttachment(context: Context, name: string, type: string): void {
  context.header("Content-Type", type);
  context.header("Content-Disposition", `attachment; filename="${name.replace(/[^\w.-]/g, "_")}"`);
}
