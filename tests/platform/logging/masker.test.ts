import fc from "fast-check";
import { expect, test } from "vitest";
import { Masker } from "../../../src/platform/logging/masker.ts";
import { INCUMBENT } from "../support/settings.ts";

const masker = new Masker();
masker.add(INCUMBENT.hub_connection_string);
masker.add("https://account.blob.core.windows.net/?sv=2026&sig=c2lnbmF0dXJl%2B1");
masker.add(INCUMBENT.intake_key);
masker.add('quote"d+/ value');
masker.add("abc");

test.each([
  {
    name: "a connection string goes as a whole",
    text: `got ${INCUMBENT.hub_connection_string}!`,
    masked: "got ***!",
  },
  {
    name: "a key of a connection string alone",
    text: "key aHViLXNlY3JldA== is wrong",
    masked: "key *** is wrong",
  },
  { name: "a URL-encoded key", text: "?key=aHViLXNlY3JldA%3D%3D&x", masked: "?key=***&x" },
  { name: "a URL-encoded key in small letters", text: "aHViLXNlY3JldA%3d%3d", masked: "***" },
  { name: "a key as base64", text: Buffer.from(INCUMBENT.intake_key).toString("base64"), masked: "***" },
  { name: "a key inside JSON", text: JSON.stringify({ key: 'quote"d+/ value' }), masked: '{"key":"***"}' },
  { name: "a signature", text: "sig is c2lnbmF0dXJl%2B1", masked: "sig is ***" },
  {
    name: "the name of a policy stays",
    text: "SharedAccessKeyName=listen",
    masked: "SharedAccessKeyName=listen",
  },
  { name: "a short text stays", text: "abc", masked: "abc" },
  { name: "an unknown key", text: "AccountKey=Zm9v;BlobEndpoint=x", masked: "AccountKey=***;BlobEndpoint=x" },
  { name: "an unknown signature", text: "?sv=1&sig=Zm9v&se=2", masked: "?sv=1&sig=***&se=2" },
  { name: "an unknown token", text: "Authorization: Bearer ey.Zm9v-_=", masked: "Authorization: Bearer ***" },
])("mask: $name", ({ text, masked }) => {
  expect(masker.mask(text)).toBe(masked);
});

test("mask: no secret survives, whatever stands around it", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 4 }).filter((text) => text.trim().length >= 4),
      fc.string(),
      fc.string(),
      (secret, before, after) => {
        const own = new Masker();
        own.add(secret);
        const shown = own.mask(before + secret.trim() + after);
        expect(shown.replaceAll("***", "\n")).not.toContain(secret.trim());
      },
    ),
  );
});
