/** The files of a new format that works and has a test; docs/format-language.md explains them line by line. */
import { randomUUID } from "node:crypto";

/** @param name The dialect's name: the folder's, and that of the fields of its own. */
export function skeletonFiles(name: string): ReadonlyMap<string, string> {
  const own = name.replaceAll(/[^a-z0-9]+/g, "_");
  return new Map([
    ["ingest/parser.yml", parserFile(name, own)],
    ["_meta/fields.yml", fieldsFile(own)],
    ["_meta/manifest.yml", manifestFile(name)],
    ["_meta/smart-descriptions.json", DESCRIPTIONS],
    ["tests/login.json", testFile(own)],
  ]);
}

function parserFile(name: string, own: string): string {
  return `name: ${name}
ignored_values: ["-"]
pipeline:
  - name: line
    external:
      name: grok.match
      properties:
        pattern: "%{TIMESTAMP_ISO8601:time} %{WORD:action} %{GREEDYDATA:pairs}"
  - name: pairs
    filter: "{{ line.message.pairs != None }}"
    external:
      name: kv.parse-kv
      properties:
        input_field: line.message.pairs
  - name: date
    external:
      name: date.parse
      properties:
        input_field: line.message.time
        output_field: date
  - name: set_fields
stages:
  set_fields:
    actions:
      - set:
          "@timestamp": "{{ date.date }}"
          event.action: "{{ line.message.action | lower }}"
          event.kind: event
          user.name: "{{ pairs.message.user }}"
          source.ip: "{{ pairs.message.src }}"
          ${own}.session: "{{ pairs.message.session }}"
      - set:
          event.category: [authentication]
          event.type: [start]
        filter: "{{ final.event.action == 'login' }}"
      - translate:
        dictionary:
          ok: success
          denied: failure
        mapping:
          pairs.message.result: event.outcome
        fallback: unknown
`;
}

function fieldsFile(own: string): string {
  return `${own}.session:
  name: ${own}.session
  type: keyword
  description: The session that the event belongs to
`;
}

function manifestFile(name: string): string {
  return `uuid: ${randomUUID()}
name: ${name}
slug: ${name}
description: What the events of ${name} tell
data_sources: {}
`;
}

const DESCRIPTIONS = `[
  {
    "value": "{user.name} logged in from {source.ip}",
    "conditions": [{ "field": "event.action", "value": "login" }, { "field": "user.name" }, { "field": "source.ip" }]
  }
]
`;

function testFile(own: string): string {
  const message = '2026-01-31T12:00:00Z LOGIN user=ann src=192.0.2.1 session="a b" result=ok';
  const expected = {
    message,
    event: {
      action: "login",
      category: ["authentication"],
      kind: "event",
      outcome: "success",
      type: ["start"],
    },
    "@timestamp": "2026-01-31T12:00:00Z",
    [own]: { session: "a b" },
    related: { ip: ["192.0.2.1"], user: ["ann"] },
    source: { address: "192.0.2.1", ip: "192.0.2.1" },
    user: { name: "ann" },
  };
  return `${JSON.stringify({ input: { message }, expected }, null, 2)}\n`;
}
