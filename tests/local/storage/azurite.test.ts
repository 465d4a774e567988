import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { BlobServiceClient } from "@azure/storage-blob";
import { expect, test } from "vitest";
import { type StorageOptions, startStorage } from "../../../src/local/storage/azurite.ts";

async function writeBlob(connectionString: string, text: string): Promise<void> {
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient("box");
  await container.createIfNotExists();
  await container.getBlockBlobClient("blob").upload(text, text.length);
}

async function readBlob(connectionString: string): Promise<string> {
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient("box");
  return (await container.getBlockBlobClient("blob").downloadToBuffer()).toString("utf8");
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    request({ host: "127.0.0.1", port, agent: false }, (response) => {
      response.resume();
      resolve(true);
    })
      .on("error", () => resolve(false))
      .end();
  });
}

test("the storage keeps blobs for the SDK, and leaves neither process nor folder", async () => {
  const storage = await startStorage();
  try {
    await writeBlob(storage.connectionString, "kept");
    expect(await readBlob(storage.connectionString)).toBe("kept");
  } finally {
    await storage.close();
  }
  expect(isAlive(storage.pid)).toBe(false);
  expect(await answers(storage.port)).toBe(false);
  const left = await readdir(tmpdir());
  expect(left.filter((name) => name.startsWith(`eventhub-intake-${process.pid}-`))).toEqual([]);
});

test("a folder that was given keeps its blobs from one start to the next", async () => {
  const folder = await mkdtemp(join(tmpdir(), "storage-test-"));
  const use = async (options: StorageOptions, work: (connectionString: string) => Promise<void>) => {
    const storage = await startStorage(options);
    try {
      await work(storage.connectionString);
    } finally {
      await storage.close();
    }
  };
  try {
    await use({ folder }, (connectionString) => writeBlob(connectionString, "kept"));
    await use({ folder }, async (connectionString) => {
      expect(await readBlob(connectionString)).toBe("kept");
    });
    expect(existsSync(folder)).toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a port that is taken is reported by its number", async () => {
  const squatter = createServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  const address = squatter.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    await expect(startStorage({ port })).rejects.toMatchObject({
      code: "LOCAL_SERVER_FAILED",
      message: expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${port}.*EADDRINUSE`)),
    });
  } finally {
    squatter.close();
  }
});

test("the storage goes when its parent is killed", async () => {
  const module = fileURLToPath(new URL("../../../src/local/storage/azurite.ts", import.meta.url));
  const script = `
    const { startStorage } = await import(${JSON.stringify(module)});
    const { pid } = await startStorage();
    console.log(pid);
    setInterval(() => {}, 1000);
  `;
  const parent = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface(parent.stdout), "line")) as [string];
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    await expect.poll(() => isAlive(pid), { interval: 50, timeout: 10_000 }).toBe(false);
  } finally {
    parent.kill("SIGKILL");
  }
});
