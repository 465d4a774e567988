import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export type Block = {
  /** Relative to the project's folder. */
  readonly page: string;
  /** Of its first line. */
  readonly line: number;
  readonly language: string;
  /** Without the indentation of its fence. */
  readonly text: string;
};

/** The pages that people read, README first. */
export const PAGES = ["README.md", "CONTRIBUTING.md", ...globSync("docs/**/*.md", { cwd: ROOT }).sort()];

const FENCE = /^( *)```(\w*).*$/;

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { indent: number; line: number; language: string; lines: string[] } | undefined;
  for (const [index, line] of readFileSync(join(ROOT, page), "utf8").split("\n").entries()) {
    const fence = FENCE.exec(line);
    if (fence === null) {
      open?.lines.push(line.slice(open.indent));
    } else if (open === undefined) {
      open = { indent: fence[1]?.length ?? 0, line: index + 2, language: fence[2] ?? "", lines: [] };
    } else {
      blocks.push({ page, line: open.line, language: open.language, text: open.lines.join("\n") });
      open = undefined;
    }
  }
  return blocks;
}

/** The commands of a block, one each; a line that ends in `\` goes on in the next one. */
export function commandsOf({ text }: Block): readonly string[] {
  return text
    .replaceAll(/\\\n\s*/g, "")
    .split(/\n| && /)
    .filter((line) => line.trim() !== "" && !line.trim().startsWith("#"));
}
