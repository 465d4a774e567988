import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { readGuide } from "../ecs/guide.ts";
import { bundledFolders, findFormats } from "../ecs/load.ts";
import { InputInvalid } from "../kernel/errors.ts";

/**
 * The folder of a format that a person named.
 * @param name A bundled format's folder name, slug or name, in any case; or the path of a format's folder.
 * @throws InputInvalid when there is no such format.
 */
export function formatFolder(name: string): string {
  if (existsSync(join(name, "ingest", "parser.yml"))) {
    return name;
  }
  const wanted = name.toLowerCase();
  const found = bundledFolders().find((folder) => {
    const { slug, name: title } = readGuide(folder).manifest;
    return [basename(folder), slug, title].some((known) => known.toLowerCase() === wanted);
  });
  if (found === undefined) {
    const known = bundledFolders().map((folder) => basename(folder));
    throw new InputInvalid(
      `there is no format ${name}: name one of ${known.join(", ")}, or a folder with ingest/parser.yml`,
    );
  }
  return found;
}

/**
 * The folders of all formats below the folders that a person named.
 * @throws InputInvalid for a path that is not a folder, or holds no format.
 */
export function formatsBelow(folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => {
    if (!existsSync(folder) || !statSync(folder).isDirectory()) {
      throw new InputInvalid(`${folder} is not a folder; name one that holds formats`);
    }
    const found = findFormats(folder);
    if (found.length === 0) {
      throw new InputInvalid(`${folder} holds no format: no ingest/parser.yml is below it`);
    }
    return found;
  });
}
