import type { CbsClient } from "@azure/core-amqp";
import { expect, test } from "vitest";
import type { HubAccess } from "../../../../src/connector/hub/amqp/access.ts";
import { Claims } from "../../../../src/connector/hub/amqp/claims.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

const RENEW_MS = 45 * 60 * 1000;
const RETRY_MS = 15_000;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Claims over a client that the test lets refuse, or whose links it closes. */
async function openClaims(renewMs?: number) {
  const clock = new ManualClock();
  const calls: string[] = [];
  const failures: string[] = [];
  const state = { isOpen: false, refuses: false };
  const cbs = {
    async init() {
      if (state.isOpen) {
        return;
      }
      await turn();
      state.isOpen = true;
      calls.push("links opened");
    },
    async negotiateClaim(audience: string, token: string, type: string) {
      if (!state.isOpen) {
        throw new Error("the link is closed");
      }
      if (state.refuses) {
        throw new Error("InvalidSignature");
      }
      calls.push(`${audience} ${token} ${type}`);
    },
  } as unknown as CbsClient;
  const access = {
    endpoint: "sb://localhost/",
    token: async () => ({ token: "t", type: "jwt", renewAfterMs: RENEW_MS }),
  } as unknown as HubAccess;
  const claims = new Claims(access, renewMs, clock, (error) => failures.push((error as Error).message));
  await claims.open(cbs);
  return { clock, calls, failures, state, claims };
}

test("a claim is made for the address, and again before its token runs out", async () => {
  const { claims, clock, calls } = await openClaims();
  await claims.make("a/0");
  expect(calls).toEqual(["links opened", "sb://localhost/a/0 t jwt"]);
  clock.advance(RENEW_MS - 1);
  await turn();
  expect(calls).toHaveLength(2);
  clock.advance(1);
  await turn();
  expect(calls).toHaveLength(3);
  clock.advance(RENEW_MS);
  await turn();
  expect(calls).toHaveLength(4);
});

test("the configured time goes before that of the token, and an address that is read no longer is renewed no longer", async () => {
  const { claims, clock, calls } = await openClaims(60_000);
  await claims.make("a/0");
  await claims.make("a/1");
  claims.drop("a/0");
  clock.advance(60_000);
  await turn();
  expect(calls.slice(3)).toEqual(["sb://localhost/a/1 t jwt"]);
});

test("a renewal that is refused is reported, and tried again after 15 seconds", async () => {
  const { claims, clock, calls, failures, state } = await openClaims();
  await claims.make("a/0");
  state.refuses = true;
  clock.advance(RENEW_MS);
  await turn();
  clock.advance(RETRY_MS);
  await turn();
  expect(failures).toEqual(["InvalidSignature", "InvalidSignature"]);
  state.refuses = false;
  clock.advance(RETRY_MS);
  await turn();
  expect(calls).toHaveLength(3);
  expect(clock.nextDelayMs).toBe(RENEW_MS);
});

test("links of the tokens that the hub has closed are opened again, once for all who need them", async () => {
  const { claims, calls, state } = await openClaims();
  state.isOpen = false;
  await Promise.all(["a/0", "a/1", "a/2"].map((address) => claims.make(address)));
  expect(calls.filter((call) => call === "links opened")).toHaveLength(2);
  expect(calls).toHaveLength(5);
  state.isOpen = false;
  await claims.make("a/3");
  expect(calls.filter((call) => call === "links opened")).toHaveLength(3);
});

test("after the close nothing is renewed, and no claim is made", async () => {
  const { claims, clock, calls } = await openClaims();
  await claims.make("a/0");
  claims.close();
  await expect(claims.make("a/1")).rejects.toThrow("the connection was closed");
  clock.advance(RENEW_MS);
  await turn();
  expect(calls).toHaveLength(2);
  expect(clock.pending).toBe(0);
});
