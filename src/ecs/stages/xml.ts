import { type StageDefinition, StageFailure } from "../contract/stage.ts";
import type { Dict, Value } from "../contract/value.ts";
import { inputText } from "./properties.ts";
import { parseXml, type XmlElement } from "./xml-tree.ts";

const NO_TEXT = new StageFailure("there is no XML to read");

/** `xml.parse-xml`: a document as dicts and lists. */
export const xmlParse: StageDefinition = {
  name: "xml.parse-xml",
  summary:
    "Reads XML: elements are keys, repeated ones lists, attributes keys with an @, text beside them #text.",
  properties: [],
  examples: [
    {
      title: "elements, attributes and lists",
      properties: {},
      input: '<a xmlns="urn:x"><x:b id="1">one &amp; only</x:b><x:b>two</x:b><c/></a>',
      result: { a: { b: [{ "@id": "1", "#text": "one & only" }, "two"], c: null } },
    },
    {
      title: "no entity of a document's own",
      properties: {},
      input: '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
      result: "failure",
    },
    {
      title: "what a document type points at is never read",
      properties: {},
      input: '<!DOCTYPE a SYSTEM "file:///etc/hosts"><a>b</a>',
      result: { a: "b" },
    },
    { title: "no XML", properties: {}, input: "<a>", result: "failure" },
  ],
  prepare() {
    return ({ value }) => {
      const text = inputText(value);
      if (text === undefined) {
        return NO_TEXT;
      }
      const root = parseXml(text);
      return root instanceof StageFailure ? root : new Map([[root.name, elementValue(root)]]);
    };
  },
};

function elementValue(element: XmlElement): Value {
  const text = element.text.trim();
  if (element.attributes.length === 0 && element.children.length === 0) {
    return text === "" ? null : text;
  }
  const dict: Dict = new Map();
  for (const [name, value] of element.attributes) {
    dict.set(`@${name}`, value);
  }
  for (const child of element.children) {
    addChild(dict, child.name, elementValue(child));
  }
  if (text !== "") {
    dict.set("#text", text);
  }
  return dict;
}

/** Children of one name make a list. */
export function addChild(dict: Dict, name: string, value: Value): void {
  const known = dict.get(name);
  // No value of an element is a list, so a list is one that was made here.
  if (Array.isArray(known)) {
    known.push(value);
  } else {
    dict.set(name, dict.has(name) ? [known, value] : value);
  }
}
