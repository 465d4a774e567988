import type { Dict } from "../contract/value.ts";
import { setDomainParts } from "./domain.ts";
import { dictAt, dictMadeAt, isMissing, setIfMissing, textAt } from "./draft-fields.ts";

const URL_IN_TEXT = /https?:\/\/[^\s,"']+/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/;
const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["https", 443],
]);

/** Takes the first web address of a command line as the event's URL, when it has none. */
export function findUrlInCommandLine(draft: Dict): void {
  const commandLine = textAt(dictAt(draft, "process"), "command_line");
  if (commandLine === undefined || !commandLine.includes("://")) {
    return;
  }
  const url = dictAt(draft, "url");
  const found =
    url === undefined || (isMissing(url, "original") && isMissing(url, "full"))
      ? URL_IN_TEXT.exec(commandLine)
      : null;
  if (found !== null) {
    dictMadeAt(draft, "url")?.set("original", found[0]);
  }
}

/** Fills the missing parts of `url` from its full or original text, or else those of its domain. */
export function splitUrl(draft: Dict): void {
  const url = dictAt(draft, "url");
  if (url === undefined) {
    return;
  }
  const text = textAt(url, "full") ?? textAt(url, "original");
  if (text === undefined) {
    const domain = textAt(url, "domain");
    if (domain !== undefined) {
      setDomainParts(url, domain);
    }
    return;
  }
  const parts = urlParts(text);
  if (parts === undefined) {
    return;
  }
  const { scheme, authority, host, port, path, query, fragment } = parts;
  setIfMissing(url, "scheme", filled(scheme));
  setIfMissing(url, "domain", filled(host));
  setIfMissing(url, "path", filled(path));
  setIfMissing(url, "query", filled(query));
  setIfMissing(url, "fragment", filled(fragment));
  setIfMissing(url, "port", port ?? DEFAULT_PORTS.get(textAt(url, "scheme") ?? ""));
  if (DEFAULT_PORTS.has(scheme) && authority !== "") {
    setIfMissing(url, "full", text);
  }
  if (host !== "") {
    setDomainParts(url, host);
  }
}

function filled(text: string): string | undefined {
  return text === "" ? undefined : text;
}

type UrlParts = {
  scheme: string;
  authority: string;
  host: string;
  port: number | undefined;
  path: string;
  query: string;
  fragment: string;
};

/**
 * Splits a URL at its marks, as Python's `urlsplit` does: nothing is decoded, resolved or checked beyond that, so that
 * also half a URL has parts.
 * @returns undefined when a bracket of an IPv6 host is missing.
 */
export function urlParts(text: string): UrlParts | undefined {
  let rest = text.replace(/^[\0- ]+/, "").replace(/[\t\r\n]/g, "");
  const scheme = SCHEME.exec(rest)?.[0] ?? "";
  rest = scheme === "" ? rest : rest.slice(scheme.length + 1);
  let authority = "";
  if (rest.startsWith("//")) {
    const end = rest.slice(2).search(/[/?#]/);
    authority = end === -1 ? rest.slice(2) : rest.slice(2, end + 2);
    rest = rest.slice(authority.length + 2);
    if (authority.includes("[") !== authority.includes("]")) {
      return undefined;
    }
  }
  const [beforeFragment, fragment] = cut(rest, "#");
  const [path, query] = cut(beforeFragment, "?");
  const hostAndPort = authority.slice(authority.lastIndexOf("@") + 1);
  const bracket = hostAndPort.startsWith("[") ? hostAndPort.indexOf("]") : -1;
  const [name, port] = cut(bracket === -1 ? hostAndPort : hostAndPort.slice(bracket + 1), ":");
  const host = (bracket === -1 ? name : hostAndPort.slice(1, bracket)).toLowerCase();
  return { scheme: scheme.toLowerCase(), authority, host, port: portNumber(port), path, query, fragment };
}

function cut(text: string, mark: string): [before: string, after: string] {
  const index = text.indexOf(mark);
  return index === -1 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)];
}

function portNumber(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
}
