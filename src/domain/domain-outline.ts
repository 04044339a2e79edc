import { parseUuid } from '../nodedev/uuid.ts';
import { decodeAttribute, decodeText } from '../xml/characters.ts';
import { MAX_DEPTH } from '../xml/scan.ts';

/** Who a domain is, and which mediated devices it has. */
export interface DomainOutline {
  readonly name: string;
  /** Lower case, hyphenated. */
  readonly uuid?: string | undefined;
  /** Uuids of its mediated devices, each once. */
  readonly mdevs: readonly string[];
}

/**
 * Reads libvirt's own file of a domain, `<domain>` or a running one's `<domstatus>`, without an XML library: owners are
 * told by commands that must not pay 50 ms for libxml2, of files that libvirt wrote itself. Every tag has to be whole
 * and closed; what else makes a document well-formed is not asked.
 *
 * @returns undefined when it is no domain, or broken
 */
export function outlineOfDomain(text: string): DomainOutline | undefined {
  const outline = new OutlineReader(text);
  try {
    return outline.read();
  } catch (error) {
    if (error instanceof RangeError) return undefined; // a reference to no character
    throw error;
  }
}

/** Comments, CDATA sections and instructions; else a tag: slash, name, attributes, slash. */
const MARKUP =
  /<(?:!--[^]*?--|!\[CDATA\[[^]*?\]\]|\?[^]*?\?|(\/?)([^\s/>!?'"=<]+)((?:[^>"'<]|"[^"<]*"|'[^'<]*')*?)(\/?))>/y;

/** Where a domain's element stands, by the names of those around it. */
const DOMAINS: ReadonlySet<string> = new Set(['domain', 'domstatus/domain']);

class OutlineReader {
  readonly #text: string;
  readonly #path: string[] = [];
  readonly #mdevs = new Set<string>();
  #domain: string | undefined;
  #name = '';
  #uuid: string | undefined;
  #inMdev = false;

  constructor(text: string) {
    this.#text = text;
  }

  read(): DomainOutline | undefined {
    let end = 0;
    for (let open = this.#next(0); open !== -1; open = this.#next(end)) {
      MARKUP.lastIndex = open;
      const [markup, slash, name, attributes, empty] = MARKUP.exec(this.#text) ?? [];
      if (markup === undefined) return undefined;
      end = open + markup.length;
      if (name === undefined) continue;
      if (slash === '/') {
        if (this.#path.pop() !== name) return undefined;
        if (name === 'hostdev') this.#inMdev = false;
      } else {
        if (this.#path.length >= MAX_DEPTH) return undefined;
        this.#path.push(name);
        this.#start(attributes ?? '', end);
        if (empty === '/') this.#path.pop();
      }
    }
    if (this.#path.length > 0 || this.#domain === undefined || this.#name === '') return undefined;
    return { name: this.#name, uuid: this.#uuid, mdevs: [...this.#mdevs] };
  }

  #next(from: number): number {
    return this.#text.indexOf('<', from);
  }

  #start(attributes: string, end: number): void {
    const path = this.#path.join('/');
    if (this.#domain === undefined) {
      if (DOMAINS.has(path)) this.#domain = path;
      return;
    }
    switch (path.slice(this.#domain.length)) {
      case '/name':
        this.#name = this.#textAt(end);
        return;
      case '/uuid':
        this.#uuid = parseUuid(this.#textAt(end));
        return;
      case '/devices/hostdev':
        this.#inMdev = valueOf(attributes, 'type') === 'mdev';
        return;
      case '/devices/hostdev/source/address': {
        const uuid = this.#inMdev ? parseUuid(valueOf(attributes, 'uuid') ?? '') : undefined;
        if (uuid !== undefined) this.#mdevs.add(uuid);
      }
    }
  }

  #textAt(from: number): string {
    return decodeText(this.#text.slice(from, Math.max(from, this.#next(from))));
  }
}

function valueOf(attributes: string, name: string): string | undefined {
  for (const [, key, double, single] of attributes.matchAll(
    /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g,
  )) {
    if (key === name) return decodeAttribute(double ?? single ?? '');
  }
  return undefined;
}
