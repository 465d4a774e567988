import { type StageDefinition, StageFailure } from "../contract/stage.ts";
import type { Dict, Value } from "../contract/value.ts";
import { inputText } from "./properties.ts";
import { addChild } from "./xml.ts";
import { parseXml, type XmlElement } from "./xml-tree.ts";

const NO_TEXT = new StageFailure("there is no event to read");
const NO_EVENT = new StageFailure("the XML is not a Windows event");

/** `xml.parse-windows-event`: an event of the Windows event log. */
export const windowsEventParse: StageDefinition = {
  name: "xml.parse-windows-event",
  summary: "Reads a Windows event: its System part, and its data by name.",
  properties: [],
  examples: [
    {
      title: "data by name",
      properties: {},
      input:
        "<Event xmlns='urn:e'><System><Provider Name='P'/><EventID Qualifiers='0'>7</EventID><Security/></System>" +
        "<EventData><Data Name='User'>ann</Data><Data Name='Group'></Data></EventData></Event>",
      result: {
        System: { Provider: { Name: "P" }, EventID: { Qualifiers: "0", "#text": "7" }, Security: null },
        EventData: { User: "ann", Group: null },
      },
    },
    { title: "other XML", properties: {}, input: "<html/>", result: "failure" },
  ],
  prepare() {
    return ({ value }) => {
      const text = inputText(value);
      if (text === undefined) {
        return NO_TEXT;
      }
      const root = parseXml(text);
      if (root instanceof StageFailure) {
        return root;
      }
      const event = elementValue(root);
      return root.name === "Event" && event instanceof Map ? event : NO_EVENT;
    };
  },
};

function elementValue(element: XmlElement): Value {
  const text = element.text.trim();
  const attributes = element.attributes;
  if (attributes.length === 0 && element.children.length === 0) {
    return text === "" ? null : text;
  }
  const dict: Dict = new Map();
  for (const [name, value] of attributes) {
    dict.set(name, value);
  }
  for (const child of element.children) {
    const name = child.name === "Data" ? child.attributes.find(([key]) => key === "Name")?.[1] : undefined;
    if (name === undefined) {
      addChild(dict, child.name, elementValue(child));
    } else {
      dict.set(name, child.text === "" ? null : child.text);
    }
  }
  if (text !== "") {
    dict.set("#text", text);
  }
  return dict;
}
