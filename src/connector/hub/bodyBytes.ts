/**
 * The bytes of a message body as the SDK hands it out unparsed: one data section as a Buffer, several as an array of
 * them, and AMQP values as JavaScript values, which are written as JSON unless they are text.
 */
export function bodyBytes(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (Array.isArray(body) && body.length > 0 && body.every((part) => part instanceof Uint8Array))
    return Buffer.concat(body);
  if (typeof body === "string") return Buffer.from(body);
  return Buffer.from(body === undefined ? "" : (JSON.stringify(body, bigintAsText) ?? ""));
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
