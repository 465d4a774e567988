import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

/** The proxies of this process, as the setting `proxy_url` or the environment names them. */
export type Proxies = {
  /** For `http:` and for `https:` addresses. */
  readonly http: URL | undefined;
  readonly https: URL | undefined;
  /** Hosts that are reached directly: `host`, `host:port`, `.domain` or `*`, separated by commas. */
  readonly bypass: string;
};

export const NO_PROXIES: Proxies = { http: undefined, https: undefined, bypass: "" };

/** The proxy on the way to `url`; `undefined` for the direct way. WebSockets go the way of their HTTP scheme. */
export function proxyFor(url: URL, proxies: Proxies): URL | undefined {
  const isSecure = url.protocol === "https:" || url.protocol === "wss:";
  const proxy = isSecure ? proxies.https : proxies.http;
  return proxy === undefined || isBypassed(url, isSecure, proxies.bypass) ? undefined : proxy;
}

function isBypassed(url: URL, isSecure: boolean, bypass: string): boolean {
  const port = url.port || (isSecure ? "443" : "80");
  return bypass
    .toLowerCase()
    .split(",")
    .map((entry) => entry.trim())
    .some((entry) => {
      const [, name = "", wantedPort = port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (name === "" || wantedPort !== port) return false;
      const domain = name.replace(/^\*?\./, "");
      return name === "*" || url.hostname === domain || url.hostname.endsWith(`.${domain}`);
    });
}

export type Agents = { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent };

/** Agents that keep idle connections to `url` alive, through its proxy if it has one. */
export function agentsFor(url: URL, proxies: Proxies): Agents {
  const proxy = proxyFor(url, proxies)?.href;
  const options =
    proxy === undefined
      ? { keepAlive: true }
      : { keepAlive: true, proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } };
  return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) };
}
