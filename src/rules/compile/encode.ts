/** The modifiers that write a text in another encoding. Bytes are characters 0 to 255 here. */

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function utf8Bytes(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

export function utf16Bytes(text: string, order: "little" | "big"): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const pair = [unit & 0xff, unit >> 8];
    bytes.push(...(order === "little" ? pair : pair.reverse()));
  }
  return bytes;
}

export function textOfBytes(bytes: readonly number[]): string {
  return bytes.map((byte) => String.fromCharCode(byte)).join("");
}

export function base64(bytes: readonly number[]): string {
  let result = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second, third] = bytes.slice(at, at + 3);
    const number = (first << 16) | ((second ?? 0) << 8) | (third ?? 0);
    result += BASE64.charAt(number >> 18) + BASE64.charAt((number >> 12) & 63);
    result += second === undefined ? "=" : BASE64.charAt((number >> 6) & 63);
    result += third === undefined ? "=" : BASE64.charAt(number & 63);
  }
  return result;
}

/** How the bytes look inside a longer text, at each of the three places where they may begin. */
export function base64Offsets(bytes: readonly number[]): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = base64([...new Array<number>(offset).fill(0x20), ...bytes]);
    const start = [0, 2, 3][offset] ?? 0;
    // The last character also depends on what follows, unless the bytes end where a group of three does.
    const end = [undefined, -3, -2][(bytes.length + offset) % 3];
    return encoded.slice(start, end);
  });
}
