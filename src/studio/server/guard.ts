import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { Refused } from "./problem.ts";

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Lets only the person in who started the studio: right `Host`, right `Origin`, and the token of this start as a strict
 * cookie, or in the address of a page, which sets the cookie.
 */
export function guard(token: string, port: () => number): MiddlewareHandler {
  return async (context, next) => {
    context.header("Content-Security-Policy", POLICY);
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Referrer-Policy", "no-referrer");
    context.header("Cross-Origin-Resource-Policy", "same-origin");
    context.header("Cache-Control", "no-store");
    const hosts = [`127.0.0.1:${port()}`, `localhost:${port()}`];
    const host = context.req.header("host") ?? "";
    if (!hosts.includes(host)) {
      throw new Refused("forbidden", "This page is served to this machine alone.");
    }
    const origin = context.req.header("origin");
    const isRead = context.req.method === "GET" || context.req.method === "HEAD";
    if (origin === undefined ? !isRead : origin !== `http://${host}`) {
      throw new Refused("forbidden", "Another site may not ask the studio.");
    }
    const cookie = `studio-${port()}`;
    if (isSame(getCookie(context, cookie), token)) {
      return next();
    }
    const isApi = context.req.path.startsWith("/api/");
    if (!isApi && isRead && isSame(context.req.query("token"), token)) {
      setCookie(context, cookie, token, { httpOnly: true, sameSite: "Strict", path: "/" });
      return next();
    }
    throw new Refused(
      "forbidden",
      "Open the address that the studio printed when it started; it holds the key to this page.",
    );
  };
}

export function isSame(given: string | undefined, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(wanted));
}
