import { type Location, NodedevError } from '../errors.ts';
import { groupBy } from '../group-by.ts';
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

/** A device with all that stands before it. What stands behind it does not change what it is. */
interface Part {
  readonly written: string;
  readonly nodes: readonly XmlNode[];
  /** Where it begins now. */
  start: number;
  /** Its number among the parts of the last tree; -1: it is new. */
  index: number;
  /** The reading that took it last. */
  reading: number;
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
  #reading = 0;
  #parts: readonly Part[] = [];
  #alike: ReadonlyMap<string, readonly Part[]> | undefined;

  constructor(file: string | undefined) {
    this.#file = file;
  }

  /** The tree that `readXml` gives; undefined: `readXml` has to be asked, for it is no domain with devices, wrong or too large. */
  read(text: string): XmlElement | undefined {
    const start = text.length < LONGEST ? startOfDevices(text) : undefined;
    if (start === undefined) return undefined;
    this.#text = text;
    this.#lines = undefined;
    this.#reading += 1;
    try {
      return this.#read(start);
    } catch (error) {
      if (error instanceof NodedevError) return undefined;
      throw error;
    }
  }

  #read(start: number): XmlElement | undefined {
    const parts: Part[] = [];
    const nodes: XmlNode[] = [];
    let from = start;
    for (let next = 0; ; ) {
      const part = this.#partAt(from, next);
      if (typeof part !== 'object') {
        const root = part === undefined ? undefined : this.#around(start, from, part, nodes);
        if (root !== undefined) this.#keep(parts);
        return root;
      }
      part.start = from;
      part.reading = this.#reading;
      parts.push(part);
      for (const node of part.nodes) nodes.push(node);
      from += part.written.length;
      if (part.index >= 0) next = part.index + 1;
    }
  }

  #keep(parts: readonly Part[]): void {
    for (const [index, part] of parts.entries()) part.index = index;
    this.#parts = parts;
    this.#alike = undefined;
  }

  /** The part that begins there, mostly the next one of the last tree; behind the last one, where the end tag of `<devices>` begins. */
  #partAt(from: number, next: number): Part | number | undefined {
    const expected = this.#parts[next];
    const isFree = (part: Part): boolean => part.reading !== this.#reading;
    if (expected && isFree(expected) && this.#text.startsWith(expected.written, from)) {
      return expected;
    }
    const found = endOfDevice(this.#text, from);
    if (found === undefined || found.isLast) return found?.end;
    const written = this.#text.slice(from, found.end);
    this.#alike ??= groupBy(this.#parts, (part) => part.written);
    const known = this.#alike.get(written)?.find(isFree);
    return known ?? this.#newPart(written, from);
  }

  #newPart(inside: string, start: number): Part {
    const source = OPEN + inside + CLOSE;
    const place = { start };
    const { root } = readXml(source, {
      file: this.#file,
      locate: (offset) => this.#locate(place.start + offset - OPEN.length),
    });
    const nodes = childElement(root, 'x')?.children ?? [];
    // Cut out of the short text, so that it does not keep the long one.
    const written = source.slice(OPEN.length, -CLOSE.length);
    return Object.assign(place, { written, nodes, index: -1, reading: 0 });
  }

  /** What is around the devices is read each time, as a domain that has none, and what stands behind the last one. */
  #around(
    start: number,
    behind: number,
    end: number,
    devices: readonly XmlNode[],
  ): XmlElement | undefined {
    const last = this.#newPart(this.#text.slice(behind, end), behind);
    const { root } = readXml(this.#text.slice(0, start) + this.#text.slice(end), {
      file: this.#file,
      locate: (offset) => this.#locate(offset < start ? offset : offset + end - start),
    });
    if (root.name !== 'domain') return undefined;
    const children = root.children.map((node) => {
      const [open, past] = (node.kind === 'element' && node.range) || [start, start];
      return node.kind === 'element' && open < start && start < past
        ? withChildren(node, [...devices, ...last.nodes])
        : node;
    });
    return withChildren(root, children);
  }

  #locate(offset: number): Location {
    this.#lines ??= new LineTable(this.#text, this.#file);
    return this.#lines.locate(offset);
  }
}

// What the following find in a text that is not well-formed means nothing.

/** The offset behind the start tag of a domain's `<devices>`; undefined: there is none, or it is empty. */
function startOfDevices(text: string): number | undefined {
  let depth = 0;
  for (const { kind, start, end } of tokens(text)) {
    if (kind === 'close') depth -= 1;
    if (kind !== 'open') continue;
    const isDevices = text.slice(start + 1, pastName(text, start + 1)) === 'devices';
    if (depth === 1 && isDevices) return end;
    depth += 1;
  }
  return undefined;
}

/** The offset behind the first device from an offset on, or of the end tag around it when there is none more. */
function endOfDevice(
  text: string,
  from: number,
): { readonly end: number; readonly isLast: boolean } | undefined {
  let depth = 0;
  for (const { kind, start, end } of tokens(text, from)) {
    if (kind === 'open') depth += 1;
    if (kind === 'close') depth -= 1;
    if (depth < 0) return { end: start, isLast: true };
    if (depth === 0 && (kind === 'close' || kind === 'empty')) return { end, isLast: false };
  }
  return undefined;
}
