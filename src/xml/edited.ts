import { type Location, NodedevError } from '../errors.ts';
import { childElement, withChildren, type XmlElement, type XmlNode } from './element.ts';
import { MAX_NODES } from './limits.ts';
import { pastName } from './markup.ts';
import { readXml } from './read.ts';
import { LineTable } from './source.ts';
import { tokens } from './tokens.ts';

/** No element, attribute, comment or instruction is shorter, so that a shorter text has no more than {@link MAX_NODES}. */
const LONGEST = MAX_NODES * 4;

/** As deep as in a domain: `<domain><devices>`. */
const [OPEN, CLOSE] = ['<x><x>', '</x></x>'];

/** A device with all that stands before it, or what stands behind the last one. */
interface Part {
  readonly nodes: readonly XmlNode[];
  /** Where it begins now. */
  start: number;
}

/** Parts that are written alike. */
interface Alike {
  readonly parts: Part[];
  /** How many of them are in the text that is being read. */
  taken: number;
}

/**
 * A `<domain>` that is edited. Of its devices only those are read that are new; the others are the same elements as before, which
 * know where they are now. So what somebody remembers of an element holds as long as the element is there. Trees of earlier
 * texts have wrong locations.
 */
export class EditedDomain {
  readonly #file: string | undefined;
  #text = '';
  #lines: LineTable | undefined;
  #parts: ReadonlyMap<string, Alike> = new Map();

  constructor(file: string | undefined) {
    this.#file = file;
  }

  /** The tree that `readXml` gives; undefined: `readXml` has to be asked, for it is no domain with devices, wrong or too large. */
  read(text: string): XmlElement | undefined {
    const found = text.length < LONGEST ? devicesIn(text) : undefined;
    if (found === undefined) return undefined;
    this.#text = text;
    this.#lines = undefined;
    try {
      const { nodes, parts } = this.#devices(found);
      const root = this.#around(found, nodes);
      if (root !== undefined) this.#parts = parts;
      return root;
    } catch (error) {
      if (error instanceof NodedevError) return undefined;
      throw error;
    }
  }

  #devices({ start, ends }: Devices) {
    for (const alike of this.#parts.values()) alike.taken = 0;
    const parts = new Map<string, Alike>();
    const nodes: XmlNode[] = [];
    let from = start;
    for (const end of ends) {
      const written = this.#text.slice(from, end);
      const known = this.#parts.get(written);
      const part = known?.parts[known.taken] ?? this.#read(written, from);
      if (known !== undefined) known.taken += 1;
      part.start = from;
      for (const node of part.nodes) nodes.push(node);
      const alike = parts.get(written);
      if (alike === undefined) parts.set(written, { parts: [part], taken: 0 });
      else alike.parts.push(part);
      from = end;
    }
    return { nodes, parts };
  }

  #read(written: string, start: number): Part {
    const place = { start };
    const { root } = readXml(OPEN + written + CLOSE, {
      file: this.#file,
      locate: (offset) => this.#locate(place.start + offset - OPEN.length),
    });
    return Object.assign(place, { nodes: childElement(root, 'x')?.children ?? [] });
  }

  /** What is around the devices is read each time, as a domain that has none. */
  #around({ start, ends }: Devices, nodes: readonly XmlNode[]): XmlElement | undefined {
    const end = ends.at(-1) ?? start;
    const { root } = readXml(this.#text.slice(0, start) + this.#text.slice(end), {
      file: this.#file,
      locate: (offset) => this.#locate(offset < start ? offset : offset + end - start),
    });
    if (root.name !== 'domain') return undefined;
    const children = root.children.map((node) => {
      const [open, past] = (node.kind === 'element' && node.range) || [start, start];
      return node.kind === 'element' && open < start && start < past
        ? withChildren(node, nodes)
        : node;
    });
    return withChildren(root, children);
  }

  #locate(offset: number): Location {
    this.#lines ??= new LineTable(this.#text, this.#file);
    return this.#lines.locate(offset);
  }
}

interface Devices {
  /** Behind the start tag of `<devices>`. */
  readonly start: number;
  /** Behind each device, and where the end tag of `<devices>` begins. */
  readonly ends: readonly number[];
}

/** The devices of a domain; undefined where there are none. What is found in a text that is not well-formed means nothing. */
function devicesIn(text: string): Devices | undefined {
  let depth = 0;
  let first: number | undefined;
  const ends: number[] = [];
  for (const { kind, start, end } of tokens(text)) {
    if (kind === 'close') depth -= 1;
    if (first !== undefined && depth < 2) {
      if (start > (ends.at(-1) ?? first)) ends.push(start);
      return ends.length === 0 ? undefined : { start: first, ends };
    }
    const isEnd = depth === 2 && (kind === 'close' || kind === 'empty');
    if (first !== undefined && isEnd) ends.push(end);
    const isStart = first === undefined && depth === 1 && kind === 'open';
    if (isStart && text.slice(start + 1, pastName(text, start + 1)) === 'devices') first = end;
    if (kind === 'open') depth += 1;
  }
  return undefined;
}
