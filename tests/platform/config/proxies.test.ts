import { expect, test } from "vitest";
import { readRawSettings } from "../../../src/app/raw-settings.ts";
import { peekConfiguration, readProxies } from "../../../src/platform/config/proxies.ts";
import { openSources } from "../../../src/platform/config/sources.ts";
import { ConfigurationInvalid } from "../../../src/platform/errors.ts";
import { folderWith } from "../support/folder.ts";
import { INCUMBENT, MODULE_DIR } from "../support/settings.ts";

const sources = (env: Record<string, string>) => openSources(env, "/nowhere");

test.each([
  { name: "nothing", env: {}, proxy: undefined },
  {
    name: "HTTPS_PROXY before the others",
    env: { HTTPS_PROXY: "http://a:1", ALL_PROXY: "http://b:2" },
    proxy: "http://a:1/",
  },
  {
    name: "ALL_PROXY before HTTP_PROXY",
    env: { all_proxy: "http://b:2", http_proxy: "http://c:3" },
    proxy: "http://b:2/",
  },
  { name: "a variable in lower case", env: { http_proxy: "http://c:3" }, proxy: "http://c:3/" },
  {
    name: "the setting before all of them",
    env: { HTTPS_PROXY: "http://a:1" },
    setting: "http://d:4",
    proxy: "http://d:4/",
  },
])("the proxy is that of $name", ({ env, setting, proxy }) => {
  const found = readProxies(sources({ ...env, NO_PROXY: "x.example" }), { proxy_url: setting });
  expect(found.proxy?.href).toBe(proxy);
  expect(found.bypass).toBe("x.example");
});

test.each(["proxy.example:3128", "socks5://proxy.example", "http://"])(
  "%s is refused with its variable",
  (value) => {
    expect(() => readProxies(sources({ HTTPS_PROXY: value }), undefined)).toThrow(ConfigurationInvalid);
    expect(() => readProxies(sources({ HTTPS_PROXY: value }), undefined)).toThrow(
      /environment variable HTTPS_PROXY is not an address of an HTTP proxy; write one such as http:/,
    );
  },
);

test("a configuration that cannot be read yet is reported later", () => {
  expect(peekConfiguration(sources({}), undefined, () => ({}))).toBeUndefined();
  expect(peekConfiguration(sources({ TRIGGER_CONFIGURATION: "{" }), undefined, () => ({}))).toBeUndefined();
  expect(peekConfiguration(sources({ TRIGGER_CONFIGURATION: '{"a":1}' }), undefined, () => ({}))).toEqual({
    a: 1,
  });
});

test("settings to check are taken as they stand, with what is wrong beside them and their secrets hidden", () => {
  const folder = folderWith({
    trigger_configuration: JSON.stringify({
      ...INCUMBENT,
      hub_connection_string: ` ${INCUMBENT.hub_connection_string}\n`,
      hub_consumer_group: " ",
      intake_server: "",
      chunk_size: "many",
      hub_nmae: "x",
    }),
  });
  const env = { INTAKE_URL: "https://intake.example", HTTPS_PROXY: "http://me:proxy-secret@proxy.example" };
  const found = readRawSettings({
    moduleDir: MODULE_DIR,
    command: "azure_eventhub_messages_trigger",
    configurationFile: undefined,
    symphonyDirectory: folder,
    env,
  });
  expect(found.given).toMatchObject({
    hub_connection_string: ` ${INCUMBENT.hub_connection_string}\n`,
    hub_consumer_group: "sekoiaio",
    intake_server: "https://intake.example",
    transport: "amqp",
  });
  expect(found.problems.map(({ field }) => field)).toEqual(["chunk_size"]);
  expect(found.unknown).toEqual(["hub_nmae"]);
  expect(found.proxies.proxy?.hostname).toBe("proxy.example");
  expect(found.mask(`${INCUMBENT.intake_key} aHViLXNlY3JldA== proxy-secret`)).toBe("*** *** ***");
});
