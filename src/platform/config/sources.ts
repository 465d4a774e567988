import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationInvalid } from "../errors.ts";

/** Every value that the platform or the environment may hand to the module. */
export type SourceName =
  | "module_configuration"
  | "connector_configuration"
  | "trigger_configuration"
  | "token"
  | "url_callback"
  | "url_secrets"
  | "url_logs"
  | "intake_url"
  | "liveness_port"
  | "metrics_port"
  | "listen_host"
  | "in_flight_mib"
  | "log_level"
  | "frequency_max_time"
  | "https_proxy"
  | "all_proxy"
  | "http_proxy"
  | "no_proxy"
  | "azure_authority_host"
  | "node_tls_reject_unauthorized";

/** Other programs write these variables in lower case as often as in upper case. */
const IN_ANY_CASE: ReadonlySet<string> = new Set(["https_proxy", "all_proxy", "http_proxy", "no_proxy"]);

/** A value and where it was found, as a person would look for it. */
export type Found<T> = { readonly where: string; readonly value: T };

export type Sources = {
  readonly directory: string;
  /** The value, trimmed; `undefined` if neither a file nor a variable holds anything. */
  text(name: SourceName): Found<string> | undefined;
  /**
   * One setting of the item, from its own file or variable, or from the file that the variable `<NAME>_FILE` names.
   * @throws ConfigurationInvalid if that file cannot be read.
   */
  setting(name: string): Found<string> | undefined;
  /** @throws ConfigurationInvalid if the value is not JSON. */
  json(name: SourceName): Found<unknown> | undefined;
};

const BASE64 = /^[\w+/-]+=*$/;

/**
 * The value `name` is the file `<directory>/<name>`, else the environment variable in upper case.
 * A variable may hold JSON as base64.
 * @param given The process's own environment unless given.
 * @param symphonyDirectory The folder of the platform's files; else `SYMPHONY_DIR`, else `/symphony` as in a container.
 */
export function openSources(given: NodeJS.ProcessEnv | undefined, symphonyDirectory?: string): Sources {
  const env = given ?? process.env;
  const directory = symphonyDirectory || env["SYMPHONY_DIR"] || "/symphony";
  const fileText = (name: string): Found<string> | undefined => {
    const path = join(directory, name);
    const value = statSync(path, { throwIfNoEntry: false })?.isFile() ? readText(path) : "";
    return value === "" ? undefined : { where: `file ${path}`, value };
  };
  const variableText = (name: string): Found<string> | undefined => {
    const variable = name.toUpperCase();
    const value = (env[variable] || (IN_ANY_CASE.has(name) ? env[name] : ""))?.trim() ?? "";
    return value === "" ? undefined : { where: `environment variable ${variable}`, value };
  };
  return {
    directory,
    text: (name) => fileText(name) ?? variableText(name),
    setting(name) {
      const path = env[`${name.toUpperCase()}_FILE`]?.trim();
      const named = path ? { where: `file ${path}`, value: readText(path) } : undefined;
      return named ?? fileText(name) ?? variableText(name);
    },
    json(name) {
      const file = fileText(name);
      if (file) {
        return { where: file.where, value: parseJson(file.value, file.where) };
      }
      const variable = variableText(name);
      return variable && { where: variable.where, value: parseVariable(variable) };
    },
  };
}

/**
 * The JSON of one file.
 * @throws ConfigurationInvalid if it cannot be read or is not JSON.
 */
export function readJsonFile(path: string): unknown {
  return parseJson(readText(path), `file ${path}`);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new ConfigurationInvalid([
      `file ${path} cannot be read (${code}); check the path and let this process's user read it`,
    ]);
  }
}

function parseVariable(variable: Found<string>): unknown {
  if (!BASE64.test(variable.value)) {
    return parseJson(variable.value, variable.where);
  }
  try {
    return JSON.parse(variable.value);
  } catch {
    // Letters and digits alone are not a JSON object, so what is left is base64; its own fault is the one to tell.
    return parseJson(
      Buffer.from(variable.value, "base64").toString("utf8"),
      `${variable.where}, read as base64,`,
    );
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The engine's message quotes the text, and the text may hold secrets: only the place is taken from it.
    const place = /position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
    const hint = place === undefined ? "" : ` from character ${place} on`;
    throw new ConfigurationInvalid([
      `${where} is not JSON${hint}; write an object such as {"hub_name": "security-logs"}`,
    ]);
  }
}
