import { SaxesParser } from "saxes";
import { StageFailure } from "../contract/stage.ts";

export type XmlElement = {
  /** Without its namespace prefix. */
  readonly name: string;
  /** In order; declarations of namespaces are left out. */
  readonly attributes: readonly (readonly [string, string])[];
  readonly children: XmlElement[];
  /** The text between the children, all of it. */
  text: string;
};

/** Elements within each other. */
const MAX_DEPTH = 200;
/** An event has 250,000 bytes at most; these are far more than any has in it. */
const MAX_CHARS = 1_048_576;
const MAX_PARTS = 50_000;

const TOO_LONG = new StageFailure(`the XML is longer than ${MAX_CHARS} characters`);

/**
 * Reads an XML document. Known entities are XML's five and numbers; a document type is read over, and nothing
 * that it declares or points at is ever used.
 */
export function parseXml(source: string): XmlElement | StageFailure {
  if (source.length > MAX_CHARS) {
    return TOO_LONG;
  }
  let parts = 0;
  const count = (): void => {
    if (++parts > MAX_PARTS) {
      throw new RangeError(`more than ${MAX_PARTS} elements and attributes`);
    }
  };
  const parser = new SaxesParser({ xmlns: false, position: false });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  // saxes would go on after an error, and report one for each character of the rest.
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("attribute", count);
  parser.on("opentag", (tag) => {
    count();
    const attributes = Object.entries(tag.attributes)
      .filter(([name]) => name !== "xmlns" && !name.startsWith("xmlns:"))
      .map(([name, value]) => [localName(name), value] as const);
    const element: XmlElement = { name: localName(tag.name), attributes, children: [], text: "" };
    if (open.length >= MAX_DEPTH) {
      throw new RangeError(`more than ${MAX_DEPTH} elements within each other`);
    }
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on("closetag", () => {
    open.pop();
  });
  const addText = (text: string): void => {
    const element = open.at(-1);
    if (element !== undefined) {
      element.text += text;
    }
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  try {
    parser.write(source.trim()).close();
  } catch (error) {
    return new StageFailure(`no XML: ${error instanceof Error ? error.message : String(error)}`);
  }
  return root ?? new StageFailure("no XML: there is no element");
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
