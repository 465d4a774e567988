import { isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Float, type Value } from "../../../src/ecs/contract/value.ts";
import { rfc3339 } from "../../../src/ecs/normalise/datetime.ts";
import { urlParts } from "../../../src/ecs/normalise/url.ts";
import { canonicalIp } from "../../../src/ecs/values/ip.ts";
import { toJson, toPlain } from "../../../src/ecs/values/json-text.ts";

test.each([
  { name: "IPv4", text: "192.168.0.1", canonical: "192.168.0.1" },
  { name: "octets with leading zeros", text: "192.168.00.1", canonical: undefined },
  { name: "octets that are too large", text: "192.168.0.256", canonical: undefined },
  { name: "three octets", text: "192.168.1", canonical: undefined },
  { name: "empty octets", text: "192..0.1", canonical: undefined },
  { name: "blanks around", text: " 10.0.0.1", canonical: undefined },
  {
    name: "capitals and long zeros",
    text: "FE80:0000:0000:0000:0001:0000:0000:0002",
    canonical: "fe80::1:0:0:2",
  },
  { name: "the first of two equal runs", text: "1:0:0:2:0:0:3:4", canonical: "1::2:0:0:3:4" },
  { name: "a single zero group", text: "1:0:2:3:4:5:6:7", canonical: "1:0:2:3:4:5:6:7" },
  { name: "nothing but zeros", text: "0:0:0:0:0:0:0:0", canonical: "::" },
  { name: "loopback", text: "::1", canonical: "::1" },
  { name: "a run at the end", text: "fe80::", canonical: "fe80::" },
  { name: "a mapped address", text: "::FFFF:0102:0304", canonical: "::ffff:1.2.3.4" },
  { name: "a dotted end", text: "64:ff9b::1.2.3.4", canonical: "64:ff9b::102:304" },
  { name: "a zone", text: "FE80::1%eth0", canonical: "fe80::1%eth0" },
  { name: "an empty zone", text: "fe80::1%", canonical: undefined },
  { name: "two double colons", text: "1::2::3", canonical: undefined },
  { name: "nine groups", text: "1:2:3:4:5:6:7:8:9", canonical: undefined },
  { name: "a double colon for nothing", text: "1:2:3:4::5:6:7:8", canonical: undefined },
  { name: "a dotted part in the middle", text: "1.2.3.4::", canonical: undefined },
  { name: "a port", text: "10.0.0.1:443", canonical: undefined },
])("canonicalIp: $name", ({ text, canonical }) => {
  expect(canonicalIp(text)).toBe(canonical);
});

test("canonicalIp agrees with Node on what is an address, and is done after once", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,20}$/)), (text) => {
      const canonical = canonicalIp(text);
      expect(canonical !== undefined).toBe(isIPv4(text) || isIPv6(text));
      expect(canonical === undefined ? undefined : canonicalIp(canonical)).toBe(canonical);
    }),
  );
});

test.each([
  { name: "drops a fraction of zero", text: "2022-11-16T09:35:22.000000Z", stored: "2022-11-16T09:35:22Z" },
  { name: "pads a fraction", text: "2022-11-16T09:35:22.08Z", stored: "2022-11-16T09:35:22.080000Z" },
  { name: "cuts a fraction", text: "2022-11-16T09:35:22.0835999Z", stored: "2022-11-16T09:35:22.083599Z" },
  { name: "moves an offset to UTC", text: "2022-11-16 01:00:00+0230", stored: "2022-11-15T22:30:00Z" },
  {
    name: "takes an offset of hours",
    text: "2022-11-16T01:00:00,5-02",
    stored: "2022-11-16T03:00:00.500000Z",
  },
  { name: "reads a date without time", text: "2022-11-16", stored: "2022-11-16T00:00:00Z" },
  { name: "reads a time without seconds", text: "2022-11-16T10:11", stored: "2022-11-16T10:11:00Z" },
  { name: "knows the length of months", text: "2022-02-30T00:00:00Z", stored: undefined },
  { name: "refuses an hour that no day has", text: "2022-02-20T25:00:00Z", stored: undefined },
  { name: "refuses other text", text: "yesterday", stored: undefined },
])("rfc3339 $name", ({ text, stored }) => {
  expect(rfc3339(text)).toBe(stored);
});

test.each([
  { name: "a float with its point", value: new Float(-2), json: "-2.0" },
  { name: "a large float", value: new Float(1e22), json: "1e+22" },
  { name: "a negative zero", value: new Float(-0), json: "-0.0" },
  { name: "all digits of an integer", value: 12345678901234567890n, json: "12345678901234567890" },
  { name: "what is not a number as null", value: Number.NaN, json: "null" },
  { name: "nothing as null", value: undefined, json: "null" },
  {
    name: "keys that are not text",
    value: new Map<boolean | number, Value>([
      [true, 1],
      [2, "x"],
    ]),
    json: '{"true":1,"2":"x"}',
  },
  {
    name: "keys of JavaScript as data",
    value: new Map([
      ["__proto__", new Map([["a", 1]])],
      ["constructor", null],
    ]),
    json: '{"__proto__":{"a":1},"constructor":null}',
  },
])("toJson writes $name", ({ value, json }) => {
  expect(toJson(value as Value)).toBe(json);
});

test("toPlain gives what JSON.parse makes of toJson, and changes no prototype", () => {
  const { value } = fc.letrec<{ value: Value; dict: Value }>((tie) => ({
    dict: fc
      .array(fc.tuple(fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor")), tie("value")), {
        maxLength: 4,
      })
      .map((entries) => new Map(entries)),
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      fc.bigInt(),
      fc.double(),
      fc.integer().map((integer) => new Float(integer)),
      fc.array(tie("value"), { maxLength: 4 }),
      tie("dict"),
    ),
  }));
  fc.assert(
    fc.property(value, (any) => {
      const plain = toPlain(any);
      expect(JSON.stringify(plain)).toBe(JSON.stringify(JSON.parse(toJson(any))));
      expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
    }),
  );
});

const NOTHING = { scheme: "", authority: "", host: "", port: undefined, path: "", query: "", fragment: "" };

test.each([
  {
    name: "all parts",
    text: "HTTPS://Bob:pw@WWW.Example.com:8443/a/b?c=d?e#f#g",
    parts: {
      scheme: "https",
      authority: "Bob:pw@WWW.Example.com:8443",
      host: "www.example.com",
      port: 8443,
      path: "/a/b",
      query: "c=d?e",
      fragment: "f#g",
    },
  },
  { name: "a path alone", text: "/a?b", parts: { ...NOTHING, path: "/a", query: "b" } },
  {
    name: "a host without scheme as a path",
    text: "example.com/a",
    parts: { ...NOTHING, path: "example.com/a" },
  },
  {
    name: "an IPv6 host",
    text: "http://[FE80::1]:80/",
    parts: { ...NOTHING, scheme: "http", authority: "[FE80::1]:80", host: "fe80::1", port: 80, path: "/" },
  },
  {
    name: "a port that is none",
    text: "ftp://h:x",
    parts: { ...NOTHING, scheme: "ftp", authority: "h:x", host: "h" },
  },
  {
    name: "blanks and line breaks",
    text: " \n http://h/a\nb",
    parts: { ...NOTHING, scheme: "http", authority: "h", host: "h", path: "/ab" },
  },
  { name: "half a bracket", text: "http://[::1/", parts: undefined },
])("urlParts: $name", ({ text, parts }) => {
  expect(urlParts(text)).toEqual(parts);
});
