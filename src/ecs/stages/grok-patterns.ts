/**
 * The patterns that every grok expression may name: those of Logstash in meaning, written for an engine without
 * look-around, and small, since each use of a pattern is a copy of it (re2js is slow above 500 instructions).
 *
 * Knowingly different: the labels of a HOSTNAME may be longer than 63 characters (counting them takes 250
 * instructions), and IPV4 is bounded by `\b`, so that a greedy text before it cannot take its first digits.
 * @see https://github.com/logstash-plugins/logstash-patterns-core (Apache-2.0) for what each name means.
 */
export const BASE_PATTERNS: Readonly<Record<string, string>> = {
  // Texts
  DATA: ".*?",
  GREEDYDATA: ".*",
  WORD: "\\b\\w+\\b",
  NOTSPACE: "\\S+",
  SPACE: "\\s*",
  QUOTEDSTRING: "\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|`(?:[^`\\\\]|\\\\.)*`",
  QS: "%{QUOTEDSTRING}",
  UUID: "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
  URN: "urn:[0-9A-Za-z][0-9A-Za-z-]{0,31}:(?:[0-9A-Za-z()+,.:=@;$_!*'/?#-]|%[0-9A-Fa-f]{2})+",

  // Numbers
  INT: "[+-]?\\d+",
  BASE10NUM: "[+-]?(?:\\d+(?:\\.\\d+)?|\\.\\d+)",
  NUMBER: "%{BASE10NUM}",
  BASE16NUM: "[+-]?(?:0x)?[0-9A-Fa-f]+",
  BASE16FLOAT: "[+-]?(?:0x)?(?:[0-9A-Fa-f]+(?:\\.[0-9A-Fa-f]*)?|\\.[0-9A-Fa-f]+)",
  POSINT: "\\b[1-9]\\d*\\b",
  NONNEGINT: "\\b\\d+\\b",

  // People
  USERNAME: "[\\w.-]+",
  USER: "%{USERNAME}",
  EMAILLOCALPART: "[A-Za-z][\\w.+,/:;<=-]+",
  EMAILADDRESS: "%{EMAILLOCALPART}@%{HOSTNAME}",
  HTTPDUSER: "%{EMAILADDRESS}|%{USER}",

  // Network
  MAC: "%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC}",
  CISCOMAC: "(?:[0-9A-Fa-f]{4}\\.){2}[0-9A-Fa-f]{4}",
  WINDOWSMAC: "(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}",
  COMMONMAC: "(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}",
  IPV4: "\\b(?:(?:25[0-5]|2[0-4]\\d|[01]?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|[01]?\\d?\\d)\\b",
  IPV6: ipv6(),
  IP: "%{IPV6}|%{IPV4}",
  HOSTNAME: "\\b[0-9A-Za-z][0-9A-Za-z-]*(?:\\.[0-9A-Za-z][0-9A-Za-z-]*)*(?:\\.?|\\b)",
  HOST: "%{HOSTNAME}",
  IPORHOST: "%{IP}|%{HOSTNAME}",
  HOSTPORT: "%{IPORHOST}:%{POSINT}",
  IPTABLES_IP_STDPROTOCOLS: "TCP|UDP|ICMP",

  // Paths and addresses
  PATH: "%{UNIXPATH}|%{WINPATH}",
  UNIXPATH: "(?:/(?:[\\w%!$@:.,+~-]|\\\\.)*)+",
  WINPATH: "(?:[A-Za-z]+:|\\\\)(?:\\\\[^\\\\?*]*)+",
  TTY: "/dev/(?:pts|tty[pq]?)\\w*/?\\d+",
  URIPROTO: "[A-Za-z][A-Za-z0-9+.-]+",
  URIHOST: "%{IPORHOST}(?::%{POSINT})?",
  URIPATH: "(?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_-]*)+",
  URIPARAM: "\\?[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\\-\\[\\]<>]*",
  URIQUERY: "[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\\-\\[\\]<>]*",
  URIPATHPARAM: "%{URIPATH}(?:%{URIPARAM})?",
  URI: "%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?",

  // Time
  MONTH:
    "\\b(?:[Jj]an(?:uary|uar)?|[Ff]eb(?:ruary|ruar)?|[Mm][aä]?r(?:ch|z)?|[Aa]pr(?:il)?|[Mm]a[yi]?|[Jj]un[ei]?|[Jj]ul[yi]?|[Aa]ug(?:ust)?|[Ss]ep(?:tember)?|[Oo][ck]?t(?:ober)?|[Nn]ov(?:ember)?|[Dd]e[cz](?:ember)?)\\b",
  MONTHNUM: "0?[1-9]|1[0-2]",
  MONTHNUM2: "0[1-9]|1[0-2]",
  MONTHDAY: "0[1-9]|[12]\\d|3[01]|[1-9]",
  DAY: "Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?",
  YEAR: "\\d\\d(?:\\d\\d)?",
  HOUR: "2[0-3]|[01]?\\d",
  MINUTE: "[0-5]\\d",
  SECOND: "(?:[0-5]?\\d|60)(?:[:.,]\\d+)?",
  TIME: "%{HOUR}:%{MINUTE}:%{SECOND}",
  DATE_US: "%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}",
  DATE_EU: "%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}",
  DATE: "%{DATE_US}|%{DATE_EU}",
  DATESTAMP: "%{DATE}[- ]%{TIME}",
  TZ: "[APMCE][SD]T|UTC",
  ISO8601_TIMEZONE: "Z|[+-]%{HOUR}(?::?%{MINUTE})",
  ISO8601_SECOND: "%{SECOND}",
  TIMESTAMP_ISO8601:
    "%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?",
  DATESTAMP_RFC822: "%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ}",
  DATESTAMP_RFC2822: "%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} %{ISO8601_TIMEZONE}",
  DATESTAMP_OTHER: "%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{TZ} %{YEAR}",
  DATESTAMP_EVENTLOG: "%{YEAR}%{MONTHNUM2}%{MONTHDAY}%{HOUR}%{MINUTE}%{SECOND}",
  SYSLOGTIMESTAMP: "%{MONTH} +%{MONTHDAY} %{TIME}",
  HTTPDATE: "%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}",
  HTTPDERROR_DATE: "%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR}",
  HAPROXYTIME: "%{TIME}",
  HAPROXYDATE: "%{MONTHDAY}/%{MONTH}/%{YEAR}:%{HAPROXYTIME}\\.%{INT}",

  // Programs
  PROG: "[\\x21-\\x5a\\x5c\\x5e-\\x7e]+",
  SYSLOGPROG: "%{PROG:program}(?:\\[%{POSINT:pid}\\])?",
  SYSLOGHOST: "%{IPORHOST}",
  SYSLOGFACILITY: "<%{NONNEGINT:facility}\\.%{NONNEGINT:priority}>",
  LOGLEVEL:
    "[Aa]lert|ALERT|[Tt]race|TRACE|[Dd]ebug|DEBUG|[Nn]otice|NOTICE|[Ii]nfo(?:rmation)?|INFO(?:RMATION)?|[Ww]arn(?:ing)?|WARN(?:ING)?|[Ee]rr(?:or)?|ERR(?:OR)?|[Cc]rit(?:ical)?|CRIT(?:ICAL)?|[Ff]atal|FATAL|[Ss]evere|SEVERE|EMERG(?:ENCY)?|[Ee]merg(?:ency)?",

  // Cisco ASA
  CISCO_ACTION:
    "Built|Teardown|Deny|Denied|denied|requested|permitted|denied by ACL|discarded|est-allowed|Dropping|created|deleted",
  CISCO_REASON:
    "Duplicate TCP SYN|Failed to locate egress interface|Invalid transport field|No matching connection|DNS Response|DNS Query|(?:\\w+\\s*)*",
  CISCO_DIRECTION: "[Ii]nbound|[Oo]utbound",
  CISCO_INTERVAL: "first hit|%{INT}-second interval",
  CISCO_XLATE_TYPE: "static|dynamic",
};

/** Colons in a row with one to four characters between them, of which an IPv6 address without `::` has six at least. */
const COLONS_IN_ROW = 6;
const GROUP_CHARS = 4;

/** True of every text with an IPv6 address: it holds either `::` or six groups, each with its colon. */
export function mayHoldIpv6(text: string): boolean {
  let inRow = 0;
  let previous = Number.NEGATIVE_INFINITY;
  for (let at = text.indexOf(":"); at >= 0; at = text.indexOf(":", at + 1)) {
    const between = at - previous - 1;
    if (between === 0) {
      return true;
    }
    inRow = between <= GROUP_CHARS ? inRow + 1 : 1;
    if (inRow === COLONS_IN_ROW) {
      return true;
    }
    previous = at;
  }
  return false;
}

/**
 * An IPv6 address: eight groups of four digits, of which the last two may be an IPv4 address and one run may be `::`,
 * with an optional zone. After `used` groups there is the next one, or the run and what may follow it.
 */
function ipv6(): string {
  const group = "[0-9A-Fa-f]{1,4}";
  const ipv4 = "%{IPV4}";
  let rest = `(?:${group}|:)`;
  for (let used = 6; used >= 0; used--) {
    const afterRun = `(?::${group}){1,${7 - used}}`;
    const embedded = used === 6 ? ipv4 : `(?::${group}){0,${5 - used}}:${ipv4}`;
    // The run's first colon belongs to the group before it, except at the start.
    const run = used === 0 ? `:(?:${afterRun}|${embedded}|:)` : `${afterRun}|${embedded}|:`;
    rest = `(?:${group}:${rest}|${run})`;
  }
  return `${rest}(?:%.+)?`;
}
