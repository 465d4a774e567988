import { expect, test } from "vitest";
import { normalised } from "./values.ts";

test.each([
  {
    name: "an action's outcome overrides the event's",
    draft: { action: { outcome: "failure" }, event: { outcome: "success" } },
    event: { action: { outcome: "failure" }, event: { outcome: "failure" } },
  },
  {
    name: "a hostname names the host",
    draft: { host: { hostname: "h" } },
    event: { host: { hostname: "h", name: "h" }, related: { hosts: ["h"] } },
  },
  {
    name: "a host keeps its name",
    draft: { host: { hostname: "h", name: "n" } },
    event: { host: { hostname: "h", name: "n" }, related: { hosts: ["h"] } },
  },
  {
    name: "a file's path is split at either slash",
    draft: { file: { path: "C:\\a\\b.txt" } },
    event: { file: { path: "C:\\a\\b.txt", name: "b.txt", directory: "C:\\a" } },
  },
  {
    name: "a path without directory has an empty one",
    draft: { file: { path: "b.txt" } },
    event: { file: { path: "b.txt", name: "b.txt", directory: "" } },
  },
  {
    name: "a file with a name is left alone",
    draft: { file: { path: "/a/b", name: "c" } },
    event: { file: { path: "/a/b", name: "c" } },
  },
  {
    name: "an address is the domain, which is taken apart",
    draft: { source: { domain: "WWW.Example.co.uk", ip: "10.0.0.1" } },
    event: {
      source: {
        domain: "WWW.Example.co.uk",
        ip: "10.0.0.1",
        address: "WWW.Example.co.uk",
        registered_domain: "Example.co.uk",
        subdomain: "WWW",
        top_level_domain: "co.uk",
      },
      related: { ip: ["10.0.0.1"], hosts: ["WWW.Example.co.uk"] },
    },
  },
  {
    name: "an address is else the IP address, or all of them",
    draft: { client: { ip: ["10.0.0.1", "10.0.0.2"] }, server: { ip: "10.0.0.1" } },
    event: {
      client: { ip: ["10.0.0.1", "10.0.0.2"], address: ["10.0.0.1", "10.0.0.2"] },
      server: { ip: "10.0.0.1" },
      related: { ip: ["10.0.0.1", "10.0.0.2"] },
    },
  },
  {
    name: "a domain beside an address of its own is not taken apart",
    draft: { destination: { address: "a", domain: "b.example.com" } },
    event: { destination: { address: "a", domain: "b.example.com" }, related: { hosts: ["b.example.com"] } },
  },
  {
    name: "a name under no public suffix has a subdomain only",
    draft: { source: { domain: "a.b.local" } },
    event: {
      source: { domain: "a.b.local", address: "a.b.local", subdomain: "a.b" },
      related: { hosts: ["a.b.local"] },
    },
  },
  {
    name: "suffixes that companies hand out are names like others",
    draft: { dns: { question: { name: "me.github.io" } } },
    event: {
      dns: {
        question: {
          name: "me.github.io",
          subdomain: "me",
          registered_domain: "github.io",
          top_level_domain: "io",
        },
      },
      related: { hosts: ["me.github.io"] },
    },
  },
  {
    name: "a public suffix alone is a top-level domain",
    draft: { dns: { question: { name: "co.uk." } } },
    event: {
      dns: { question: { name: "co.uk.", top_level_domain: "co.uk" } },
      related: { hosts: ["co.uk."] },
    },
  },
  {
    name: "an address as domain is not taken apart",
    draft: { url: { domain: "[2001:db8::1]:80" } },
    event: { url: { domain: "[2001:db8::1]:80" }, related: { hosts: ["[2001:db8::1]:80"] } },
  },
  {
    name: "the addresses of a server are related",
    draft: { server: { ip: "192.0.2.1", nat: { ip: "192.0.2.2" } } },
    event: {
      server: { ip: "192.0.2.1", nat: { ip: "192.0.2.2" } },
      related: { ip: ["192.0.2.1", "192.0.2.2"] },
    },
  },
  {
    name: "an empty list of a source is kept in related",
    draft: { host: { ip: [], name: "h" } },
    event: { host: { ip: [], name: "h" }, related: { ip: [] } },
  },
  {
    name: "a DNS answer that is an address gets the type of its record",
    draft: {
      dns: {
        answers: [
          { name: "10.0.0.1" },
          { name: "::1" },
          { name: "a.b" },
          { name: "10.0.0.1", type: "X" },
          {},
          5,
        ],
      },
    },
    event: {
      dns: {
        answers: [
          { name: "10.0.0.1", type: "A" },
          { name: "::1", type: "AAAA" },
          { name: "a.b" },
          { name: "10.0.0.1", type: "X" },
          {},
          5,
        ],
      },
    },
  },
  {
    name: "related is gone when no field relates",
    draft: { related: { user: ["x"] }, event: { kind: "event" } },
    event: { event: { kind: "event" } },
  },
  {
    name: "a URL of a command line is the event's, and is split",
    draft: { process: { command_line: 'curl "https://Example.com/a,b" http://b' } },
    event: {
      process: { command_line: 'curl "https://Example.com/a,b" http://b' },
      url: {
        original: "https://Example.com/a",
        full: "https://Example.com/a",
        scheme: "https",
        domain: "example.com",
        path: "/a",
        port: 443,
        registered_domain: "example.com",
        top_level_domain: "com",
      },
    },
  },
  {
    name: "an event with a URL takes none from its command line",
    draft: { process: { command_line: "curl http://b" }, url: { original: "/a?q#f" } },
    event: {
      process: { command_line: "curl http://b" },
      url: { original: "/a?q#f", path: "/a", query: "q", fragment: "f" },
    },
  },
  {
    name: "a URL's parts that are there are kept",
    draft: { url: { full: "ftp://h.example.com:2121/", port: 21, domain: "own" } },
    event: {
      url: {
        full: "ftp://h.example.com:2121/",
        port: 21,
        domain: "own",
        scheme: "ftp",
        path: "/",
        registered_domain: "example.com",
        subdomain: "h",
        top_level_domain: "com",
      },
      related: { hosts: ["own"] },
    },
  },
  {
    name: "a URL without scheme has the port of the scheme beside it",
    draft: { url: { original: "example/a", scheme: "http" } },
    event: { url: { original: "example/a", scheme: "http", path: "example/a", port: 80 } },
  },
  {
    name: "a URL that cannot be split stays",
    draft: { url: { full: "http://[::1/" } },
    event: { url: { full: "http://[::1/" } },
  },
  {
    name: "a user agent is recognised, over what the format said",
    draft: {
      user_agent: {
        original:
          "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0.0.0 Safari/537.36",
        name: "said",
        os: { name: "said" },
      },
    },
    event: {
      user_agent: {
        original:
          "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0.0.0 Safari/537.36",
        name: "Chrome",
        version: "116.0.0",
        os: { name: "Windows", version: "10" },
        device: { name: "Other" },
      },
    },
  },
  {
    name: "an unknown user agent is Other",
    draft: { user_agent: { original: "zzz" } },
    event: {
      user_agent: { original: "zzz", name: "Other", os: { name: "Other" }, device: { name: "Other" } },
    },
  },
  {
    name: "a device's name is put together from the pattern's groups",
    draft: {
      user_agent: {
        original:
          "Mozilla/5.0 (iPhone; CPU iPhone OS 16_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)",
      },
    },
    event: {
      user_agent: {
        original:
          "Mozilla/5.0 (iPhone; CPU iPhone OS 16_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)",
        name: "Mobile Safari UI/WKWebView",
        os: { name: "iOS", version: "16.1" },
        device: { name: "iPhone" },
      },
    },
  },
])("$name", ({ draft, event }) => {
  expect(normalised(draft)).toEqual(event);
});

test("related is replaced by what the fields hold, each once and without null", () => {
  const event = normalised({
    related: { ip: ["9.9.9.9"], hosts: ["gone"] },
    source: { ip: "10.0.0.1", nat: { ip: "10.0.0.9" }, user: { name: "ann" }, address: "x" },
    host: { ip: ["10.0.0.1", null, "10.0.0.2"], name: "h" },
    observer: { ip: "10.0.0.3", hostname: "o" },
    dns: { resolved_ip: ["10.0.0.4"] },
    server: { ip: "10.0.0.5", domain: "s.example.com" },
    url: { domain: "s.example.com" },
    user: { name: "bob", target: { name: "ann" } },
    file: { owner: "eve", name: "f", hash: { md5: "m", sha256: "s", tlsh: "t" } },
    process: { hash: { sha1: ["not", "lists"] }, parent: { hash: { sha512: "p" } } },
    tls: { server: { hash: { sha1: "c" } } },
  });
  expect(event).toHaveProperty("related", {
    ip: ["10.0.0.1", "10.0.0.9", "10.0.0.5", "10.0.0.2", "10.0.0.3", "10.0.0.4"],
    hosts: ["s.example.com", "o"],
    user: ["ann", "bob", "eve"],
    hash: ["m", "s", "p", "c"],
  });
});

test("odd shapes of fields are left alone", () => {
  const draft = {
    source: [{ ip: "10.0.0.1" }],
    url: [],
    user_agent: { original: 5 },
    dns: { question: { name: ["a"] } },
    file: { path: ["a"] },
    process: { command_line: ["http://a"] },
  };
  expect(normalised(draft)).toEqual({ ...draft, related: { hosts: ["a"] } });
});
