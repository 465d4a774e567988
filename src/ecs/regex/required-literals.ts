import type { PatternNode, Sequence } from "./pattern-tree.ts";

/**
 * The texts that every match of a sequence holds, in this order and without overlap. Looking for them costs
 * nanoseconds where running the pattern costs microseconds, and most branches of a format's patterns fail here.
 */
export function requiredLiterals(sequence: Sequence): readonly string[] {
  const texts: string[] = [];
  let run = "";
  const endRun = (): void => {
    if (run !== "") {
      texts.push(run);
    }
    run = "";
  };
  const visit = (node: PatternNode): void => {
    switch (node.kind) {
      case "literal":
        run += node.text;
        return;
      case "assertion":
      case "flags":
        return;
      case "atom":
        endRun();
        return;
      case "group": {
        const [only, second] = node.body;
        if (only !== undefined && second === undefined) {
          only.forEach(visit);
          return;
        }
        endRun();
        return;
      }
      case "repeat":
        endRun();
        if (node.min > 0) {
          visit(node.body);
        }
        endRun();
        return;
    }
  };
  sequence.forEach(visit);
  endRun();
  return texts;
}

/** The text that every match of a sequence begins with. */
export function literalPrefix(sequence: Sequence): string {
  for (const node of sequence) {
    if (node.kind === "literal") {
      return node.text;
    }
    if (node.kind === "assertion") {
      continue;
    }
    return node.kind === "group" && node.body.length === 1 ? literalPrefix(node.body[0] ?? []) : "";
  }
  return "";
}

/** The text that every match of a sequence ends with. */
export function literalSuffix(sequence: Sequence): string {
  for (const node of sequence.toReversed()) {
    if (node.kind === "literal") {
      return node.text;
    }
    if (node.kind === "assertion") {
      continue;
    }
    return node.kind === "group" && node.body.length === 1 ? literalSuffix(node.body[0] ?? []) : "";
  }
  return "";
}

/** Whether the text holds all of them, in order. */
export function holdsAll(text: string, required: readonly string[]): boolean {
  let from = 0;
  for (const part of required) {
    const at = text.indexOf(part, from);
    if (at < 0) {
      return false;
    }
    from = at + part.length;
  }
  return true;
}
