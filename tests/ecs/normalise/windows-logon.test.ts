import { expect, test } from "vitest";
import { normalised } from "./values.ts";

const PROPERTIES = {
  LogonType: "3",
  LogonProcessName: "NtLmSsp ",
  SubjectUserSid: "S-1-0-0",
  SubjectUserName: "-",
  SubjectDomainName: "-",
  TargetUserSid: "S-1-2-3",
  TargetUserName: "ann",
  TargetDomainName: "ACME",
  WorkstationName: "-",
  IpAddress: "192.0.2.1",
};

function logon(
  code: string,
  properties: object,
  event: object = {},
): Record<string, Record<string, unknown>> {
  const draft = { event: { code, ...event }, host: { name: "dc" }, action: { properties } };
  return normalised(draft) as Record<string, Record<string, unknown>>;
}

test("a network logon without workstation is the host's own", () => {
  expect(logon("4624", PROPERTIES, { type: ["info"], action: "x" })).toMatchObject({
    event: {
      action: "authentication_network",
      category: ["authentication"],
      outcome: "success",
      type: ["info", "start"],
    },
    user: { id: "S-1-0-0", target: { id: "S-1-2-3", name: "ann" } },
    sekoiaio: {
      authentication: { process: { name: "NtLmSsp " } },
      client: { name: "dc", os: { type: "windows" } },
      server: { name: "dc", os: { type: "windows" } },
    },
  });
});

test("who asked for the logon has a domain, who is logged on has none but the format's", () => {
  const properties = { ...PROPERTIES, SubjectUserName: "bob", SubjectDomainName: "CORP" };
  expect(logon("4624", properties)["user"]).toEqual({
    id: "S-1-0-0",
    name: "bob",
    domain: "CORP",
    target: { id: "S-1-2-3", name: "ann" },
  });
});

test("a workstation that has a name is the client, at its address", () => {
  const event = logon("4624", { ...PROPERTIES, WorkstationName: "WS-1" });
  expect(event["client"]).toEqual({ ip: "192.0.2.1" });
  expect(event["sekoiaio"]?.["client"]).toEqual({ name: "WS-1", os: { type: "windows" } });
});

test("a nameless workstation's address is not a client's; the host is both ends", () => {
  expect(logon("4624", PROPERTIES)["client"]).toBeUndefined();
  const draft = {
    event: { code: "4624" },
    host: { name: "dc", ip: ["10.0.0.1"], domain: "acme" },
    action: { properties: PROPERTIES },
  };
  expect(normalised(draft)).toMatchObject({
    server: { ip: ["10.0.0.1"], domain: "acme" },
    client: { ip: ["10.0.0.1"], domain: "acme" },
  });
});

test.each([
  { status: "0xC0000064", reason: "user_not_exist" },
  { status: "0xc000006a", reason: "bad_password" },
  { status: "0xc0000234", reason: undefined },
])("a failed logon with the status $status has the reason $reason", ({ status, reason }) => {
  const { event } = logon("4625", { ...PROPERTIES, SubStatus: status });
  expect(event?.["outcome"]).toBe("failure");
  expect(event?.["reason"]).toBe(reason);
});

test.each([
  { type: "5", action: "authentication_service" },
  { type: "9", action: "authentication_alternative_credentials" },
  { type: "99", action: undefined },
])("a logon of type $type is the action $action", ({ type, action }) => {
  expect(logon("4624", { ...PROPERTIES, LogonType: type })["event"]?.["action"]).toBe(action);
});

test("a logon without type says less", () => {
  const { LogonType: _, ...untyped } = { ...PROPERTIES, WorkstationName: "WS-1" };
  expect(logon("4625", untyped)["sekoiaio"]).toEqual({
    authentication: { process: { name: "NtLmSsp " } },
    client: { name: "WS-1" },
    server: { os: { type: "windows" } },
  });
});

test("a logon without properties is an authentication", () => {
  expect(normalised({ event: { code: "4625", type: "start" } })).toEqual({
    action: { outcome: "failure" },
    event: { code: "4625", category: ["authentication"], outcome: "failure", type: ["start"] },
    sekoiaio: { server: { os: { type: "windows" } } },
  });
});

test("other events of Windows are left alone", () => {
  expect(logon("4634", PROPERTIES)["sekoiaio"]).toBeUndefined();
});

test("without a logon process the process of the event is the one that authenticated", () => {
  const draft = { event: { code: "4625" }, process: { name: "services.exe" }, action: { properties: {} } };
  expect(normalised(draft)).toMatchObject({
    sekoiaio: { authentication: { process: { name: "services.exe" } } },
  });
});
