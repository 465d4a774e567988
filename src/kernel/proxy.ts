import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

/** The proxy of this process, as the setting `proxy_url` or the environment names it. */
export type Proxies = {
  readonly proxy: URL | undefined;
  /** Hosts that are reached directly, separated by commas: `host`, or `.domain` for a domain and all below it. */
  readonly bypass: string;
};

export const NO_PROXIES: Proxies = { proxy: undefined, bypass: "" };

/**
 * The proxy on the way to `url`; `undefined` for the direct way. Decided as the SDKs decide, since they read the
 * environment by themselves: one proxy for all schemes, and hosts without ports.
 */
export function proxyFor({ hostname }: URL, { proxy, bypass }: Proxies): URL | undefined {
  const isDirect = bypass
    .split(",")
    .map((entry) => entry.trim())
    .some((entry) =>
      entry.startsWith(".") ? `.${hostname}`.endsWith(entry) : entry !== "" && hostname === entry,
    );
  return isDirect ? undefined : proxy;
}

/** What a proxy's address says to log in with. */
export function credentialsOf(
  proxy: URL,
): { readonly username: string; readonly password: string } | undefined {
  return proxy.username === ""
    ? undefined
    : { username: decoded(proxy.username), password: decoded(proxy.password) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign is a character like any other.
    return text;
  }
}

/** An agent of Node's own client for servers that are reached as `url` is; idle connections do not keep the process. */
export function agentFor(url: URL, proxies: Proxies): HttpAgent {
  const proxy = proxyFor(url, proxies)?.href;
  const options = {
    keepAlive: true,
    ...(proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }),
  };
  return url.protocol === "http:" ? new HttpAgent(options) : new HttpsAgent(options);
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
  if (proxy === undefined) {
    return { ...agents, proxy: false };
  }
  const auth = credentialsOf(proxy);
  return {
    ...agents,
    proxy: {
      protocol: proxy.protocol,
      host: proxy.hostname,
      port: Number(proxy.port || (proxy.protocol === "https:" ? 443 : 80)),
      ...(auth === undefined ? {} : { auth }),
    },
  };
}
