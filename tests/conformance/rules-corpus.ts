/** Public Sigma rules and cases, which are not part of the project. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { RuleEvent, RuleText } from "../../src/rules/index.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export type RuleCase = {
  readonly id: string;
  readonly rule: string;
  readonly event: RuleEvent;
  readonly expected: boolean;
};

export type StreamCase = {
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  readonly events: readonly { readonly t: number; readonly event: RuleEvent }[];
  readonly expected_at: readonly number[];
};

export class RulesCorpus {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  text(path: string): RuleText {
    return { name: path, text: readFileSync(join(this.#folder, path), "utf8") };
  }

  /** The rules that can be read, and those that cannot. */
  rules(): { readonly fine: RuleText[]; readonly refused: RuleText[] } {
    const { ok, bad } = JSON.parse(this.text("parse.json").text);
    const read = (name: string): RuleText => this.text(`sigmahq/${name}`);
    return { fine: ok.map(read), refused: bad.map(([name]: [string]) => read(name)) };
  }

  cases(): RuleCase[] {
    const events = new Map<string, RuleEvent>();
    for (const file of readdirSync(join(this.#folder, "events"))) {
      const lines = this.text(`events/${file}`).text.split("\n");
      for (const line of lines.filter((each) => each !== "")) {
        const { id, event } = JSON.parse(line);
        events.set(id, event);
      }
    }
    const cases: (Omit<RuleCase, "event"> & { readonly event: string })[] = JSON.parse(
      this.text("index.json").text,
    );
    return cases.map((each) => ({ ...each, event: events.get(each.id) ?? {} }));
  }

  streams(): StreamCase[] {
    return JSON.parse(this.text("correlation/index.json").text);
  }
}

/** Values for the placeholders that the rules have. */
export function placeholdersOf(texts: readonly RuleText[]): Record<string, string[]> {
  const names = texts.flatMap(({ text }) => [...text.matchAll(/%([\w.-]+)%/g)].map(([, name = ""]) => name));
  return Object.fromEntries(names.map((name) => [name, [`value of ${name}`]]));
}

/** From the variable RULES_CORPUS or beside the repository; undefined where there is none. */
export function rulesCorpus(): RulesCorpus | undefined {
  const folder = process.env["RULES_CORPUS"] ?? resolve(ROOT, "../shared/rules");
  return existsSync(join(folder, "index.json")) ? new RulesCorpus(folder) : undefined;
}
