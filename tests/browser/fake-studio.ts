import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import Value from "typebox/value";
import { ROUTES, type RouteName } from "../../src/studio/contract.ts";
import { ANSWERS, LIVE } from "./fake-answers.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export type FakeStudio = {
  readonly address: string;
  /** What was asked of it, bodies with commands. */
  readonly asked: { readonly route: string; readonly body: unknown }[];
  close(): Promise<void>;
};

/** Serves the built page with the real policy, and the contract's routes with fixed answers, each checked against its schema. */
export async function startFakeStudio(page: string): Promise<FakeStudio> {
  const asked: { route: string; body: unknown }[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    response.setHeader("Content-Security-Policy", POLICY);
    if (pathname.endsWith("/live")) {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      for (const message of pathname === "/api/live" ? LIVE : []) {
        response.write(`data: ${JSON.stringify(message)}\n\n`);
      }
      return;
    }
    if (!pathname.startsWith("/api/")) {
      const file = pathname.startsWith("/assets/") ? pathname : "/index.html";
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
      response.end(readFileSync(join(page, file)));
      return;
    }
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      const route = routeOf(`${request.method} ${pathname}`);
      const body: unknown = text === "" ? {} : JSON.parse(text);
      asked.push({ route: route ?? pathname, body });
      reply(response, route, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function reply(response: ServerResponse, route: RouteName | undefined, body: unknown): void {
  const given = route === undefined ? undefined : ANSWERS[route];
  const answer = typeof given === "function" ? given(body) : given;
  if (route === undefined || answer === undefined) {
    response.writeHead(404, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { code: "not-found", message: "There is no such thing here." } }));
    return;
  }
  const { answer: schema, body: wanted } = ROUTES[route];
  const problems = [...Value.Errors(schema, answer), ...Value.Errors(wanted, body)];
  response.writeHead(problems.length === 0 ? 200 : 500, { "content-type": "application/json" });
  response.end(
    JSON.stringify(
      problems.length === 0
        ? answer
        : { error: { code: "failed", message: `against the contract: ${JSON.stringify(problems)}` } },
    ),
  );
}

/** An exact route wins over one with a parameter. */
function routeOf(asked: string): RouteName | undefined {
  const names = Object.keys(ROUTES) as RouteName[];
  const fits = (name: string) => new RegExp(`^${name.replace(/:\w+/g, "[^/]+")}$`).test(asked);
  return names.find((name) => name === asked) ?? names.find(fits);
}
