import { parseUuid } from '../nodedev/uuid.ts';
import { decodeAttribute, decodeText } from '../xml/characters.ts';

/** Who a domain is, and which mediated devices it has. */
export interface DomainOutline {
  readonly name: string;
  /** Lower case, hyphenated. */
  readonly uuid?: string | undefined;
  /** Uuids of its mediated devices, each once. */
  readonly mdevs: readonly string[];
  /** The line of a `<hostdev>` that does not say whether it is a mediated device, or which one. */
  readonly unclear?: number | undefined;
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

/** libxml2's own limit, which libvirt reads with: a domain that libvirt reads is read here. */
const MAX_DEPTH = 256;

/** Where a domain's element stands, by the names of those around it. */
const DOMAINS: ReadonlySet<string> = new Set(['domain', 'domstatus/domain']);

class OutlineReader {
  readonly #text: string;
  readonly #path: string[] = [];
  readonly #mdevs = new Set<string>();
  #domain: string | undefined;
  #name = '';
  #uuid: string | undefined;
  #hostdev: OpenHostdev | undefined;
  #unclear: number | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(): DomainOutline | undefined {
    let end = 0;
    for (let open = this.#next(0); open !== -1; open = this.#next(end)) {
      MARKUP.lastIndex = open;
      const [markup, slash, name, attributes, empty] = MARKUP.exec(this.#text) ?? [];
      if (markup === undefined) return undefined;
      if (this.#path.length === 0 && this.#hasText(end, open)) return undefined;
      end = open + markup.length;
      if (name === undefined) continue;
      if (slash === '/') {
        if (this.#path.at(-1) !== name) return undefined;
        this.#end();
      } else {
        const isSecondRoot = this.#path.length === 0 && this.#domain !== undefined;
        if (this.#path.length >= MAX_DEPTH || isSecondRoot) return undefined;
        this.#path.push(name);
        this.#start(attributes ?? '', open, end);
        if (empty === '/') this.#end();
      }
    }
    const isWhole = this.#path.length === 0 && !this.#hasText(end, this.#text.length);
    if (!isWhole || this.#domain === undefined || this.#name === '') return undefined;
    return {
      name: this.#name,
      uuid: this.#uuid,
      mdevs: [...this.#mdevs],
      unclear: this.#unclear,
    };
  }

  /** Outside of the outermost element nothing is but white space, and a byte order mark. */
  #hasText(from: number, to: number): boolean {
    return /[^\s\uFEFF]/.test(this.#text.slice(from, to));
  }

  #next(from: number): number {
    return this.#text.indexOf('<', from);
  }

  #start(attributes: string, open: number, end: number): void {
    const path = this.#path.join('/');
    if (this.#domain === undefined) {
      if (DOMAINS.has(path)) this.#domain = path;
      return;
    }
    switch (path.slice(this.#domain.length)) {
      case '/name':
        this.#name ||= this.#textAt(end);
        return;
      case '/uuid':
        this.#uuid ??= parseUuid(this.#textAt(end));
        return;
      case '/devices/hostdev':
        this.#hostdev = { open, type: valueOf(attributes, 'type'), uuid: undefined };
        return;
      case '/devices/hostdev/source/address': {
        if (this.#hostdev?.type !== 'mdev') return;
        this.#hostdev.uuid = parseUuid(valueOf(attributes, 'uuid') ?? '');
        if (this.#hostdev.uuid !== undefined) this.#mdevs.add(this.#hostdev.uuid);
      }
    }
  }

  /** libvirt writes the type of every hostdev; what it says of types other than `mdev` is its own matter. */
  #end(): void {
    const isHostdev = this.#path.pop() === 'hostdev';
    if (!isHostdev || this.#hostdev === undefined) return;
    if (this.#path.slice(-2).join('/') !== 'domain/devices') return; // one inside of it
    const { open, type, uuid } = this.#hostdev;
    this.#hostdev = undefined;
    if (type === undefined || (type === 'mdev' && uuid === undefined)) {
      this.#unclear ??= this.#text.slice(0, open).split('\n').length;
    }
  }

  #textAt(from: number): string {
    return decodeText(this.#text.slice(from, Math.max(from, this.#next(from))));
  }
}

/** A hostdev that is being read. */
interface OpenHostdev {
  readonly open: number;
  readonly type: string | undefined;
  uuid: string | undefined;
}

function valueOf(attributes: string, name: string): string | undefined {
  for (const [, key, double, single] of attributes.matchAll(
    /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g,
  )) {
    if (key === name) return decodeAttribute(double ?? single ?? '');
  }
  return undefined;
}
