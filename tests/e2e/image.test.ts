import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LOCAL_HUB_NAME } from "../../src/local/defaults.ts";
import { type LocalStack, startStack } from "../../src/local/stack.ts";

const INTAKE_KEY = "the-key-of-the-image-test";
/** Tests may run as root; the image does not. */
const OTHER_USER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const dockerfile = readFileSync("Dockerfile", "utf8");

let image: string;
let platformFiles: string;
let stack: LocalStack;

/** A folder with what the Dockerfile's last stage holds: the build, the copied files, production packages alone. */
beforeAll(async () => {
  image = mkdtempSync(join(tmpdir(), "image-"));
  chmodSync(image, 0o755);
  const build = ["-p", "tsconfig.build.json", "--outDir", join(image, "dist")];
  await promisify(execFile)(process.execPath, ["node_modules/typescript/bin/tsc", ...build]);
  const lastStage = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
  const copied = [...lastStage.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, paths = ""]) =>
    paths.split(" "),
  );
  for (const path of [...copied, ...productionPackages()]) {
    cpSync(path, join(image, path), { recursive: true });
  }
  stack = await startStack({ intake: { keys: [INTAKE_KEY] } });
  platformFiles = join(image, "symphony");
  stack.writePlatformFiles(platformFiles, {
    hub_connection_string: stack.hub.connectionString(LOCAL_HUB_NAME),
    hub_name: LOCAL_HUB_NAME,
    storage_connection_string: stack.storage.connectionString,
    storage_container_name: "image",
    intake_key: INTAKE_KEY,
    intake_server: stack.intake.url,
  });
  for (const file of readdirSync(platformFiles)) {
    chmodSync(join(platformFiles, file), 0o644);
  }
}, 180_000);

afterAll(async () => {
  await stack?.close();
  rmSync(image, { recursive: true, force: true });
});

/** The folders that `npm ci --omit=dev` installs. */
function productionPackages(): string[] {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
  return Object.entries<{ readonly dev?: boolean }>(packages)
    .filter(([path, { dev }]) => path !== "" && !dev)
    .map(([path]) => path);
}

function startInImage(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, args, {
    ...OTHER_USER,
    cwd: image,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const seen = { output: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    seen.output += chunk.toString();
  });
  const errors = text(child.stderr);
  return { child, seen, errors, exited: once(child, "exit") as Promise<[number | null]> };
}

test("the image's folder runs the trigger as a user that is not root, and the health check tells the truth", async () => {
  stack.hub.hub(LOCAL_HUB_NAME).append("1", [Buffer.from('{"n":1}'), Buffer.from('{"n":2}')]);
  const env = { SYMPHONY_DIR: platformFiles, LIVENESS_PORT: "0", METRICS_PORT: "0" };
  const trigger = startInImage(["--disable-sigusr1", "dist/main.js", "azure_eventhub_messages_trigger"], env);
  try {
    await expect.poll(() => stack.intake.count(), { timeout: 20_000 }).toBe(2);
    const portOf = (page: string) =>
      new RegExp(`"port":(\\d+)},"message":"${page} is served at`).exec(trigger.seen.output)?.[1] ?? "";
    const port = portOf("/health");
    const pages: string[] = [];
    for (const page of ["/health", "/ledger", "/metrics"]) {
      const answer = await fetch(`http://127.0.0.1:${portOf(page)}${page}`);
      expect(answer.status, page).toBe(200);
      pages.push(await answer.text());
    }

    const command = /HEALTHCHECK[^\n]*\\\n\s*CMD (\[.*\])/.exec(dockerfile)?.[1] ?? "[]";
    const [program, ...script]: string[] = JSON.parse(command);
    expect(program).toBe("node");
    const isHealthy = async () => (await startInImage(script, { LIVENESS_PORT: port }).exited)[0] === 0;
    expect(await isHealthy()).toBe(true);
    trigger.child.kill("SIGTERM");
    expect(await trigger.exited, trigger.seen.output).toEqual([0, null]);
    expect(await isHealthy()).toBe(false);
    const accountKey = /AccountKey=([^;]+)/.exec(stack.storage.connectionString)?.[1] ?? "";
    for (const secret of [INTAKE_KEY, accountKey, "SAS_KEY_VALUE"]) {
      expect(trigger.seen.output + pages.join() + (await trigger.errors)).not.toContain(secret);
    }
  } finally {
    trigger.child.kill("SIGKILL");
  }
});

test("the image's studio serves its page, its formats and the template without a development package", async () => {
  await build({
    logLevel: "error",
    build: { outDir: join(image, "dist", "studio", "page"), emptyOutDir: true },
  });
  const data = mkdtempSync(join(tmpdir(), "image-studio-"));
  chmodSync(data, 0o777);
  const studio = startInImage(["dist/cli/main.js", "studio", "--data", data]);
  try {
    const addressOf = () => /http:\S+/.exec(studio.seen.output)?.[0];
    const early = studio.exited.then(async ([code]) => `ended with ${code}: ${await studio.errors}`);
    const started = expect.poll(addressOf, { timeout: 60_000 }).toBeDefined();
    expect(await Promise.race([early, started.then(() => "started")])).toBe("started");
    const page = await fetch(addressOf() ?? "");
    expect(await page.text()).toMatch(/<script type="module"[^>]* src="\/assets\//);
    const cookie = page.headers.get("set-cookie")?.split(";")[0] ?? "";
    const ask = (path: string, more: RequestInit = {}) => {
      const { origin } = new URL(addressOf() ?? "");
      const headers = { cookie, origin, "content-type": "application/json" };
      return fetch(new URL(path, origin), { headers, ...more });
    };
    expect(await (await ask("/api/setup/template")).json()).toHaveProperty("resources");
    expect(await (await ask("/api/formats")).json()).toMatchObject({
      formats: [{ name: "microsoft-intune" }],
    });
    const local = await ask("/api/local-stack/settings", { method: "POST", body: "{}" });
    expect(await local.text()).toMatch(/needs the package azurite/);
    studio.child.kill("SIGTERM");
    expect(await studio.exited, await studio.errors).toEqual([0, null]);
  } finally {
    studio.child.kill("SIGKILL");
    rmSync(data, { recursive: true, force: true });
  }
}, 120_000);

test("the image has no local stack, and says what that would need", async () => {
  const { exited, errors } = startInImage(["dist/cli/main.js", "local", "--once"]);
  expect(await exited).toEqual([1, null]);
  expect(await errors).toMatch(/needs the package azurite, .*npm install/);
});
