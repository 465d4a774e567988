import { expect, test } from "vitest";
import { HealthState } from "../../../src/platform/lifecycle/health.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const MINUTE_MS = 60_000;

function health() {
  const clock = new ManualClock(Date.UTC(2026, 10, 24));
  return { clock, state: new HealthState(clock) };
}

test("a quiet hub is healthy for as long as the receive loops turn", () => {
  const { clock, state } = health();
  state.partitionOpened("0");
  state.partitionOpened("1");
  for (let minute = 0; minute < 600; minute++) {
    clock.advance(MINUTE_MS);
    state.heartbeat("0");
    state.heartbeat("1");
  }
  expect(state.isHealthy).toBe(true);
});

test("one partition that stalls is unhealthy, until it goes on or belongs to somebody else", () => {
  const { clock, state } = health();
  state.partitionOpened("0");
  state.partitionOpened("1");
  for (let minute = 0; minute < 3; minute++) {
    clock.advance(MINUTE_MS);
    state.heartbeat("1");
  }
  expect(state.isHealthy).toBe(false);
  state.heartbeat("0");
  expect(state.isHealthy).toBe(true);
  clock.advance(3 * MINUTE_MS);
  state.partitionClosed("0");
  state.partitionClosed("1");
  expect(state.isHealthy).toBe(true);
  state.heartbeat("0");
  expect(JSON.parse(state.page().body).last_heartbeat, "a late heartbeat opens nothing").toBeNull();
});

test.each(["intakeFailing", "hubFailing"] as const)(
  "%s: a moment is forgiven, more is not, the end is",
  (failing) => {
    const { clock, state } = health();
    state[failing](clock.now());
    clock.advance(10_000);
    expect(state.isHealthy).toBe(true);
    clock.advance(1);
    expect(state.isHealthy).toBe(false);
    state[failing](null);
    expect(state.isHealthy).toBe(true);
  },
);

test("work that breaks again and again is unhealthy, until it goes on", () => {
  const { clock, state } = health();
  for (let attempt = 0; attempt < 3; attempt++) {
    state.uncaughtError();
    clock.advance(5000);
  }
  expect(state.isHealthy).toBe(false);
  state.recovered();
  expect(state.isHealthy).toBe(true);
  state.partitionOpened("0");
  for (const goesOn of [() => state.heartbeat("0"), () => state.eventsForwarded()]) {
    state.uncaughtError();
    clock.advance(11_000);
    expect(state.isHealthy).toBe(false);
    goesOn();
    expect(state.isHealthy).toBe(true);
  }
});

test("the page has the platform's names and tells its times in UTC", () => {
  const { clock, state } = health();
  expect(state.page()).toEqual({
    status: 200,
    contentType: "application/json",
    body: '{"last_events_time":null,"last_heartbeat":null,"seconds_without_events_threshold":0,"last_heartbeat_threshold":120,"error_count":0}',
  });
  state.partitionOpened("0");
  state.uncaughtError();
  clock.advance(1000);
  state.partitionOpened("1");
  expect(JSON.parse(state.page().body)).toMatchObject({
    last_heartbeat: "2026-11-24T00:00:00.000Z",
    error_count: 1,
  });
  clock.advance(200_000);
  state.eventsForwarded();
  expect(state.page().status).toBe(500);
  expect(JSON.parse(state.page().body)).toMatchObject({
    last_events_time: "2026-11-24T00:03:21.000Z",
    error_count: 0,
  });
});
