import axios, { type AxiosResponse } from "axios";
import { batchUrl } from "../connector/endpoint/intake.ts";
import { messageOf } from "../kernel/errors.ts";
import { proxyFor, routeTo } from "../kernel/proxy.ts";
import { type CheckRun, left } from "./check-run.ts";
import { type Finding, found, passed } from "./contract.ts";
import type { Target } from "./network.ts";

const REQUEST_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

export function intakeTarget({ intake, environment }: CheckRun): Target {
  const url = left(intake);
  const isTls = url.protocol === "https:";
  return {
    host: url.hostname,
    port: Number(url.port || (isTls ? 443 : 80)),
    isTls,
    setting: "intake_server",
    proxy: proxyFor(url, environment.proxies),
    webSockets: undefined,
  };
}

/** Whether the intake knows the key, by a batch without an event. */
export async function checkIntakeKey(run: CheckRun, signal: AbortSignal): Promise<Finding> {
  const { intake_server: server = "", intake_key: key = "" } = run.settings;
  const url = left(run.intake);
  const address = `${url.host}${url.pathname.replace(/\/+$/, "")}`;
  const route = routeTo(url, run.environment.proxies);
  let answer: AxiosResponse<string>;
  try {
    answer = await axios.post<string>(
      batchUrl(server.trim()),
      JSON.stringify({ intake_key: key.trim(), jsons: [] }),
      {
        ...route,
        headers: { "Content-Type": "application/json", "User-Agent": run.environment.userAgent },
        timeout: REQUEST_MS,
        signal,
        maxRedirects: 0,
        maxContentLength: MAX_ANSWER_BYTES,
        responseType: "text",
        transformResponse: [(data: unknown) => data],
        validateStatus: () => true,
      },
    );
  } catch (thrown) {
    // Only the message: the error of axios holds the request, and with it the key.
    return found("INTAKE_SILENT", { reason: messageOf(thrown) });
  } finally {
    route.httpAgent.destroy();
    route.httpsAgent.destroy();
  }
  const date: unknown = answer.headers["date"];
  run.observeClock(url.host, typeof date === "string" ? new Date(date) : undefined);
  return judge(answer.status, address);
}

/** What a batch without an event is answered is written nowhere; a refusal of the key is, as 401 or 403. */
function judge(code: number, address: string): Finding {
  const status = String(code);
  if (code >= 200 && code < 300) {
    return passed("the intake accepts the key");
  }
  if (code >= 300 && code < 400) {
    return found("INTAKE_REDIRECTS", { address, status });
  }
  if (code === 401 || code === 403) {
    return found("INTAKE_KEY_REFUSED", { status });
  }
  if (code === 404 || code === 405) {
    return found("INTAKE_PATH_WRONG", { address, status });
  }
  if (code === 400 || code === 413 || code === 422) {
    return passed(`the intake answered HTTP ${status} to a batch without events and did not reject the key`);
  }
  return found("INTAKE_FAILS", { status });
}
