import type { Dict, Value } from "../contract/value.ts";
import { dictAt, dictMadeAt, shared, textAt } from "./draft-fields.ts";

/** Windows' security events of a logon and what became of it. */
const OUTCOMES: ReadonlyMap<Value, string> = new Map([
  ["4624", "success"],
  ["4625", "failure"],
]);

const ACTIONS: ReadonlyMap<string, string> = new Map([
  ["2", "authentication_interactive"],
  ["3", "authentication_network"],
  ["4", "authentication_batch"],
  ["5", "authentication_service"],
  ["7", "authentication_unlock"],
  ["8", "authentication_network_cleartext"],
  ["9", "authentication_alternative_credentials"],
  ["10", "authentication_remote_interactive"],
  ["11", "authentication_cached_interactive"],
]);

const REASONS: ReadonlyMap<string, string> = new Map([
  ["0xc0000064", "user_not_exist"],
  ["0xc000006a", "bad_password"],
]);

/** Describes a Windows logon by the fields of authentications: who logged on as whom, from where, and what came of it. */
export function describeWindowsLogon(draft: Dict): void {
  const event = dictAt(draft, "event");
  const outcome = OUTCOMES.get(event?.get("code"));
  if (event === undefined || outcome === undefined) {
    return;
  }
  event.set("category", ["authentication"]);
  event.set("type", withStart(event.get("type")));
  event.set("outcome", outcome);
  setAt(draft, ["action", "outcome"], outcome);
  setAt(draft, ["sekoiaio", "server", "os", "type"], "windows");
  const properties = dictAt(dictAt(draft, "action"), "properties");
  if (properties === undefined) {
    return;
  }
  describeUsers(draft, properties);
  const process = textAt(properties, "LogonProcessName") ?? textAt(dictAt(draft, "process"), "name");
  setAt(draft, ["sekoiaio", "authentication", "process", "name"], process);
  const workstation = realText(properties, "WorkstationName");
  setAt(draft, ["sekoiaio", "client", "name"], workstation);
  const logonType = properties.get("LogonType");
  if (logonType !== undefined && logonType !== null) {
    describeLogonType(draft, event, properties, String(logonType), workstation);
  }
}

function describeLogonType(
  draft: Dict,
  event: Dict,
  properties: Dict,
  logonType: string,
  workstation: string | undefined,
): void {
  const action = ACTIONS.get(logonType);
  if (action !== undefined) {
    event.set("action", action);
  }
  const reason = REASONS.get((textAt(properties, "SubStatus") ?? "").toLowerCase());
  if (reason !== undefined) {
    event.set("reason", reason);
  }
  setAt(draft, ["sekoiaio", "client", "os", "type"], "windows");
  const host = dictAt(draft, "host");
  setAt(draft, ["sekoiaio", "server", "name"], host?.get("name"));
  copyPlace(draft, "server", host);
  if (workstation === undefined) {
    // Nothing says where the user sat, so the host is both ends.
    setAt(draft, ["sekoiaio", "client", "name"], host?.get("name"));
    copyPlace(draft, "client", host);
  } else {
    setAt(draft, ["client", "ip"], realText(properties, "IpAddress"));
  }
}

/** Copies the host's addresses and domain to one end of the logon. */
function copyPlace(draft: Dict, end: string, host: Dict | undefined): void {
  setAt(draft, [end, "ip"], shared(host?.get("ip")));
  setAt(draft, [end, "domain"], host?.get("domain"));
}

/** A target's domain is left to the formats: the platform does not take it from the event. */
function describeUsers(draft: Dict, properties: Dict): void {
  for (const [prefix, path] of [
    ["Subject", ["user"]],
    ["Target", ["user", "target"]],
  ] as const) {
    setAt(draft, [...path, "id"], realText(properties, `${prefix}UserSid`));
    setAt(draft, [...path, "name"], realText(properties, `${prefix}UserName`));
  }
  setAt(draft, ["user", "domain"], realText(properties, "SubjectDomainName"));
}

function withStart(types: Value): Value {
  const list = Array.isArray(types) ? types : types === undefined || types === null ? [] : [types];
  return list.includes("start") ? list : [...list, "start"];
}

/** A text that says something: Windows writes `-` for nothing. */
function realText(dict: Dict, name: string): string | undefined {
  const text = textAt(dict, name);
  return text === "-" || text === "" ? undefined : text;
}

function setAt(draft: Dict, path: readonly string[], value: Value): void {
  const name = path.at(-1);
  if (value === undefined || value === null || name === undefined) {
    return;
  }
  let dict: Dict | undefined = draft;
  for (const step of path.slice(0, -1)) {
    dict = dict === undefined ? undefined : dictMadeAt(dict, step);
  }
  dict?.set(name, value);
}
