import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import type { Static } from "typebox";
import type { SettingsSchema } from "../../app/given-settings.ts";
import { messageOf } from "../../kernel/errors.ts";
import { LocalServerFailed } from "../../local/errors.ts";
import { type IntakeOptions, type LocalIntake, startIntake } from "../../local/intake/server.ts";
import type { Check } from "../contract/playbook.ts";
import type { LiveMessage } from "../contract.ts";
import { AlertPages } from "./alerts.ts";
import { openDatabase } from "./database.ts";
import { Events } from "./events.ts";
import { Formats } from "./formats.ts";
import { guard } from "./guard.ts";
import { handlersOf } from "./handlers.ts";
import { EmbeddedStack } from "./local-stack.ts";
import { ModuleWork } from "./module-work.ts";
import type { Parts, StudioOptions } from "./parts.ts";
import { hubHostOf, PlaybookStore } from "./playbook.ts";
import { Refused } from "./problem.ts";
import { serveRoutes } from "./router.ts";
import { Runs } from "./runs.ts";
import { serveDownloadsAndStreams } from "./streamed.ts";
import { Topic } from "./streams.ts";
import { Trials } from "./trials.ts";

const HOST = "127.0.0.1";
const COUNTS_EVERY_MS = 1000;
const RESTART_AFTER_MS = 2000;
const PAGES = ["/", "/playbook", "/runs", "/events", "/alerts", "/formats", "/setup"];

export type StudioServer = {
  /** With the key to the page; to be printed, and never logged. */
  readonly address: string;
  readonly port: number;
  readonly intake: LocalIntake;
  close(): Promise<void>;
};

/**
 * The studio: its page, its API, the platform's part for the runs, and the local intake.
 * @throws LocalServerFailed when the port is taken or the data cannot be opened.
 */
export async function startStudio(options: StudioOptions): Promise<StudioServer> {
  const { dataFolder, moduleDir, stack, format } = options;
  if (dataFolder !== undefined) {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  }
  const inData = (name: string) => (dataFolder === undefined ? ":memory:" : join(dataFolder, name));
  const manifest = readJson(join(moduleDir, "manifest.json"));
  const item = readJson(join(moduleDir, "trigger_consume_eventhub.json"));
  const database = opened(() => openDatabase(inData("studio.db")));
  const live = new Topic<Static<typeof LiveMessage>>();
  const closing = new AbortController();
  const token = randomBytes(24).toString("base64url");
  let port = 0;
  const rulesFolder = dataFolder === undefined || stack !== undefined ? null : join(dataFolder, "rules");
  if (rulesFolder !== null) {
    mkdirSync(join(rulesFolder, "indicators"), { recursive: true });
  }
  const { intake, formerUrl } =
    (stack && { intake: stack.intake, formerUrl: null }) ??
    (await startOwnIntake(database, {
      database: inData("events.db"),
      format,
      detection: {
        rules: [
          ...(options.rules === undefined ? [] : [options.rules]),
          ...(rulesFolder === null ? [] : [{ paths: [rulesFolder], dialect: "platform" as const }]),
        ],
      },
    }));
  const changes = new Set<"alerts" | "rules">();
  const unlisten = intake.alerts.listen((changed) => {
    changes.add("alerts");
    if (changed.length === 0) {
      changes.add("rules");
    }
  });
  const playbook = new PlaybookStore(database, item["arguments"] as SettingsSchema);
  const localStack = new EmbeddedStack({
    database,
    playbook,
    intake,
    formerIntakeUrl: formerUrl,
    given: stack,
  });
  const work = new ModuleWork(moduleDir);
  const readPlaybook = () => {
    const settings = playbook.settings();
    const server = String(settings["intake_server"] ?? "");
    const isLocal = server === intake.url;
    return playbook.read({
      hub: { host: hubHostOf(settings), isLocal: localStack.isRead(settings) },
      intake: { format: isLocal ? format.name : null, server, isLocal },
    });
  };
  const playbookChanged = () => live.publish({ type: "playbook", playbook: readPlaybook() });
  const runs = new Runs({
    database,
    playbook,
    callbackUrl: (run) => `http://${HOST}:${port}/platform/${run}/callback`,
    live,
    playbookChanged,
    restartAfterMs: options.restartAfterMs ?? RESTART_AFTER_MS,
  });
  // Without a folder for data, saved formats live as long as the studio does.
  const temporary =
    dataFolder === undefined ? mkdtempSync(join(tmpdir(), "eventhub-intake-studio-")) : undefined;
  const formats = new Formats({
    bundled: join(moduleDir, "formats"),
    own: join(dataFolder ?? temporary ?? "", "formats"),
    inUse: format,
    database,
  });
  let check: Static<typeof Check> = { state: "never", startedAt: null, of: 0, lines: [], reason: null };
  let checking = new AbortController();
  const counts = () => ({
    runsOn: runs.runsOn,
    events: intake.count(),
    openAlerts: intake.alerts.stored.openCount,
    formats: formats.list().length,
  });
  const events = new Events({ intake, format });
  const trials = new Trials(events);
  const parts: Parts = {
    options,
    manifest,
    item,
    playbook,
    runs,
    events,
    alerts: new AlertPages({ intake, events, folder: rulesFolder }),
    trials,
    formats,
    work,
    live,
    closing: closing.signal,
    port: () => port,
    localStack,
    counts,
    readPlaybook,
    playbookChanged,
    check: () => check,
    startCheck(settings) {
      checking.abort(new Error("another check began"));
      checking = new AbortController();
      const { signal } = checking;
      void work.check(
        settings,
        (told) => {
          if (signal.aborted) {
            return;
          }
          check = told;
          live.publish({ type: "check", check });
        },
        signal,
      );
      return check;
    },
  };

  const app = new Hono();
  app.onError((thrown, context) => {
    const refused =
      thrown instanceof Refused ? thrown : new Refused("failed", `The studio failed: ${messageOf(thrown)}`);
    return context.json(refused.body, refused.status);
  });
  servePlatform(app, runs);
  app.use(
    "*",
    guard(token, () => port),
  );
  for (const path of ["/api/events", "/api/events/*", "/api/alerts", "/api/alerts/*"]) {
    app.use(path, async (_context, next) => {
      await intake.settledSoon();
      await next();
    });
  }
  serveDownloadsAndStreams(app, parts);
  serveRoutes(app, handlersOf(parts));
  servePages(app, options.pageFolder ?? join(moduleDir, "dist", "studio", "page"));
  app.notFound((context) =>
    context.json(new Refused("not-found", "There is nothing at this address.").body, 404),
  );
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const started = serve({ fetch: app.fetch, hostname: HOST, port: options.port ?? 0 }, () =>
      resolve(started),
    );
    started.once("error", (cause: Error) =>
      reject(
        new LocalServerFailed(`the studio cannot listen on ${HOST}:${options.port}; choose another port`, {
          cause,
        }),
      ),
    );
  });
  port = (server.address() as AddressInfo).port;
  // A stack that cannot be started again leaves the settings as they are; Check tells what does not answer.
  await localStack.restore().catch(() => undefined);
  let told = "";
  const timer = setInterval(() => {
    const now = JSON.stringify(counts());
    if (now !== told) {
      live.publish({ type: "counts", counts: counts() });
    }
    told = now;
    if (intake.alerts.hunt?.isRunning === true) {
      changes.add("rules");
    }
    for (const what of changes) {
      live.publish({ type: "changed", what });
    }
    changes.clear();
  }, COUNTS_EVERY_MS);
  runs.begin();
  return {
    address: `http://${HOST}:${port}/?token=${token}`,
    port,
    intake,
    async close() {
      clearInterval(timer);
      checking.abort(new Error("the studio ends"));
      await runs.close();
      closing.abort(new Error("the studio ends"));
      unlisten();
      await trials.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) {
          server.closeAllConnections();
        }
      });
      await localStack.close();
      if (stack === undefined) {
        await intake.close();
      }
      database.close();
      if (temporary !== undefined) {
        rmSync(temporary, { recursive: true, force: true });
      }
    },
  };
}

/** On the port of the last start, which saved settings name; on another when somebody took it meanwhile. */
async function startOwnIntake(database: DatabaseSync, options: IntakeOptions): Promise<OwnIntake> {
  const saved = Number(database.prepare("SELECT port FROM local_intake").get()?.["port"] ?? 0);
  const intake = await startIntake({ ...options, port: saved }).catch((thrown: unknown) => {
    if (saved === 0) {
      throw thrown;
    }
    return startIntake(options);
  });
  database.prepare("INSERT OR REPLACE INTO local_intake VALUES (1, ?)").run(intake.port);
  return { intake, formerUrl: saved === 0 ? null : `http://${HOST}:${saved}` };
}

/** With its address at the last start; null when there was none. */
type OwnIntake = { readonly intake: LocalIntake; readonly formerUrl: string | null };

/** The platform's part: what the trigger logs and announces, told apart by the run's own token. */
function servePlatform(app: Hono, runs: Runs): void {
  app.post("/platform/:run/:what", async (context) => {
    const body: unknown = await context.req.json().catch(() => ({}));
    const given = context.req.header("authorization")?.replace(/^Bearer /, "");
    const lines = context.req.param("what") === "logs" ? linesOf(body) : [];
    const isRun = runs.takeLines(Number(context.req.param("run")), given, lines);
    return isRun
      ? context.json({})
      : context.json(new Refused("forbidden", "This is not the token of a run that is on.").body, 403);
  });
  app.get("/platform/:run/secrets", (context) => {
    const given = context.req.header("authorization")?.replace(/^Bearer /, "");
    const isRun = runs.takeLines(Number(context.req.param("run")), given, []);
    return isRun
      ? context.json({ value: {} })
      : context.json(new Refused("forbidden", "This is not the token of a run that is on.").body, 403);
  });
}

type Lines = Parameters<Runs["takeLines"]>[2];
const LEVELS = new Set(["debug", "info", "warning", "error", "critical"]);

function linesOf(body: unknown): Lines {
  const logs = (body as { logs?: unknown } | null)?.logs;
  if (!Array.isArray(logs)) {
    return [];
  }
  return logs.filter(
    (line): line is Lines[number] =>
      typeof line?.date === "string" && LEVELS.has(line?.level) && typeof line?.message === "string",
  );
}

function servePages(app: Hono, folder: string): void {
  app.use(
    "/assets/*",
    serveStatic({
      root: folder,
      onFound: (_path, context) => context.header("Cache-Control", "public, max-age=31536000, immutable"),
    }),
  );
  const page = () => {
    const path = join(folder, "index.html");
    return existsSync(path)
      ? readFileSync(path, "utf8")
      : "<!doctype html><title>eventhub-intake</title><p>The page is not built. Run npm run build, then reload.</p>";
  };
  for (const path of PAGES) {
    app.get(path, (context) => context.html(page()));
    if (path !== "/") {
      app.get(`${path}/:id`, (context) => context.html(page()));
    }
  }
}

function readJson(path: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(path, "utf8"));
}

function opened<T>(open: () => T): T {
  try {
    return open();
  } catch (cause) {
    throw new LocalServerFailed(`the studio cannot open its data: ${messageOf(cause)}`, { cause });
  }
}
