import type { AxiosInstance } from "axios";
import axios from "axios";
import { messageOf } from "../kernel/errors.ts";
import { type Proxies, routeTo } from "../kernel/proxy.ts";
import type { Sources } from "./config/sources.ts";

/** The platform's own addresses. Without a token or a callback, the module runs on its own. */
export type ControlPlane = {
  readonly callbackUrl: string | undefined;
  readonly secretsUrl: string | undefined;
  readonly logsUrl: string | undefined;
  /** The platform watches this process: it reads the logs, and ends and restarts it. */
  readonly isManaged: boolean;
  /** Any status is an answer; only a broken exchange rejects. */
  readonly http: AxiosInstance;
};

/**
 * @param userAgent `sekoiaio-connector/<slug>-<version>`.
 * @throws never; an invalid address fails at its first exchange.
 */
export function openControlPlane(sources: Sources, userAgent: string, proxies: Proxies): ControlPlane {
  const token = sources.text("token")?.value;
  const callbackUrl = sources.text("url_callback")?.value;
  const logsUrl = sources.text("url_logs")?.value ?? callbackUrl?.replace("/callback", "/logs");
  // The three addresses belong to one platform, so they lie the same way.
  const platform = URL.parse(callbackUrl ?? logsUrl ?? "");
  return {
    callbackUrl,
    secretsUrl: sources.text("url_secrets")?.value ?? callbackUrl?.replace("/callback", "/secrets"),
    logsUrl,
    isManaged: callbackUrl !== undefined && token !== undefined,
    http: axios.create({
      ...(platform === null ? {} : routeTo(platform, proxies)),
      headers: {
        "User-Agent": userAgent,
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      validateStatus: () => true,
      maxContentLength: 1024 * 1024,
    }),
  };
}

/** What became of an exchange: an answer, or a sentence that tells why there is none. */
export type Exchange =
  | { readonly status: number; readonly body: unknown }
  | { readonly status: undefined; readonly body: undefined; readonly failure: string };

/**
 * Never rejects. The error of the HTTP client holds the headers, so only its message is kept.
 * @param timeoutMs For the whole exchange.
 */
export async function exchange(
  plane: ControlPlane,
  request: { readonly method: "GET" | "POST"; readonly url: string; readonly data?: unknown },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Exchange> {
  try {
    // The client's own timeout starts again with each phase of the exchange; this one does not.
    const { status, data } = await plane.http.request({
      ...request,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    return { status, body: data };
  } catch (error) {
    return { status: undefined, body: undefined, failure: messageOf(error) };
  }
}

export function isSuccess(outcome: Exchange): boolean {
  return outcome.status !== undefined && outcome.status >= 200 && outcome.status < 300;
}

/** How an exchange failed, for a message. */
export function describeFailure(outcome: Exchange): string {
  return outcome.status !== undefined ? `HTTP ${outcome.status}` : outcome.failure;
}
