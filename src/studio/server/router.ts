import type { Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import Schema from "typebox/schema";
import { type AnswerOf, type BodyOf, type QueryOf, ROUTES, type RouteName } from "../contract.ts";
import { Refused } from "./problem.ts";

export type Asked<Name extends RouteName> = {
  readonly query: QueryOf<Name>;
  readonly body: BodyOf<Name>;
  /** A part of the path; empty when the route has none of this name. */
  part(name: string): string;
};

export type Handlers = {
  readonly [Name in RouteName]: (asked: Asked<Name>) => AnswerOf<Name> | Promise<AnswerOf<Name>>;
};

const MAX_BODY_BYTES = 5 * 1024 * 1024;

/** Serves every route of the contract: checks what comes by its schema, and hands it to the route's handler. */
export function serveRoutes(app: Hono, handlers: Handlers): void {
  app.use(
    "/api/*",
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new Refused("bad-request", `The request is larger than ${MAX_BODY_BYTES} bytes.`);
      },
    }),
  );
  for (const [name, route] of Object.entries(ROUTES)) {
    const [method = "GET", path = ""] = name.split(" ");
    const handler = handlers[name as RouteName] as (asked: unknown) => unknown;
    const isQuery = Schema.Compile(route.query);
    const isBody = Schema.Compile(route.body);
    app.on(method, path, async (context) => {
      const query = parametersOf(context, route.query);
      if (!isQuery.Check(query)) {
        throw new Refused("bad-request", "A parameter of the address is missing or wrong.");
      }
      const body = method === "GET" ? {} : await bodyOf(context);
      if (!isBody.Check(body)) {
        throw new Refused("bad-request", "The message does not have the form that this request wants.");
      }
      return context.json(
        (await handler({ query, body, part: (part: string) => context.req.param(part) ?? "" })) as object,
      );
    });
  }
}

async function bodyOf(context: Context): Promise<unknown> {
  const type = context.req.header("content-type")?.split(";")[0]?.trim();
  if (type !== "application/json") {
    throw new Refused("bad-request", "Send JSON, with the content type application/json.");
  }
  return context.req.json().catch(() => {
    throw new Refused("bad-request", "The body is not JSON.");
  });
}

/** Parameters are texts; those that the schema has as whole numbers become such. */
function parametersOf(context: Context, schema: unknown): Record<string, unknown> {
  const properties = (schema as { properties?: Record<string, { type?: string }> }).properties ?? {};
  return Object.fromEntries(
    Object.entries(context.req.query())
      .filter(([name]) => Object.hasOwn(properties, name))
      .map(([name, text]) => [
        name,
        properties[name]?.type === "integer" && /^\d+$/.test(text) ? Number(text) : text,
      ]),
  );
}
