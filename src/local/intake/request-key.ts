import type { IncomingMessage } from "node:http";

/** The intake key beside the body: header, Basic password or `?intake_key=`, in this order. */
export function requestKey(request: IncomingMessage, url: URL): string | undefined {
  const header = request.headers["x-sekoiaio-intake-key"];
  if (typeof header === "string") {
    return header;
  }
  const basic = /^Basic\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (basic !== undefined) {
    const credentials = Buffer.from(basic, "base64").toString("utf8");
    return credentials.slice(credentials.indexOf(":") + 1);
  }
  return url.searchParams.get("intake_key") ?? undefined;
}
