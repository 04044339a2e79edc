import { createDocument } from 'xmlbuilder2/lib/builder/dom.js';
import { NodedevError } from '../errors.ts';
import { checkCharacters, unwritable } from './characters.ts';
import type { XmlElement, XmlNode } from './element.ts';
import { MAX_DEPTH } from './limits.ts';

type DomDocument = ReturnType<typeof createDocument>;
/** An element of xmlbuilder2's document. */
export type DomElement = ReturnType<DomDocument['createElement']>;
/** A node of xmlbuilder2's document. */
export type DomNode = ReturnType<DomElement['appendChild']>;

/**
 * One document makes all nodes. Nothing is attached to it, so nothing is kept.
 *
 * It is the one that xmlbuilder2's own builder works on, imported from where xmlbuilder2 makes it: its DOM methods take
 * a third of the time of the fluent ones, and the readers and writers of JSON, YAML and objects need not be loaded. Of
 * Node's modules it needs only `url`, for two functions about host names of URLs that XML never calls; `events` is needed
 * by xmlbuilder2's callback API alone, which is not loaded.
 */
const document: DomDocument = createDocument();

/**
 * Builds an element's DOM, which refuses names XML does not have.
 *
 * @throws NodedevError `xml-unwritable` for what XML does not allow: a character or a name it does not allow, two
 * attributes of one name, `--` in a comment, `?>` in a processing instruction; `xml-too-deep` for a tree the
 * reader would refuse
 */
export function buildDom(element: XmlElement, depth = 1): DomElement {
  if (depth > MAX_DEPTH) {
    const message = `Elements are nested more than ${MAX_DEPTH} deep`;
    throw new NodedevError('xml-too-deep', message);
  }
  const result = named(element.name, 'an element', () => document.createElement(element.name));
  for (const { name, value } of element.attributes) {
    if (result.hasAttribute(name)) throw unwritable(`<${element.name}> has two attributes ${name}`);
    checkCharacters(value, `attribute ${name} of <${element.name}>`);
    named(name, 'an attribute', () => result.setAttribute(name, value));
  }
  for (const child of element.children) {
    result.appendChild(
      child.kind === 'element' ? buildDom(child, depth + 1) : buildLeaf(child, element),
    );
  }
  return result;
}

/** Whether a node is an element. */
export function isDomElement(node: DomNode): node is DomElement {
  return 'hasAttribute' in node;
}

function buildLeaf(node: Exclude<XmlNode, XmlElement>, parent: XmlElement): DomNode {
  checkCharacters(node.text, `<${parent.name}>`);
  if (node.kind === 'text') return document.createTextNode(node.text);
  if (node.kind === 'comment') {
    if (/--|-$|\r/.test(node.text)) {
      throw unwritable(`A comment in <${parent.name}> has -- in it, a - at its end or a CR`);
    }
    return document.createComment(node.text);
  }
  const { target, text } = node;
  if (/\?>|^[ \t\n]|\r/.test(text) || /^xml$/i.test(target)) {
    throw unwritable(`<${parent.name}> has a processing instruction ${target}`);
  }
  return named(target, 'a processing instruction', () =>
    document.createProcessingInstruction(target, text),
  );
}

/** Runs a DOM method, and turns its errors about bad names into ours. */
function named<T>(name: string, what: string, run: () => T): T {
  if (name === '') throw unwritable(`The name of ${what} is empty`);
  try {
    return run();
  } catch (cause) {
    throw unwritable(`${JSON.stringify(name)} is no name for ${what}`, cause);
  }
}
