import { type EntityDecoderOptions, XMLParser } from 'fast-xml-parser';
import { decodeAttribute, decodeText } from './characters.ts';
import { placedBy, type XmlAttribute, type XmlElement, type XmlNode } from './element.ts';
import { MAX_DEPTH } from './limits.ts';
import { Positions, ReadAttribute, ReadText } from './positions.ts';
import type { XmlSource } from './source.ts';
import { LineTracker } from './source.ts';
import { type Disarmed, disarm } from './traps.ts';
import type { Seen } from './wellformed.ts';

/**
 * Stands before the names of what every object of JavaScript has, as `constructor` and `__proto__`: fast-xml-parser
 * refuses some of them, and its objects could not hold others.
 */
const MARK = '<';
const TRAPS: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
]);

/** It is called twice for an empty element: a marked name stays as it is. */
function mark(name: string): string {
  return TRAPS.has(name) ? MARK + name : name;
}

function unmark(name: string): string {
  return name.startsWith(MARK) ? name.slice(MARK.length) : name;
}

const TEXT = '#text';
const CDATA = '#cdata';
const COMMENT = '#comment';
const ATTRIBUTES = ':@';

/** Without one of its own, fast-xml-parser makes a decoder for each document. */
const NO_ENTITIES: EntityDecoderOptions = {
  setExternalEntities() {},
  addInputEntities() {},
  reset() {},
  decode: (text) => text,
  setXmlVersion() {},
};

/**
 * Values stay as they are written. References are resolved afterwards, since fast-xml-parser leaves some unresolved
 * and would resolve those in CDATA sections.
 */
const parser = new XMLParser({
  preserveOrder: true,
  textNodeName: TEXT,
  cdataPropName: CDATA,
  commentPropName: COMMENT,
  attributeNamePrefix: '',
  transformTagName: mark,
  transformAttributeName: mark,
  ignoreAttributes: false,
  ignoreDeclaration: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  entityDecoder: NO_ENTITIES,
  maxNestedTags: MAX_DEPTH,
  jPath: false,
});

/** One node as fast-xml-parser gives it: what it is or is called is the name of its first property. */
type Parsed = Readonly<Record<string, unknown>>;

/** The tree of a well-formed document, as fast-xml-parser reads it, with the places the gate saw. */
export function buildTree(source: XmlSource, seen: Seen): XmlElement {
  const disarmed = disarm(source.text, seen.hasInstructions);
  const parsed: unknown = parser.parse(disarmed.text);
  const root = new TreeBuilder(source, seen, disarmed).root(nodesOf(parsed));
  if (root === undefined) throw new Error('no element found in a well-formed document');
  return root;
}

/** Walks what fast-xml-parser gave in the order of the document. */
class TreeBuilder {
  readonly #source: XmlSource;
  readonly #seen: Seen;
  readonly #disarmed: Disarmed;
  readonly #lines: LineTracker;
  #elements = 0;
  #instructions = 0;

  constructor(source: XmlSource, seen: Seen, disarmed: Disarmed) {
    this.#source = source;
    this.#seen = seen;
    this.#disarmed = disarmed;
    this.#lines = new LineTracker(source);
  }

  root(nodes: readonly Parsed[]): XmlElement | undefined {
    for (const node of nodes) {
      const name = nameOf(node);
      if (name.startsWith('?')) this.#instructions += 1;
      else if (!name.startsWith('#')) return this.#element(node, name);
    }
    return undefined;
  }

  #element(node: Parsed, name: string): XmlElement {
    const { restore } = this.#disarmed;
    const start = this.#seen.starts[this.#elements] ?? 0;
    const end = this.#seen.ends[this.#elements] ?? 0;
    this.#elements += 1;
    const location = this.#lines.locate(start);
    const attributes: XmlAttribute[] = [];
    const children: XmlNode[] = [];
    const positions = new Positions({ source: this.#source, start, location, children });
    const written = node[ATTRIBUTES];
    if (isParsed(written)) {
      for (const key of Object.keys(written)) {
        const value = decodeAttribute(restore(String(written[key])));
        const attribute = new ReadAttribute(
          restore(unmark(key)),
          value,
          positions,
          attributes.length,
        );
        attributes.push(attribute);
      }
    }
    this.#content(nodesOf(node[name]), children, positions);
    const element: XmlElement = {
      kind: 'element',
      name: restore(unmark(name)),
      attributes,
      children,
      location,
      range: [start, end],
    };
    return this.#source.locate === undefined ? element : this.#placed(element, start);
  }

  #placed(element: XmlElement, start: number): XmlElement {
    return placedBy(element, () => this.#source.locate?.(start));
  }

  #content(nodes: readonly Parsed[], children: XmlNode[], positions: Positions): void {
    const { instructions, restore } = this.#disarmed;
    let run = '';
    let texts = 0;
    const endRun = (): void => {
      if (run === '') return;
      children.push(new ReadText(run, positions, texts));
      texts += 1;
      run = '';
    };
    for (const node of nodes) {
      const name = nameOf(node);
      if (name === TEXT) {
        run += decodeText(restore(textIn(node)));
        continue;
      }
      if (name === CDATA) {
        run += restore(textInside(node[CDATA]));
        continue;
      }
      endRun();
      if (name === COMMENT) {
        children.push({ kind: 'comment', text: restore(textInside(node[COMMENT])) });
      } else if (!name.startsWith('?')) {
        children.push(this.#element(node, name));
      } else {
        const instruction = instructions[this.#instructions];
        if (instruction !== undefined) children.push(instruction);
        this.#instructions += 1;
      }
    }
    endRun();
  }
}

function isParsed(value: unknown): value is Parsed {
  return typeof value === 'object' && value !== null;
}

function isNodeList(value: unknown): value is readonly Parsed[] {
  return Array.isArray(value);
}

function nodesOf(value: unknown): readonly Parsed[] {
  return isNodeList(value) ? value : [];
}

/** What a node is called, or what it is. */
function nameOf(node: Parsed): string {
  const [name] = Object.keys(node);
  if (name === undefined) throw new Error('fast-xml-parser gave a node without a name');
  return name;
}

function textIn(node: Parsed | undefined): string {
  const text = node?.[TEXT];
  return typeof text === 'string' ? text : '';
}

/** The text of a comment or CDATA section: a list of one text. */
function textInside(value: unknown): string {
  return textIn(nodesOf(value)[0]);
}
