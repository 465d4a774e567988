import { expect, test } from "vitest";
import { HealthState } from "../../../src/platform/lifecycle/health.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const MINUTE_MS = 60_000;

function health() {
  const clock = new ManualClock(Date.UTC(2026, 10, 24));
  const state = new HealthState(clock);
  const pages = () => [state.livenessPage().status, state.readinessPage().status];
  const reasons = () => state.degradations().map(({ reason }) => reason);
  return { clock, state, pages, reasons };
}
const OK = [200, 200];
const DEGRADED = [200, 503];
const STUCK = [500, 503];

test("a quiet hub is healthy for as long as the receive loops turn", () => {
  const { clock, state, pages } = health();
  state.loopStarted("0");
  state.loopStarted("1");
  for (let minute = 0; minute < 600; minute++) {
    clock.advance(MINUTE_MS);
    state.heartbeat("0");
    state.heartbeat("1");
  }
  expect(pages()).toEqual(OK);
});

test("a loop that hangs asks for a restart, until it goes on or belongs to somebody else", () => {
  const { clock, state, pages } = health();
  state.loopStarted("0");
  state.loopStarted("1");
  for (let minute = 0; minute < 3; minute++) {
    clock.advance(MINUTE_MS);
    state.heartbeat("1");
  }
  expect(pages()).toEqual(STUCK);
  state.heartbeat("0");
  expect(pages()).toEqual(OK);
  clock.advance(3 * MINUTE_MS);
  state.loopEnded("0");
  state.loopEnded("1");
  expect(pages()).toEqual(OK);
  state.heartbeat("0");
  expect(JSON.parse(state.livenessPage().body).last_heartbeat, "a late heartbeat opens nothing").toBeNull();
});

test.each(["intake", "hub", "storage"])(
  "%s fails: a moment is forgiven; then it is reported, but no restart is asked for; the end is reported too",
  (reason) => {
    const { clock, state, pages, reasons } = health();
    state.failing(reason, clock.now());
    clock.advance(10_000);
    expect(pages()).toEqual(OK);
    clock.advance(1);
    expect([pages(), reasons()]).toEqual([DEGRADED, [reason]]);
    clock.advance(600 * MINUTE_MS);
    expect(pages()).toEqual(DEGRADED);
    expect(JSON.parse(state.livenessPage().body)).toMatchObject({
      status: "degraded",
      reasons: [{ reason, since: "2026-11-24T00:00:00.000Z" }],
    });
    state.failing(reason, null);
    expect(pages()).toEqual(OK);
  },
);

test("what stands still after all was tried asks for a restart, until it goes on", () => {
  const { clock, state, pages } = health();
  state.stuck(clock.now());
  expect([pages(), JSON.parse(state.livenessPage().body).status]).toEqual([STUCK, "stuck"]);
  state.stuck(null);
  expect(pages()).toEqual(OK);
});

test("work that breaks again and again is degraded, until it goes on", () => {
  const { clock, state, pages, reasons } = health();
  for (let attempt = 0; attempt < 3; attempt++) {
    state.uncaughtError();
    clock.advance(5000);
  }
  expect([pages(), reasons()]).toEqual([DEGRADED, ["work"]]);
  state.recovered();
  expect(pages()).toEqual(OK);
  state.loopStarted("0");
  for (const goesOn of [() => state.heartbeat("0"), () => state.eventsForwarded()]) {
    state.uncaughtError();
    clock.advance(11_000);
    expect(pages()).toEqual(DEGRADED);
    goesOn();
    expect(pages()).toEqual(OK);
  }
});

test("the page has the platform's names and tells its times in UTC", () => {
  const { clock, state } = health();
  expect(state.livenessPage()).toEqual({
    status: 200,
    contentType: "application/json",
    body: '{"last_events_time":null,"last_heartbeat":null,"seconds_without_events_threshold":0,"last_heartbeat_threshold":120,"error_count":0,"status":"ok"}',
  });
  state.loopStarted("0");
  state.uncaughtError();
  clock.advance(1000);
  state.loopStarted("1");
  expect(JSON.parse(state.livenessPage().body)).toMatchObject({
    last_heartbeat: "2026-11-24T00:00:00.000Z",
    error_count: 1,
  });
  clock.advance(200_000);
  state.eventsForwarded();
  expect(JSON.parse(state.livenessPage().body)).toMatchObject({
    last_events_time: "2026-11-24T00:03:21.000Z",
    error_count: 0,
  });
});
