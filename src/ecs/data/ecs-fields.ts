// Made by scripts/update-data.ts; docs/data.md names the source, its release and its licence.

/** The release of the table. */
export const ECS_RELEASE = "9.5.0-dev";

/** Type → its fields, one line a parent: the parent's path (`-` for the root), then the names below it. */
export const ECS_FIELDS: Readonly<Record<string, string>> = {
  "boolean": `
cloud.entity.attributes managed mfa_enabled
cloud.origin.entity.attributes managed mfa_enabled
cloud.target.entity.attributes managed mfa_enabled
container.security_context privileged
dll.code_signature exists trusted valid
dll.pe go_stripped
entity.attributes managed mfa_enabled
entity.target.attributes managed mfa_enabled
faas coldstart
file.code_signature exists trusted valid
file.elf go_stripped
file.macho go_stripped
file.pe go_stripped
host.entity.attributes managed mfa_enabled
host.target.entity.attributes managed mfa_enabled
orchestrator.entity.attributes managed mfa_enabled
process.code_signature exists trusted valid
process.elf go_stripped
process.entry_leader interactive same_as_process
process.group_leader interactive same_as_process
process interactive
process.io max_bytes_per_process_exceeded
process.macho go_stripped
process.parent.code_signature exists trusted valid
process.parent.elf go_stripped
process.parent interactive
process.parent.macho go_stripped
process.parent.pe go_stripped
process.pe go_stripped
process.session_leader interactive same_as_process
service.entity.attributes managed mfa_enabled
service.origin.entity.attributes managed mfa_enabled
service.target.entity.attributes managed mfa_enabled
threat.enrichments.indicator.file.code_signature exists trusted valid
threat.enrichments.indicator.file.elf go_stripped
threat.enrichments.indicator.file.pe go_stripped
threat.indicator.file.code_signature exists trusted valid
threat.indicator.file.elf go_stripped
threat.indicator.file.pe go_stripped
tls established resumed
user.changes.entity.attributes managed mfa_enabled
user.effective.entity.attributes managed mfa_enabled
user.entity.attributes managed mfa_enabled
user.target.entity.attributes managed mfa_enabled
volume removable writable
`,
  "constant_keyword": `
data_stream dataset namespace type
`,
  "datetime": `
- @timestamp
cloud.entity last_seen_timestamp
cloud.entity.lifecycle last_activity
cloud.origin.entity last_seen_timestamp
cloud.origin.entity.lifecycle last_activity
cloud.target.entity last_seen_timestamp
cloud.target.entity.lifecycle last_activity
dll.code_signature timestamp
email delivery_timestamp origination_timestamp
entity last_seen_timestamp
entity.lifecycle last_activity
entity.target last_seen_timestamp
entity.target.lifecycle last_activity
event created end ingested start
file accessed created ctime mtime
file.code_signature timestamp
file.elf creation_date
file.x509 not_after not_before
host.entity last_seen_timestamp
host.entity.lifecycle last_activity
host.target.entity last_seen_timestamp
host.target.entity.lifecycle last_activity
orchestrator.entity last_seen_timestamp
orchestrator.entity.lifecycle last_activity
package installed
process.code_signature timestamp
process.elf creation_date
process end start
process.entry_leader.parent.session_leader start
process.entry_leader.parent start
process.entry_leader start
process.group_leader start
process.parent.code_signature timestamp
process.parent.elf creation_date
process.parent end start
process.parent.group_leader start
process.session_leader.parent.session_leader start
process.session_leader.parent start
process.session_leader start
service.entity last_seen_timestamp
service.entity.lifecycle last_activity
service.origin.entity last_seen_timestamp
service.origin.entity.lifecycle last_activity
service.target.entity last_seen_timestamp
service.target.entity.lifecycle last_activity
threat.enrichments.indicator.file accessed created ctime mtime
threat.enrichments.indicator.file.code_signature timestamp
threat.enrichments.indicator.file.elf creation_date
threat.enrichments.indicator.file.x509 not_after not_before
threat.enrichments.indicator first_seen last_seen modified_at
threat.enrichments.indicator.x509 not_after not_before
threat.enrichments.matched occurred
threat.indicator.file accessed created ctime mtime
threat.indicator.file.code_signature timestamp
threat.indicator.file.elf creation_date
threat.indicator.file.x509 not_after not_before
threat.indicator first_seen last_seen modified_at
threat.indicator.x509 not_after not_before
tls.client not_after not_before
tls.client.x509 not_after not_before
tls.server not_after not_before
tls.server.x509 not_after not_before
user.changes.entity last_seen_timestamp
user.changes.entity.lifecycle last_activity
user.effective.entity last_seen_timestamp
user.effective.entity.lifecycle last_activity
user.entity last_seen_timestamp
user.entity.lifecycle last_activity
user.target.entity last_seen_timestamp
user.target.entity.lifecycle last_activity
`,
  "double": `
gen_ai.request frequency_penalty presence_penalty temperature top_k top_p
`,
  "flattened": `
dll.pe go_imports imports
file.elf exports go_imports imports
file.macho go_imports imports
file.pe go_imports imports
gen_ai.input messages
gen_ai.output messages
gen_ai system_instructions
gen_ai.tool.call arguments result
gen_ai.tool definitions
log.syslog structured_data
process.elf exports go_imports imports
process.macho go_imports imports
process.parent.elf exports go_imports imports
process.parent.macho go_imports imports
process.parent.pe go_imports imports
process.pe go_imports imports
threat.enrichments.indicator.file.elf exports go_imports imports
threat.enrichments.indicator.file.pe go_imports imports
threat.indicator.file.elf exports go_imports imports
threat.indicator.file.pe go_imports imports
`,
  "float": `
event risk_score risk_score_norm
host.risk calculated_score calculated_score_norm static_score static_score_norm
host.target.risk calculated_score calculated_score_norm static_score static_score_norm
user.changes.risk calculated_score calculated_score_norm static_score static_score_norm
user.effective.risk calculated_score calculated_score_norm static_score static_score_norm
user.risk calculated_score calculated_score_norm static_score static_score_norm
user.target.risk calculated_score calculated_score_norm static_score static_score_norm
vulnerability.score base environmental temporal
`,
  "geo_point": `
client.geo location
destination.geo location
host.geo location
host.target.geo location
observer.geo location
server.geo location
source.geo location
threat.enrichments.indicator.geo location
threat.indicator.geo location
`,
  "integer": `
gen_ai.request.choice count
gen_ai.request max_tokens seed
gen_ai.usage input_tokens output_tokens
`,
  "ip": `
client ip
client.nat ip
destination ip
destination.nat ip
dns resolved_ip
host ip
host.target ip
network forwarded_ip
observer ip
orchestrator.resource ip
process.entry_leader.entry_meta.source ip
related ip
server ip
server.nat ip
source ip
source.nat ip
threat.enrichments.indicator ip
threat.indicator ip
`,
  "keyword": `
agent.build original
agent ephemeral_id id name type version
client address domain mac registered_domain subdomain top_level_domain
client.as.organization name
client.geo city_name continent_code continent_name country_iso_code country_name name postal_code region_iso_code region_name timezone
client.user domain email full_name hash id name roles
client.user.group domain id name
cloud.account id name
cloud availability_zone provider region
cloud.entity.attributes known_redirects oauth_consent_restriction permissions storage_class
cloud.entity display_name id name reference source sub_type type
cloud.entity.relationships.administers.entity id
cloud.entity.relationships.administers.host id name
cloud.entity.relationships.administers.service id name
cloud.entity.relationships.administers.user domain email id name
cloud.entity.relationships.depends_on.entity id
cloud.entity.relationships.depends_on.host id name
cloud.entity.relationships.depends_on.service id name
cloud.entity.relationships.depends_on.user domain email id name
cloud.entity.relationships.owns.entity id
cloud.entity.relationships.owns.host id name
cloud.entity.relationships.owns.service id name
cloud.entity.relationships.owns.user domain email id name
cloud.entity.relationships.supervises.entity id
cloud.entity.relationships.supervises.host id name
cloud.entity.relationships.supervises.service id name
cloud.entity.relationships.supervises.user domain email id name
cloud.instance id name
cloud.machine type
cloud.origin.account id name
cloud.origin availability_zone provider region
cloud.origin.entity.attributes known_redirects oauth_consent_restriction permissions storage_class
cloud.origin.entity display_name id name reference source sub_type type
cloud.origin.entity.relationships.administers.entity id
cloud.origin.entity.relationships.administers.host id name
cloud.origin.entity.relationships.administers.service id name
cloud.origin.entity.relationships.administers.user domain email id name
cloud.origin.entity.relationships.depends_on.entity id
cloud.origin.entity.relationships.depends_on.host id name
cloud.origin.entity.relationships.depends_on.service id name
cloud.origin.entity.relationships.depends_on.user domain email id name
cloud.origin.entity.relationships.owns.entity id
cloud.origin.entity.relationships.owns.host id name
cloud.origin.entity.relationships.owns.service id name
cloud.origin.entity.relationships.owns.user domain email id name
cloud.origin.entity.relationships.supervises.entity id
cloud.origin.entity.relationships.supervises.host id name
cloud.origin.entity.relationships.supervises.service id name
cloud.origin.entity.relationships.supervises.user domain email id name
cloud.origin.instance id name
cloud.origin.machine type
cloud.origin.project id name
cloud.origin.service name
cloud.project id name
cloud.service name
cloud.target.account id name
cloud.target availability_zone provider region
cloud.target.entity.attributes known_redirects oauth_consent_restriction permissions storage_class
cloud.target.entity display_name id name reference source sub_type type
cloud.target.entity.relationships.administers.entity id
cloud.target.entity.relationships.administers.host id name
cloud.target.entity.relationships.administers.service id name
cloud.target.entity.relationships.administers.user domain email id name
cloud.target.entity.relationships.depends_on.entity id
cloud.target.entity.relationships.depends_on.host id name
cloud.target.entity.relationships.depends_on.service id name
cloud.target.entity.relationships.depends_on.user domain email id name
cloud.target.entity.relationships.owns.entity id
cloud.target.entity.relationships.owns.host id name
cloud.target.entity.relationships.owns.service id name
cloud.target.entity.relationships.owns.user domain email id name
cloud.target.entity.relationships.supervises.entity id
cloud.target.entity.relationships.supervises.host id name
cloud.target.entity.relationships.supervises.service id name
cloud.target.entity.relationships.supervises.user domain email id name
cloud.target.instance id name
cloud.target.machine type
cloud.target.project id name
cloud.target.service name
container id name runtime
container.image.hash all
container.image name tag
destination address domain mac registered_domain subdomain top_level_domain
destination.as.organization name
destination.geo city_name continent_code continent_name country_iso_code country_name name postal_code region_iso_code region_name timezone
destination.user domain email full_name hash id name roles
destination.user.group domain id name
device id manufacturer serial_number type
device.model identifier name
device.product id name
device.vendor id name
dll.code_signature digest_algorithm flags signing_id status subject_name team_id thumbprint_sha256
dll.hash cdhash md5 sha1 sha256 sha384 sha512 ssdeep tlsh
dll name origin_referrer_url origin_url path
dll.pe architecture company description file_version go_import_hash imphash import_hash original_file_name pehash product
dll.pe.sections name
dns.answers class data name type
dns header_flags id op_code response_code type
dns.question class name registered_domain subdomain top_level_domain type
email.attachments.file extension mime_type name
email.attachments.file.hash cdhash md5 sha1 sha256 sha384 sha512 ssdeep tlsh
email.bcc address
email.cc address
email content_type direction local_id subject x_mailer
email.from address
email.reply_to address
email.sender address
email.to address
entity.attributes known_redirects oauth_consent_restriction permissions storage_class
entity display_name id name reference source sub_type type
entity.relationships.administers.entity id
entity.relationships.administers.host id name
entity.relationships.administers.service id name
entity.relationships.administers.user domain email id name
entity.relationships.depends_on.entity id
entity.relationships.depends_on.host id name
entity.relationships.depends_on.service id name
entity.relationships.depends_on.user domain email id name
entity.relationships.owns.entity id
entity.relationships.owns.host id name
entity.relationships.owns.service id name
entity.relationships.owns.user domain email id name
entity.relationships.supervises.entity id
entity.relationships.supervises.host id name
entity.relationships.supervises.service id name
entity.relationships.supervises.user domain email id name
entity.target.attributes known_redirects oauth_consent_restriction permissions storage_class
entity.target display_name id name reference source sub_type type
entity.target.relationships.administers.entity id
entity.target.relationships.administers.host id name
entity.target.relationships.administers.service id name
entity.target.relationships.administers.user domain email id name
entity.target.relationships.depends_on.entity id
entity.target.relationships.depends_on.host id name
entity.target.relationships.depends_on.service id name
entity.target.relationships.depends_on.user domain email id name
entity.target.relationships.owns.entity id
entity.target.relationships.owns.host id name
entity.target.relationships.owns.service id name
entity.target.relationships.owns.user domain email id name
entity.target.relationships.supervises.entity id
entity.target.relationships.supervises.host id name
entity.target.relationships.supervises.service id name
entity.target.relationships.supervises.user domain email id name
error code id type
event action agent_id_status category code dataset hash id kind module original outcome provider reason reference timezone type url
faas execution id name version
faas.trigger request_id type
file attributes device directory drive_letter extension fork_name gid group inode mime_type mode name origin_referrer_url origin_url owner path target_path type uid
file.code_signature digest_algorithm flags signing_id status subject_name team_id thumbprint_sha256
file.elf architecture byte_order cpu_type go_import_hash import_hash shared_libraries telfhash
file.elf.header abi_version class data object_version os_abi type version
file.elf.sections flags name physical_offset type
file.elf.segments sections type
file.hash cdhash md5 sha1 sha256 sha384 sha512 ssdeep tlsh
file.macho go_import_hash import_hash symhash
file.macho.sections name
file.pe architecture company description file_version go_import_hash imphash import_hash original_file_name pehash product
file.pe.sections name
file.x509 alternative_names public_key_algorithm public_key_curve serial_number signature_algorithm version_number
file.x509.issuer common_name country distinguished_name locality organization organizational_unit state_or_province
file.x509.subject common_name country distinguished_name locality organization organizational_unit state_or_province
gen_ai.agent description id name
gen_ai.operation name
gen_ai.output type
gen_ai.provider name
gen_ai.request model
gen_ai.response id model
gen_ai.token type
gen_ai.tool.call id
gen_ai.tool name type
group domain id name
host architecture domain hostname id mac name pid_ns_ino type
host.boot id
host.entity.attributes known_redirects oauth_consent_restriction permissions storage_class
host.entity display_name id name reference source sub_type type
host.entity.relationships.administers.entity id
host.entity.relationships.administers.host id name
host.entity.relationships.administers.service id name
host.entity.relationships.administers.user domain email id name
host.entity.relationships.depends_on.entity id
host.entity.relationships.depends_on.host id name
host.entity.relationships.depends_on.service id name
host.entity.relationships.depends_on.user domain email id name
host.entity.relationships.owns.entity id
host.entity.relationships.owns.host id name
host.entity.relationships.owns.service id name
host.entity.relationships.owns.user domain email id name
host.entity.relationships.supervises.entity id
host.entity.relationships.supervises.host id name
host.entity.relationships.supervises.service id name
host.entity.relationships.supervises.user domain email id name
host.geo city_name continent_code continent_name country_iso_code country_name name postal_code region_iso_code region_name timezone
host.os family full kernel name platform type version
host.risk calculated_level static_level
host.target architecture domain hostname id mac name pid_ns_ino type
host.target.boot id
host.target.entity.attributes known_redirects oauth_consent_restriction permissions storage_class
host.target.entity display_name id name reference source sub_type type
host.target.entity.relationships.administers.entity id
host.target.entity.relationships.administers.host id name
host.target.entity.relationships.administers.service id name
host.target.entity.relationships.administers.user domain email id name
host.target.entity.relationships.depends_on.entity id
host.target.entity.relationships.depends_on.host id name
host.target.entity.relationships.depends_on.service id name
host.target.entity.relationships.depends_on.user domain email id name
host.target.entity.relationships.owns.entity id
host.target.entity.relationships.owns.host id name
host.target.entity.relationships.owns.service id name
host.target.entity.relationships.owns.user domain email id name
host.target.entity.relationships.supervises.entity id
host.target.entity.relationships.supervises.host id name
host.target.entity.relationships.supervises.service id name
host.target.entity.relationships.supervises.user domain email id name
host.target.geo city_name continent_code continent_name country_iso_code country_name name postal_code region_iso_code region_name timezone
host.target.os family full kernel name platform type version
host.target.risk calculated_level static_level
http.request id method mime_type referrer
http.response mime_type
http version
log.file path
log level logger
log.origin.file name
log.origin function
log.syslog appname hostname msgid procid version
log.syslog.facility name
log.syslog.severity name
network application community_id direction iana_number name protocol transport type
network.inner.vlan id name
network.vlan id name
observer.egress.interface alias id name
observer.egress.vlan id name
observer.egress zone
observer.geo city_name continent_code continent_name country_iso_code country_name name postal_code region_iso_code region_name timezone
observer hostname mac name product serial_number type vendor version
observer.ingress.interface alias id name
observer.ingress.vlan id name
observer.ingress zone
observer.os family full kernel name platform type version
orchestrator api_version namespace organization type
orchestrator.cluster id name url version
orchestrator.entity.attributes known_redirects oauth_consent_restriction permissions storage_class
orchestrator.entity display_name id name reference source sub_type type
orchestrator.entity.relationships.administers.entity id
orchestrator.entity.relationships.administers.host id name
orchestrator.entity.relationships.administers.service id name
orchestrator.entity.relationships.administers.user domain email id name
orchestrator.entity.relationships.depends_on.entity id
orchestrator.entity.relationships.depends_on.host id name
orchestrator.entity.relationships.depends_on.service id name
orchestrator.entity.relationships.depends_on.user domain email id name
orchestrator.entity.relationships.owns.entity id
orchestrator.entity.relationships.owns.host id name
orchestrator.entity.relationships.owns.service id name
orchestrator.entity.relationships.owns.user domain email id name
orchestrator.entity.relationships.supervises.entity id
orchestrator.entity.relationships.supervises.host id name
orchestrator.entity.relationships.supervises.service id name
orchestrator.entity.relationships.supervises.user domain email id name
orchestrator.resource annotation id label name type
orchestrator.resource.parent type
organization id name
package architecture build_version checksum description install_scope license name path reference type version
process args entity_id env_vars executable name title working_directory
process.code_signature digest_algorithm flags signing_id status subject_name team_id thumbprint_sha256
process.elf architecture byte_order cpu_type go_import_hash import_hash shared_libraries telfhash
process.elf.header abi_version class data object_version os_abi type version
process.elf.sections flags name physical_offset type
process.elf.segments sections type
process.entry_leader args entity_id executable name working_directory
process.entry_leader.attested_groups name
process.entry_leader.attested_user id name
process.entry_leader.entry_meta type
process.entry_leader.group id name
process.entry_leader.parent entity_id
process.entry_leader.parent.session_leader entity_id
process.entry_leader.real_group id name
process.entry_leader.real_user id name
process.entry_leader.saved_group id name
process.entry_leader.saved_user id name
process.entry_leader.supplemental_groups id name
process.entry_leader.user id name
process.group id name
process.group_leader args entity_id executable name working_directory
process.group_leader.group id name
process.group_leader.real_group id name
process.group_leader.real_user id name
process.group_leader.saved_group id name
process.group_leader.saved_user id name
process.group_leader.supplemental_groups id name
process.group_leader.user id name
process.hash cdhash md5 sha1 sha256 sha384 sha512 ssdeep tlsh
process.io type
process.macho go_import_hash import_hash symhash
process.macho.sections name
process.parent args entity_id executable name title working_directory
process.parent.code_signature digest_algorithm flags signing_id status subject_name team_id thumbprint_sha256
process.parent.elf architecture byte_order cpu_type go_import_hash import_hash shared_libraries telfhash
process.parent.elf.header abi_version class data object_version os_abi type version
process.parent.elf.sections flags name physical_offset type
process.parent.elf.segments sections type
process.parent.group id name
process.parent.group_leader entity_id
process.parent.hash cdhash md5 sha1 sha256 sha384 sha512 ssdeep tlsh
process.parent.macho go_import_hash import_hash symhash
process.parent.macho.sections name
process.parent.pe architecture company description file_version go_import_hash imphash import_hash original_file_name pehash product
process.parent.pe.sections name
process.parent.real_group id name
process.parent.real_user id name
process.parent.saved_group id name
process.parent.saved_user id name
process.parent.supplemental_groups id name
process.parent.thread.capabilities effective permitted
process.parent.thread name
process.parent.user id name
process.pe architecture company description file_version go_import_hash imphash import_hash original_file_name pehash product
process.pe.sections name
process.previous args executable
process.real_group id name
process.real_user id name
process.saved_group id name
process.saved_user id name
process.session_leader args entity_id executable name working_directory
process.session_leader.group id name
process.session_leader.parent entity_id
process.session_leader.parent.session_leader entity_id
process.session_leader.real_group id name
process.session_leader.real_user id name
process.session_leader.saved_group id name
process.session_leader.saved_user id name
process.session_leader.supplemental_groups id name
process.session_leader.user id name
process.supplemental_groups id name
process.thread.capabilities effective permitted
process.thread name
process.user id name
registry.data bytes type
registry hive key path value
related hash hosts user
rule author category description id license name reference ruleset uuid version
server address domain mac registered_domain subdomain top_level_domain
server.as.organization name
server.geo city_name continent_code continent_name country_iso_code country_name name postal_code region_iso_code region_name timezone
server.user domain email full_name hash id name roles
server.user.group domain id name
service address environment ephemeral_id id name state type version
service.entity.attributes known_redirects oauth_consent_restriction permissions storage_class
service.entity display_name id name reference source sub_type type
service.entity.relationships.administers.entity id
service.entity.relationships.administers.host id name
service.entity.relationships.administers.service id name
service.entity.relationships.administers.user domain email id name
service.entity.relationships.depends_on.entity id
service.entity.relationships.depends_on.host id name
service.entity.relationships.depends_on.service id name
service.entity.relationships.depends_on.user domain email id name
service.entity.relationships.owns.entity id
service.entity.relationships.owns.host id name
service.entity.relationships.owns.service id name
service.entity.relationships.owns.user domain email id name
service.entity.relationships.supervises.entity id
service.entity.relationships.supervises.host id name
service.entity.relationships.supervises.service id name
service.entity.relationships.supervises.user domain email id name
service.node name role roles
service.origin address environment ephemeral_id id name state type version
service.origin.entity.attributes known_redirects oauth_consent_restriction permissions storage_class
service.origin.entity display_name id name reference source sub_type type
service.origin.entity.relationships.administers.entity id
service.origin.entity.relationships.administers.host id name
service.origin.entity.relationships.administers.service id name
service.origin.entity.relationships.administers.user domain email id name
service.origin.entity.relationships.depends_on.entity id
service.origin.entity.relationships.depends_on.host id name
service.origin.entity.relationships.depends_on.service id name
service.origin.entity.relationships.depends_on.user domain email id name
service.origin.entity.relationships.owns.entity id
service.origin.entity.relationships.owns.host id name
service.origin.entity.relationships.owns.service id name
service.origin.entity.relationships.owns.user domain email id name
service.origin.entity.relationships.supervises.entity id
service.origin.entity.relationships.supervises.host id name
service.origin.entity.relationships.supervises.service id name
service.origin.entity.relationships.supervises.user domain email id name
service.origin.node name role roles
service.target address environment ephemeral_id id name state type version
service.target.entity.attributes known_redirects oauth_consent_restriction permissions storage_class
service.target.entity display_name id name reference source sub_type type
service.target.entity.relationships.administers.entity id
service.target.entity.relationships.administers.host id name
service.target.entity.relationships.administers.service id name
service.target.entity.relationships.administers.user domain email id name
service.target.entity.relationships.depends_on.entity id
service.target.entity.relationships.depends_on.host id name
service.target.entity.relationships.depends_on.service id name
service.target.entity.relationships.depends_on.user domain email id name
service.target.entity.relationships.owns.entity id
service.target.entity.relationships.owns.host id name
service.target.entity.relationships.owns.service id name
service.target.entity.relationships.owns.user domain email id name
service.target.entity.relationships.supervises.entity id
service.target.entity.relationships.supervises.host id name
service.target.entity.relationships.supervises.service id name
service.target.entity.relationships.supervises.user domain email id name
service.target.node name role roles
source address domain mac registered_domain subdomain top_level_domain
source.as.organization name
source.geo city_name continent_code continent_name country_iso_code country_name name postal_code region_iso_code region_name timezone
source.user domain email full_name hash id name roles
source.user.group domain id name
span id
- tags
threat.enrichments.indicator.as.organization name
threat.enrichments.indicator confidence description name provider reference type
threat.enrichments.indicator.email address
threat.enrichments.indicator.file attributes device directory drive_letter extension fork_name gid group inode mime_type mode name origin_referrer_url origin_url owner path target_path type uid
threat.enrichments.indicator.file.code_signature digest_algorithm flags signing_id status subject_name team_id thumbprint_sha256
threat.enrichments.indicator.file.elf architecture byte_order cpu_type go_import_hash import_hash shared_libraries telfhash
threat.enrichments.indicator.file.elf.header abi_version class data object_version os_abi type version
threat.enrichments.indicator.file.elf.sections flags name physical_offset type
threat.enrichments.indicator.file.elf.segments sections type
threat.enrichments.indicator.file.hash cdhash md5 sha1 sha256 sha384 sha512 ssdeep tlsh
threat.enrichments.indicator.file.pe architecture company description file_version go_import_hash imphash import_hash original_file_name pehash product
threat.enrichments.indicator.file.pe.sections name
threat.enrichments.indicator.file.x509 alternative_names public_key_algorithm public_key_curve serial_number signature_algorithm version_number
threat.enrichments.indicator.file.x509.issuer common_name country distinguished_name locality organization organizational_unit state_or_province
threat.enrichments.indicator.file.x509.subject common_name country distinguished_name locality organization organizational_unit state_or_province
threat.enrichments.indicator.geo city_name continent_code continent_name country_iso_code country_name name postal_code region_iso_code region_name timezone
threat.enrichments.indicator.marking tlp tlp_version
threat.enrichments.indicator.registry.data bytes type
threat.enrichments.indicator.registry hive key path value
threat.enrichments.indicator.url domain extension fragment password query registered_domain scheme subdomain top_level_domain username
threat.enrichments.indicator.x509 alternative_names public_key_algorithm public_key_curve serial_number signature_algorithm version_number
threat.enrichments.indicator.x509.issuer common_name country distinguished_name locality organization organizational_unit state_or_province
threat.enrichments.indicator.x509.subject common_name country distinguished_name locality organization organizational_unit state_or_province
threat.enrichments.matched atomic field id index type
threat.feed dashboard_id description name reference
threat framework
threat.group alias id name reference
threat.indicator.as.organization name
threat.indicator confidence description id name provider reference type
threat.indicator.email address
threat.indicator.file attributes device directory drive_letter extension fork_name gid group inode mime_type mode name origin_referrer_url origin_url owner path target_path type uid
threat.indicator.file.code_signature digest_algorithm flags signing_id status subject_name team_id thumbprint_sha256
threat.indicator.file.elf architecture byte_order cpu_type go_import_hash import_hash shared_libraries telfhash
threat.indicator.file.elf.header abi_version class data object_version os_abi type version
threat.indicator.file.elf.sections flags name physical_offset type
threat.indicator.file.elf.segments sections type
threat.indicator.file.hash cdhash md5 sha1 sha256 sha384 sha512 ssdeep tlsh
threat.indicator.file.pe architecture company description file_version go_import_hash imphash import_hash original_file_name pehash product
threat.indicator.file.pe.sections name
threat.indicator.file.x509 alternative_names public_key_algorithm public_key_curve serial_number signature_algorithm version_number
threat.indicator.file.x509.issuer common_name country distinguished_name locality organization organizational_unit state_or_province
threat.indicator.file.x509.subject common_name country distinguished_name locality organization organizational_unit state_or_province
threat.indicator.geo city_name continent_code continent_name country_iso_code country_name name postal_code region_iso_code region_name timezone
threat.indicator.marking tlp tlp_version
threat.indicator.registry.data bytes type
threat.indicator.registry hive key path value
threat.indicator.url domain extension fragment password query registered_domain scheme subdomain top_level_domain username
threat.indicator.x509 alternative_names public_key_algorithm public_key_curve serial_number signature_algorithm version_number
threat.indicator.x509.issuer common_name country distinguished_name locality organization organizational_unit state_or_province
threat.indicator.x509.subject common_name country distinguished_name locality organization organizational_unit state_or_province
threat.software alias id name platforms reference type
threat.tactic id name reference
threat.technique id name reference
threat.technique.subtechnique id name reference
tls cipher curve next_protocol version version_protocol
tls.client certificate certificate_chain issuer ja3 server_name subject supported_ciphers
tls.client.hash md5 sha1 sha256
tls.client.x509 alternative_names public_key_algorithm public_key_curve serial_number signature_algorithm version_number
tls.client.x509.issuer common_name country distinguished_name locality organization organizational_unit state_or_province
tls.client.x509.subject common_name country distinguished_name locality organization organizational_unit state_or_province
tls.server certificate certificate_chain issuer ja3s subject
tls.server.hash md5 sha1 sha256
tls.server.x509 alternative_names public_key_algorithm public_key_curve serial_number signature_algorithm version_number
tls.server.x509.issuer common_name country distinguished_name locality organization organizational_unit state_or_province
tls.server.x509.subject common_name country distinguished_name locality organization organizational_unit state_or_province
trace id
transaction id
url domain extension fragment password query registered_domain scheme subdomain top_level_domain username
user.changes domain email full_name hash id name roles
user.changes.entity.attributes known_redirects oauth_consent_restriction permissions storage_class
user.changes.entity display_name id name reference source sub_type type
user.changes.entity.relationships.administers.entity id
user.changes.entity.relationships.administers.host id name
user.changes.entity.relationships.administers.service id name
user.changes.entity.relationships.administers.user domain email id name
user.changes.entity.relationships.depends_on.entity id
user.changes.entity.relationships.depends_on.host id name
user.changes.entity.relationships.depends_on.service id name
user.changes.entity.relationships.depends_on.user domain email id name
user.changes.entity.relationships.owns.entity id
user.changes.entity.relationships.owns.host id name
user.changes.entity.relationships.owns.service id name
user.changes.entity.relationships.owns.user domain email id name
user.changes.entity.relationships.supervises.entity id
user.changes.entity.relationships.supervises.host id name
user.changes.entity.relationships.supervises.service id name
user.changes.entity.relationships.supervises.user domain email id name
user.changes.group domain id name
user.changes.risk calculated_level static_level
user domain email full_name hash id name roles
user.effective domain email full_name hash id name roles
user.effective.entity.attributes known_redirects oauth_consent_restriction permissions storage_class
user.effective.entity display_name id name reference source sub_type type
user.effective.entity.relationships.administers.entity id
user.effective.entity.relationships.administers.host id name
user.effective.entity.relationships.administers.service id name
user.effective.entity.relationships.administers.user domain email id name
user.effective.entity.relationships.depends_on.entity id
user.effective.entity.relationships.depends_on.host id name
user.effective.entity.relationships.depends_on.service id name
user.effective.entity.relationships.depends_on.user domain email id name
user.effective.entity.relationships.owns.entity id
user.effective.entity.relationships.owns.host id name
user.effective.entity.relationships.owns.service id name
user.effective.entity.relationships.owns.user domain email id name
user.effective.entity.relationships.supervises.entity id
user.effective.entity.relationships.supervises.host id name
user.effective.entity.relationships.supervises.service id name
user.effective.entity.relationships.supervises.user domain email id name
user.effective.group domain id name
user.effective.risk calculated_level static_level
user.entity.attributes known_redirects oauth_consent_restriction permissions storage_class
user.entity display_name id name reference source sub_type type
user.entity.relationships.administers.entity id
user.entity.relationships.administers.host id name
user.entity.relationships.administers.service id name
user.entity.relationships.administers.user domain email id name
user.entity.relationships.depends_on.entity id
user.entity.relationships.depends_on.host id name
user.entity.relationships.depends_on.service id name
user.entity.relationships.depends_on.user domain email id name
user.entity.relationships.owns.entity id
user.entity.relationships.owns.host id name
user.entity.relationships.owns.service id name
user.entity.relationships.owns.user domain email id name
user.entity.relationships.supervises.entity id
user.entity.relationships.supervises.host id name
user.entity.relationships.supervises.service id name
user.entity.relationships.supervises.user domain email id name
user.group domain id name
user.risk calculated_level static_level
user.target domain email full_name hash id name roles
user.target.entity.attributes known_redirects oauth_consent_restriction permissions storage_class
user.target.entity display_name id name reference source sub_type type
user.target.entity.relationships.administers.entity id
user.target.entity.relationships.administers.host id name
user.target.entity.relationships.administers.service id name
user.target.entity.relationships.administers.user domain email id name
user.target.entity.relationships.depends_on.entity id
user.target.entity.relationships.depends_on.host id name
user.target.entity.relationships.depends_on.service id name
user.target.entity.relationships.depends_on.user domain email id name
user.target.entity.relationships.owns.entity id
user.target.entity.relationships.owns.host id name
user.target.entity.relationships.owns.service id name
user.target.entity.relationships.owns.user domain email id name
user.target.entity.relationships.supervises.entity id
user.target.entity.relationships.supervises.host id name
user.target.entity.relationships.supervises.service id name
user.target.entity.relationships.supervises.user domain email id name
user.target.group domain id name
user.target.risk calculated_level static_level
user_agent.device name
user_agent name original version
user_agent.os family full kernel name platform type version
volume bus_type default_access device_name device_type dos_name file_system_type mount_name nt_name product_id product_name serial_number vendor_id vendor_name
vulnerability category classification description enumeration id reference report_id severity status
vulnerability.scanner vendor
vulnerability.score version
`,
  "long": `
client.as number
client bytes packets port
client.nat port
container.disk.read bytes
container.disk.write bytes
container.network.egress bytes
container.network.ingress bytes
destination.as number
destination bytes packets port
destination.nat port
dll.pe go_imports_names_entropy go_imports_names_var_entropy imports_names_entropy imports_names_var_entropy
dll.pe.sections entropy physical_size var_entropy virtual_size
dns.answers ttl
email.attachments.file size
event duration sequence severity
file.elf go_imports_names_entropy go_imports_names_var_entropy imports_names_entropy imports_names_var_entropy
file.elf.header entrypoint
file.elf.sections chi2 entropy physical_size var_entropy virtual_address virtual_size
file.macho go_imports_names_entropy go_imports_names_var_entropy imports_names_entropy imports_names_var_entropy
file.macho.sections entropy physical_size var_entropy virtual_size
file.pe go_imports_names_entropy go_imports_names_var_entropy imports_names_entropy imports_names_var_entropy
file.pe.sections entropy physical_size var_entropy virtual_size
file size
file.x509 public_key_exponent public_key_size
host.disk.read bytes
host.disk.write bytes
host.network.egress bytes packets
host.network.ingress bytes packets
host.target.disk.read bytes
host.target.disk.write bytes
host.target.network.egress bytes packets
host.target.network.ingress bytes packets
host.target uptime
host uptime
http.request.body bytes
http.request bytes
http.response.body bytes
http.response bytes status_code
log.origin.file line
log.syslog.facility code
log.syslog priority
log.syslog.severity code
network bytes packets
package size
process args_count exit_code pid uptime vpid
process.elf go_imports_names_entropy go_imports_names_var_entropy imports_names_entropy imports_names_var_entropy
process.elf.header entrypoint
process.elf.sections chi2 entropy physical_size var_entropy virtual_address virtual_size
process.entry_leader args_count pid vpid
process.entry_leader.parent pid vpid
process.entry_leader.parent.session_leader pid vpid
process.entry_leader.tty.char_device major minor
process.group_leader args_count pid vpid
process.group_leader.tty.char_device major minor
process.io.bytes_skipped length offset
process.io total_bytes_captured total_bytes_skipped
process.macho go_imports_names_entropy go_imports_names_var_entropy imports_names_entropy imports_names_var_entropy
process.macho.sections entropy physical_size var_entropy virtual_size
process.parent args_count exit_code pid uptime vpid
process.parent.elf go_imports_names_entropy go_imports_names_var_entropy imports_names_entropy imports_names_var_entropy
process.parent.elf.header entrypoint
process.parent.elf.sections chi2 entropy physical_size var_entropy virtual_address virtual_size
process.parent.group_leader pid vpid
process.parent.macho go_imports_names_entropy go_imports_names_var_entropy imports_names_entropy imports_names_var_entropy
process.parent.macho.sections entropy physical_size var_entropy virtual_size
process.parent.pe go_imports_names_entropy go_imports_names_var_entropy imports_names_entropy imports_names_var_entropy
process.parent.pe.sections entropy physical_size var_entropy virtual_size
process.parent.thread id
process.parent.tty.char_device major minor
process.pe go_imports_names_entropy go_imports_names_var_entropy imports_names_entropy imports_names_var_entropy
process.pe.sections entropy physical_size var_entropy virtual_size
process.previous args_count
process.session_leader args_count pid vpid
process.session_leader.parent pid vpid
process.session_leader.parent.session_leader pid vpid
process.session_leader.tty.char_device major minor
process.thread id
process.tty.char_device major minor
process.tty columns rows
server.as number
server bytes packets port
server.nat port
source.as number
source bytes packets port
source.nat port
threat.enrichments.indicator.as number
threat.enrichments.indicator.file.elf go_imports_names_entropy go_imports_names_var_entropy imports_names_entropy imports_names_var_entropy
threat.enrichments.indicator.file.elf.header entrypoint
threat.enrichments.indicator.file.elf.sections chi2 entropy physical_size var_entropy virtual_address virtual_size
threat.enrichments.indicator.file.pe go_imports_names_entropy go_imports_names_var_entropy imports_names_entropy imports_names_var_entropy
threat.enrichments.indicator.file.pe.sections entropy physical_size var_entropy virtual_size
threat.enrichments.indicator.file size
threat.enrichments.indicator.file.x509 public_key_exponent public_key_size
threat.enrichments.indicator port scanner_stats sightings
threat.enrichments.indicator.url port
threat.enrichments.indicator.x509 public_key_exponent public_key_size
threat.indicator.as number
threat.indicator.file.elf go_imports_names_entropy go_imports_names_var_entropy imports_names_entropy imports_names_var_entropy
threat.indicator.file.elf.header entrypoint
threat.indicator.file.elf.sections chi2 entropy physical_size var_entropy virtual_address virtual_size
threat.indicator.file.pe go_imports_names_entropy go_imports_names_var_entropy imports_names_entropy imports_names_var_entropy
threat.indicator.file.pe.sections entropy physical_size var_entropy virtual_size
threat.indicator.file size
threat.indicator.file.x509 public_key_exponent public_key_size
threat.indicator port scanner_stats sightings
threat.indicator.url port
threat.indicator.x509 public_key_exponent public_key_size
tls.client.x509 public_key_exponent public_key_size
tls.server.x509 public_key_exponent public_key_size
url port
volume size
`,
  "match_only_text": `
error message
- message
`,
  "nested": `
dll.pe sections
email attachments
file.elf sections segments
file.macho sections
file.pe sections
gen_ai.request encoding_formats stop_sequences
gen_ai.response finish_reasons
process.elf sections segments
process.macho sections
process.parent.elf sections segments
process.parent.macho sections
process.parent.pe sections
process.pe sections
threat enrichments
threat.enrichments.indicator.file.elf sections segments
threat.enrichments.indicator.file.pe sections
threat.indicator.file.elf sections segments
threat.indicator.file.pe sections
`,
  "object": `
cloud.entity behavior metrics raw
cloud.origin.entity behavior metrics raw
cloud.target.entity behavior metrics raw
container labels
dns answers
entity behavior metrics raw
entity.target behavior metrics raw
host.entity behavior metrics raw
host.target.entity behavior metrics raw
- labels
log syslog
network inner
observer egress ingress
orchestrator.entity behavior metrics raw
process.entry_leader tty
process.group_leader tty
process io tty
process.io bytes_skipped
process.parent tty
process.session_leader tty
service.entity behavior metrics raw
service.origin.entity behavior metrics raw
service.target.entity behavior metrics raw
threat.enrichments indicator
user.changes.entity behavior metrics raw
user.effective.entity behavior metrics raw
user.entity behavior metrics raw
user.target.entity behavior metrics raw
`,
  "scaled_float": `
container.cpu usage
container.memory usage
host.cpu usage
host.target.cpu usage
`,
  "wildcard": `
email message_id
error stack_trace
http.request.body content
http.response.body content
process command_line
process.entry_leader command_line
process.group_leader command_line
process.io text
process.parent command_line
process.session_leader command_line
registry.data strings
threat.enrichments.indicator.registry.data strings
threat.enrichments.indicator.url full original path
threat.indicator.registry.data strings
threat.indicator.url full original path
url full original path
`,
};
