import type { FieldDeclaration } from "../contract/format-source.ts";
import type { Dict, Key, Value } from "../contract/value.ts";
import { ECS_FIELDS } from "../data/ecs-fields.ts";
import { PLATFORM_FIELDS } from "../data/platform-fields.ts";
import { asText, type Converter, converterOf } from "./convert.ts";

/** The types below which undeclared fields are kept as they are. */
const OPEN_TYPES = new Set(["object", "nested", "flattened", "array"]);

/** A name in the tree of declared fields. */
export type FieldNode = {
  /** Declared itself, not only a step on the way to a declared field. */
  isDeclared: boolean;
  /** Undeclared fields below are kept. */
  isOpen: boolean;
  /** A scalar becomes a list of one. */
  isArray: boolean;
  convert: Converter | undefined;
  /** The declared names below, undefined if there are none. */
  children: Map<Key, FieldNode> | undefined;
};

/** The fields that an event may have, and their types. */
export type Taxonomy = {
  readonly root: FieldNode;
  /**
   * What a field keeps of a value that is set to it: undefined when the value does not fit, so that the field is not set.
   * @param path Dotted, from a format's file.
   */
  coercionOf(path: string): Converter;
  /** Whether a field is declared, lies in one that keeps all it holds, or leads to one that is. */
  isKnown(path: string): boolean;
  /** The dotted paths of all declared fields. */
  paths(): readonly string[];
};

/** Below an open field everything is kept as it is. */
const KEPT: FieldNode = {
  isDeclared: true,
  isOpen: true,
  isArray: false,
  convert: undefined,
  children: undefined,
};

/**
 * The taxonomy of a format: ECS, the platform's fields, and the format's own.
 * @param declarations The module's fields, then the format's; a later declaration of a path replaces an earlier one.
 */
export function createTaxonomy(declarations: readonly Pick<FieldDeclaration, "path" | "type">[]): Taxonomy {
  const root = newNode();
  for (const table of [ECS_FIELDS, PLATFORM_FIELDS]) {
    declareTable(root, table);
  }
  for (const { path, type } of declarations) {
    declare(root, path, type);
  }
  openBelow(root);
  return {
    root,
    isKnown: (path) => findNode(root, path) !== undefined,
    paths: () => pathsBelow(root, ""),
    coercionOf(path) {
      const node = findNode(root, path);
      if (node !== undefined) {
        return conformer(node);
      }
      // What is set as an object stays one, were it empty; anything else is gone in the end, and to be read till then.
      return (value) => (value instanceof Map ? (shapeOf(value) ?? new Map()) : value);
    },
  };
}

function newNode(): FieldNode {
  return { isDeclared: false, isOpen: false, isArray: false, convert: undefined, children: undefined };
}

function declareTable(root: FieldNode, table: Readonly<Record<string, string>>): void {
  for (const [type, lines] of Object.entries(table)) {
    for (const line of lines.trim().split("\n")) {
      const [parent = "-", ...names] = line.split(" ");
      const node = parent === "-" ? root : descend(root, parent);
      for (const name of names) {
        setType(childOf(node, name), type);
      }
    }
  }
}

function declare(root: FieldNode, path: string, type: string): void {
  const node = descend(root, path);
  // A format that lists a date of ECS among its fields does not make it a date of its own, which is left as it is.
  const isEcsDate = type === "date" && node.convert === converterOf("datetime");
  if (!isEcsDate) {
    setType(node, type);
  }
}

function setType(node: FieldNode, type: string): void {
  node.isDeclared = true;
  node.isOpen = OPEN_TYPES.has(type);
  node.isArray = type === "array";
  node.convert = converterOf(type);
}

function descend(root: FieldNode, path: string): FieldNode {
  let node = root;
  for (const name of path.split(".")) {
    node = childOf(node, name);
  }
  return node;
}

function childOf(node: FieldNode, name: string): FieldNode {
  node.children ??= new Map();
  let child = node.children.get(name);
  if (child === undefined) {
    child = newNode();
    node.children.set(name, child);
  }
  return child;
}

/** Steps without a type of their own inherit the openness of what is above them. */
function openBelow(node: FieldNode): void {
  for (const child of node.children?.values() ?? []) {
    child.isOpen ||= node.isOpen && !child.isDeclared;
    openBelow(child);
  }
}

function findNode(root: FieldNode, path: string): FieldNode | undefined {
  let node = root;
  for (const name of path.split(".")) {
    const child = node.children?.get(name);
    if (child === undefined) {
      return node.isOpen ? KEPT : undefined;
    }
    node = child;
  }
  return node;
}

function pathsBelow(node: FieldNode, prefix: string): string[] {
  return [...(node.children ?? [])].flatMap(([name, child]) => {
    const path = `${prefix}${String(name)}`;
    return [...(child.isDeclared ? [path] : []), ...pathsBelow(child, `${path}.`)];
  });
}

/** Most values are texts, of which a field of texts keeps everything. */
function conformer(node: FieldNode): Converter {
  const { convert, isArray } = node;
  if (isArray || !(node.isDeclared || node.isOpen)) {
    return (value) => conform(node, value);
  }
  if (convert === undefined || convert === asText) {
    return (value) => (typeof value === "string" ? value : conform(node, value));
  }
  return (value) => (typeof value === "string" ? convert(value) : conform(node, value));
}

/** What `node` keeps of a value. */
function conform(node: FieldNode, value: Value): Value {
  if (Array.isArray(value)) {
    return conformList(node, value);
  }
  const kept = conformItem(node, value);
  return node.isArray && kept !== undefined ? [kept] : kept;
}

function conformItem(node: FieldNode, value: Value): Value {
  if (value instanceof Map && node.children !== undefined) {
    return conformDict(node, node.children, value);
  }
  if (!node.isDeclared && !node.isOpen) {
    return undefined;
  }
  return node.convert === undefined ? value : node.convert(value);
}

function conformList(node: FieldNode, list: readonly Value[]): Value {
  const items: Value[] = [];
  for (const item of list) {
    const kept = conformItem(node, item);
    if (kept !== undefined) {
      items.push(kept);
    }
  }
  const isGone = items.length === 0 && list.length > 0;
  return isGone || (!node.isDeclared && !node.isOpen && list.length === 0) ? undefined : items;
}

function conformDict(node: FieldNode, children: ReadonlyMap<Key, FieldNode>, dict: Dict): Dict {
  const result: Dict = new Map();
  for (const [key, value] of dict) {
    const child = children.get(key);
    if (child === undefined) {
      const kept = node.isOpen ? value : shapeOf(value);
      if (kept !== undefined) {
        result.set(key, kept);
      }
      continue;
    }
    if ((value === null || value === "") && !(node.isOpen && node.isDeclared)) {
      continue;
    }
    const kept = conform(child, value);
    if (kept !== undefined && !(kept instanceof Map && kept.size === 0)) {
      result.set(key, kept);
    }
  }
  return result;
}

/** What stays of an undeclared value inside an object: lists of objects, whose items are empty, and what leads to them. */
function shapeOf(value: Value): Value {
  if (Array.isArray(value)) {
    const items = value.filter((item) => item instanceof Map);
    return items.length === 0 ? undefined : items.map((item) => shapeOf(item) ?? new Map());
  }
  if (!(value instanceof Map)) {
    return undefined;
  }
  const result: Dict = new Map();
  for (const [key, item] of value) {
    const kept = shapeOf(item);
    if (kept !== undefined) {
      result.set(key, kept);
    }
  }
  return result.size === 0 ? undefined : result;
}

/**
 * Removes from a draft, in place, what is not declared, and the dicts that thereby become empty.
 * @param roots The keys under which something undeclared may be; undefined for all.
 */
export function removeUndeclared(node: FieldNode, draft: Dict, roots: ReadonlySet<Key> | undefined): void {
  for (const key of roots ?? draft.keys()) {
    const value = draft.get(key);
    if (value !== undefined) {
      removeAt(node, draft, key, value);
    }
  }
}

function removeAt(node: FieldNode, dict: Dict, key: Key, value: Value): void {
  const child = node.children?.get(key);
  if (child === undefined) {
    if (!node.isOpen && !isShape(value)) {
      dict.delete(key);
    }
  } else if (child.children !== undefined && value instanceof Map) {
    if (value.size > 0) {
      for (const [name, item] of value) {
        removeAt(child, value, name, item);
      }
      if (value.size === 0) {
        dict.delete(key);
      }
    }
  } else if (!child.isDeclared && !child.isOpen && !Array.isArray(value)) {
    dict.delete(key);
  }
}

/** Removes the undeclared leaves below a name that is not declared; an object that was set empty stays. */
function isShape(value: Value): boolean {
  if (!(value instanceof Map)) {
    return Array.isArray(value) && value.some((item) => item instanceof Map);
  }
  if (value.size === 0) {
    return true;
  }
  for (const [key, item] of value) {
    if (!isShape(item)) {
      value.delete(key);
    }
  }
  return value.size > 0;
}
