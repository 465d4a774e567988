import { expect, test } from "vitest";
import type { TriggerContext } from "../../src/app/run-trigger.ts";
import { openIntake } from "../../src/app/wiring.ts";
import { NO_PROXIES } from "../../src/kernel/proxy.ts";

test.each([
  {
    server: "http://intake.example:8080/path?key=secret",
    told: ["warning: the intake http://intake.example:8080 is used"],
  },
  { server: "http://127.0.0.1:8080", told: [] },
  { server: "https://intake.example", told: [] },
])(
  "an intake beyond this machine without encryption is a warning at the start: $server",
  ({ server, told }) => {
    const lines: string[] = [];
    const context = {
      arguments: { intake_server: server, intake_key: "secret" },
      limits: { inFlightMib: 40, frequencyMaxSeconds: 10, logLevel: "info" },
      logger: { log: (level: string, message: string) => void lines.push(`${level}: ${message}`) },
      proxies: NO_PROXIES,
      userAgent: "test",
    };
    openIntake(context as unknown as TriggerContext).close();
    expect(lines.map((line) => line.slice(0, told[0]?.length))).toEqual(told);
    expect(lines.join()).not.toContain("secret");
  },
);
