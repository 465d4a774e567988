// Made by scripts/update-data.ts; docs/data.md names the source, its release and its licence.

/** Type → its fields, one line a parent: the parent's path (`-` for the root), then the names below it. */
export const PLATFORM_FIELDS: Readonly<Record<string, string>> = {
  "array": `
- alert_short_ids
sekoiaio tags
`,
  "dict": `
event stix
`,
  "float": `
client.geo.location lat lon
destination.geo.location lat lon
host.geo.location lat lon
observer.geo.location lat lon
server.geo.location lat lon
source.geo.location lat lon
threat.enrichments.indicator.geo.location lat lon
threat.indicator.geo.location lat lon
`,
  "integer": `
sekoiaio.repeat count
`,
  "ip": `
- forwarded_ip ip
nat ip
`,
  "keyword": `
action name outcome outcome_reason type
- command_line domain email executable full full_name hostname id md5 name original sha1 sha256 title
customer community_name community_uuid id intake_key intake_name intake_uuid
entity id name uuid
event dialect
question name
sekoiaio.authentication.process name
sekoiaio.case short_id
sekoiaio.client name
sekoiaio.client.os type
sekoiaio.customer community_name community_uuid id
sekoiaio.entity id name uuid
sekoiaio.indexation errors status
sekoiaio.intake dialect dialect_uuid key name parsing_error parsing_status uuid
sekoiaio.repeat end fingerprint start
sekoiaio.server name
sekoiaio.server.os type
`,
  "nested": `
sekoiaio any_asset assets matches
`,
  "non_searchable_field_type": `
log original
`,
  "number": `
action id record_id
log priority
`,
  "string": `
event dialect_uuid message
log description hostname
os family platform
sekoiaio.intake parsing_warnings
`,
};
