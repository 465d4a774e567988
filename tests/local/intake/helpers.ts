import { request } from "node:http";
import type { IntakeOptions, LocalIntake } from "../../../src/local/intake/server.ts";
import { type FaultyIntake, startIntake } from "../../support/intake-faults.ts";

export type Reply = {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: unknown;
};

/** Runs `use` with an intake that is closed afterwards. */
export async function withIntake(
  options: IntakeOptions,
  use: (intake: FaultyIntake) => Promise<void>,
): Promise<void> {
  const intake = await startIntake(options);
  try {
    await use(intake);
  } finally {
    await intake.close();
  }
}

/** One request on a connection of its own. @throws when the connection is cut. */
export function call(
  method: string,
  url: string,
  body?: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        resolve({
          status,
          headers: response.headers,
          body: JSON.parse(Buffer.concat(parts).toString("utf8")),
        });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

export function postBatch(intake: LocalIntake, jsons: readonly unknown[], intakeKey = "key"): Promise<Reply> {
  return call("POST", `${intake.url}/batch`, JSON.stringify({ intake_key: intakeKey, jsons }));
}

/** The raw texts of the stored events, oldest first. */
export function rawEvents(intake: LocalIntake): readonly string[] {
  return intake
    .events({ limit: 10_000 })
    .map((event) => event.raw)
    .reverse();
}
