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

/** An agent for one WebSocket or request to a server with TLS, through its proxy if it has one. */
export function agentFor(url: URL, proxies: Proxies): HttpsAgent {
  const proxy = proxyFor(url, proxies);
  return new HttpsAgent(proxy === undefined ? {} : { proxyEnv: { HTTPS_PROXY: proxy.href } });
}

/** What the HTTP client is told of the way; the agents keep idle connections and are the caller's to destroy. */
export type Route = {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
  readonly proxy:
    | false
    | {
        readonly protocol: string;
        readonly host: string;
        readonly port: number;
        readonly auth?: { readonly username: string; readonly password: string };
      };
};

/** The way to `url`, through its proxy if it has one: the HTTP client knows proxies by itself, but not ours. */
export function routeTo(url: URL, proxies: Proxies): Route {
  const proxy = proxyFor(url, proxies);
  const agents = {
    httpAgent: new HttpAgent({ keepAlive: true }),
    httpsAgent: new HttpsAgent({ keepAlive: true }),
  };
  if (proxy === undefined) return { ...agents, proxy: false };
  const auth = {
    username: decodeURIComponent(proxy.username),
    password: decodeURIComponent(proxy.password),
  };
  return {
    ...agents,
    proxy: {
      protocol: proxy.protocol,
      host: proxy.hostname,
      port: Number(proxy.port || (proxy.protocol === "https:" ? 443 : 80)),
      ...(auth.username === "" ? {} : { auth }),
    },
  };
}
