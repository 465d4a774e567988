import rhea from "rhea";
import { skipValue } from "./encoding.ts";

/** Requests to `$cbs` and `$management` are short; tokens of Entra ID reach some kilobytes. */
export const REQUEST_BYTES_MAX = 64 * 1024;

export type Request = {
  readonly body: unknown;
  readonly replyTo: string | undefined;
  readonly messageId: unknown;
  property(name: string): string;
};

/** @returns undefined if the bytes are not a message. */
export function readRequest(bytes: Buffer): Request | undefined {
  let at = 0;
  while (at < bytes.length) {
    at = skipValue(bytes, at, bytes.length);
    if (at < 0) {
      return undefined;
    }
  }
  let message: Record<string, unknown>;
  try {
    message = rhea.message.decode(bytes);
  } catch {
    // Well-formed values that are not a message, such as a section of the wrong type.
    return undefined;
  }
  const properties = (message["application_properties"] ?? {}) as Record<string, unknown>;
  const body = message["body"];
  const replyTo = message["reply_to"];
  return {
    body: isContentful(body) ? body.content : body,
    replyTo: typeof replyTo === "string" ? replyTo : undefined,
    messageId: message["message_id"],
    property: (name) => (Object.hasOwn(properties, name) ? String(properties[name]) : ""),
  };
}

export type Reply = {
  /** Like HTTP's. */
  readonly status: number;
  readonly description: string;
  readonly condition?: string;
  readonly body?: object;
};

/** Encodes an answer to `request`. */
export function encodeReply(request: Request, reply: Reply): Buffer {
  const status = rhea.types.wrap_int(reply.status);
  // Both spellings are in use among the clients.
  const properties: Record<string, unknown> = {
    "status-code": status,
    "status-description": reply.description,
    statusCode: status,
    statusDescription: reply.description,
  };
  if (reply.condition !== undefined) {
    properties["error-condition"] = rhea.types.wrap_symbol(reply.condition);
  }
  return rhea.message.encode({
    correlation_id: request.messageId,
    application_properties: properties,
    body: reply.body ?? null,
  });
}

function isContentful(body: unknown): body is { content: unknown } {
  return typeof body === "object" && body !== null && "content" in body;
}
