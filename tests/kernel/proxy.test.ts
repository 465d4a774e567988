import { expect, test } from "vitest";
import { credentialsOf, NO_PROXIES, proxyFor, routeTo } from "../../src/kernel/proxy.ts";

const PROXY = new URL("http://me:p%40ss@proxy.example:3128");

test.each([
  { bypass: "", host: "hub.example", isDirect: false },
  { bypass: "hub.example", host: "hub.example", isDirect: true },
  { bypass: "hub.example", host: "other.hub.example", isDirect: false },
  { bypass: " .example , x", host: "hub.example", isDirect: true },
  { bypass: ".example", host: "example", isDirect: true },
  { bypass: ".example", host: "notexample", isDirect: false },
  { bypass: ",,", host: "hub.example", isDirect: false },
])("NO_PROXY '$bypass' leads past the proxy to $host: $isDirect", ({ bypass, host, isDirect }) => {
  const found = proxyFor(new URL(`https://${host}/path`), { proxy: PROXY, bypass });
  expect(found).toBe(isDirect ? undefined : PROXY);
});

test("the way through a proxy names it and logs in; without one it is direct, whatever the environment says", () => {
  const url = new URL("https://intake.example");
  expect(routeTo(url, { proxy: PROXY, bypass: "" }).proxy).toEqual({
    protocol: "http:",
    host: "proxy.example",
    port: 3128,
    auth: { username: "me", password: "p@ss" },
  });
  expect(routeTo(url, { proxy: new URL("https://proxy.example"), bypass: "" }).proxy).toEqual({
    protocol: "https:",
    host: "proxy.example",
    port: 443,
  });
  expect(routeTo(url, NO_PROXIES).proxy).toBe(false);
});

test("a password with a lone percent sign is taken as it stands", () => {
  expect(credentialsOf(new URL("http://me:100%@proxy.example"))).toEqual({
    username: "me",
    password: "100%",
  });
});
