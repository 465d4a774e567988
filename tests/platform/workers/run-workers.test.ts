import { afterEach, expect, test } from "vitest";
import { isAlive } from "../../support/processes.ts";
import { type Child, startChild } from "../support/child.ts";
import { startServer, type TestServer } from "../support/http.ts";
import { INCUMBENT } from "../support/settings.ts";

const CONFIGURATION = JSON.stringify(INCUMBENT);

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) {
    await close();
  }
});

function startWorkers(env: Readonly<Record<string, string>>): Child {
  const child = startChild({ TRIGGER_CONFIGURATION: CONFIGURATION, WORKERS: "2", ...env });
  closers.push(() => {
    for (const pid of pidsOf(child).filter(isAlive)) {
      process.kill(pid, "SIGKILL");
    }
  });
  return child;
}

const pidsOf = (child: Child) =>
  child
    .entries()
    .filter(({ message }) => /^worker \d is started$/.test(message))
    .map(({ fields }) => Number(fields?.["pid"]));

async function bothWork(child: Child): Promise<void> {
  for (const worker of [1, 2]) {
    await child.entry(
      ({ message, fields }) => message.startsWith("working") && fields?.["worker"] === worker,
    );
  }
}

const told = (child: Child) => child.entries().map(({ level, message }) => `${level}: ${message}`);

test("a wrong configuration is told once and ends all before any worker starts", async () => {
  const wrong = JSON.stringify({ ...INCUMBENT, chunk_size: 0 });
  const child = startWorkers({ BEHAVIOUR: "drain", TRIGGER_CONFIGURATION: wrong, WORKERS: "many" });
  expect(await child.exit).toBe(2);
  expect(told(child).filter((line) => !line.startsWith("info"))).toEqual([
    "error: `workers` is no number of processes; give one from 0 (as many as cores) to 64, for example `2`",
    expect.stringMatching(/^error: `chunk_size` .*must be at least 1/),
    "critical: Configuration error",
  ]);
});

test("what no start can mend is told once, ends all, and keeps its exit code", async () => {
  const child = startWorkers({ BEHAVIOUR: "refuse", WORKERS: "3" });
  expect(await child.exit).toBe(1);
  expect(told(child).filter((line) => !line.startsWith("info"))).toEqual([
    "critical: the hub refused the key; check hub_connection_string",
  ]);
  expect(pidsOf(child).filter(isAlive)).toEqual([]);
});

test("one process writes the log and ships it, and no secret of the workers is in it", async () => {
  const server: TestServer = await startServer(() => ({ status: 200 }));
  closers.push(() => server.close());
  const child = startWorkers({ BEHAVIOUR: "drain", TOKEN: "platform-token", URL_LOGS: `${server.url}/logs` });
  await bothWork(child);
  child.process.kill("SIGTERM");
  expect(await child.exit).toBe(0);
  const messages = child.entries().map(({ message }) => message);
  expect(messages.filter((message) => message.startsWith("stopping"))).toHaveLength(1);
  expect(messages.filter((message) => message === "drained")).toHaveLength(2);
  type Body = { readonly logs: readonly { readonly message: string }[] };
  const shipped = server.requests.flatMap(({ body }) => (body as Body).logs.map(({ message }) => message));
  expect(shipped).toContainEqual(
    expect.stringMatching(/^working with \*\*\* \(intake_key=\*\*\*, worker=[12]\)$/),
  );
  expect(shipped.filter((message) => message.startsWith("working"))).toHaveLength(1);
  expect(child.output() + shipped.join()).not.toContain(INCUMBENT.intake_key);
});

test("a second signal ends the workers, too, at once", async () => {
  const child = startWorkers({ BEHAVIOUR: "hang" });
  await bothWork(child);
  child.process.kill("SIGINT");
  await child.entry(({ message }) => message.startsWith("stopping on SIGINT"));
  child.process.kill("SIGTERM");
  expect(await child.exit).toBe(143);
  await expect.poll(() => pidsOf(child).filter(isAlive), { timeout: 10_000 }).toEqual([]);
});

test("a terminal's signal, which the workers get as well, drains them once", async () => {
  const child = startWorkers({ BEHAVIOUR: "drain" });
  await bothWork(child);
  for (const pid of [child.process.pid ?? 0, ...pidsOf(child)]) {
    process.kill(pid, "SIGINT");
  }
  expect(await child.exit).toBe(0);
  expect(told(child).filter((line) => line === "info: drained")).toHaveLength(2);
});

test("workers whose parent is killed drain and end", async () => {
  const child = startWorkers({ BEHAVIOUR: "drain" });
  await bothWork(child);
  child.process.kill("SIGKILL");
  await expect.poll(() => pidsOf(child).filter(isAlive), { timeout: 10_000 }).toEqual([]);
});

test("a worker that ends without a reason is started again, and the counts say so", async () => {
  const child = startWorkers({ BEHAVIOUR: "drain" });
  await bothWork(child);
  const [first = 0] = pidsOf(child);
  process.kill(first, "SIGTERM");
  const { fields } = await child.entry(({ message }) => message.startsWith("worker 1 died (exit code 0)"));
  expect(fields?.["wait_ms"]).toBeLessThan(1000);
  await expect.poll(() => pidsOf(child).length, { timeout: 10_000 }).toBe(3);
  const page = async (path: string) => {
    const served = await child.entry(({ message }) => message === `${path} is served`);
    return (await fetch(`http://127.0.0.1:${served.fields?.["port"]}${path}`)).text();
  };
  expect(await page("/metrics")).toMatch(/eventhub_intake_worker_restarts_total\{.*\} 1$/m);
  expect(JSON.parse(await page("/health"))).toMatchObject({ error_count: 1 });
  child.process.kill("SIGTERM");
  expect(await child.exit).toBe(0);
});
