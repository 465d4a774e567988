import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { PAGES, ROOT } from "./support/blocks.ts";

const FILES = globSync("{src,scripts,tests}/**/*.ts", { cwd: ROOT });

function read(page: string): string {
  return readFileSync(join(ROOT, page), "utf8").replaceAll(/```[\s\S]*?```/g, "");
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): readonly string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test.each([...PAGES, "CHANGELOG.md"])("every link of %s leads somewhere", (page) => {
  for (const [, link = ""] of read(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : join(dirname(page), path);
    expect(existsSync(join(ROOT, target)), `${page}: ${link}`).toBe(true);
    if (anchor !== undefined) {
      expect(anchorsOf(target), `${page}: ${link}`).toContain(anchor);
    }
  }
});

test.each(PAGES)("every source file that %s names is there", (page) => {
  for (const [, name = ""] of read(page).matchAll(/`([\w./-]+\.ts)`/g)) {
    const isThere =
      existsSync(join(ROOT, name)) || FILES.some((file) => file === name || file.endsWith(`/${name}`));
    expect(isThere, `${page}: ${name}`).toBe(true);
  }
});
