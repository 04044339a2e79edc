import { formatPciAddress } from '../host/sysfs/pci-address.ts';
import { parseUuid } from '../nodedev/uuid.ts';
import { type Rebinding, rebindingOf } from '../policy/picture.ts';
import { decodeAttribute, decodeText } from '../xml/characters.ts';
import { readUnsigned } from './numbers.ts';

/** A domain's identity, and its mediated devices. */
export interface DomainOutline {
  readonly name: string;
  /** Lower case, hyphenated. */
  readonly uuid?: string | undefined;
  /** Uuids of its mediated devices, each once. */
  readonly mdevs: readonly string[];
  /** Addresses of the PCI functions it gets as a whole, each once: `0000:86:00.0`. */
  readonly functions: readonly string[];
  /** Those that libvirt would bind to another driver; absent: none. */
  readonly rebinds?: readonly Rebinding[] | undefined;
  /** Those that it opens through iommufd; absent: none. */
  readonly iommufd?: readonly string[] | undefined;
  /** The line of a `<hostdev>` without a type, or of a mediated one without a uuid. */
  readonly unclear?: number | undefined;
}

/**
 * Reads libvirt's own file of a domain, `<domain>` or a running one's `<domstatus>`, without an XML library: commands
 * that need the owners of groups would otherwise load one for files that libvirt itself wrote. Every tag must be complete
 * and closed. Well-formedness is not checked further.
 *
 * @returns undefined when the text is no domain, or damaged
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

/** Comments, CDATA sections and instructions; or a tag: slash, name, attributes, slash. */
const MARKUP =
  /<(?:!--[^]*?--|!\[CDATA\[[^]*?\]\]|\?[^]*?\?|(\/?)([^\s/>!?'"=<]+)((?:[^>"'<]|"[^"<]*"|'[^'<]*')*?)(\/?))>/y;

/** The limit of libxml2, with which libvirt reads: so all domains that libvirt can read are read here. */
const MAX_DEPTH = 256;

/** Paths of the elements that are a domain. */
const DOMAINS: ReadonlySet<string> = new Set(['domain', 'domstatus/domain']);

class OutlineReader {
  readonly #text: string;
  readonly #path: string[] = [];
  readonly #mdevs = new Set<string>();
  readonly #functions = new Set<string>();
  readonly #rebinds: Rebinding[] = [];
  readonly #iommufd: string[] = [];
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
      functions: [...this.#functions],
      rebinds: this.#rebinds.length === 0 ? undefined : this.#rebinds,
      iommufd: this.#iommufd.length === 0 ? undefined : this.#iommufd,
      unclear: this.#unclear,
    };
  }

  /** Whether there is text other than white space and a byte order mark. Outside of the root there must be none. */
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
        this.#hostdev = {
          open,
          type: valueOf(attributes, 'type'),
          managed: valueOf(attributes, 'managed'),
          uuid: undefined,
          model: undefined,
          iommufd: undefined,
          address: undefined,
        };
        return;
      case '/devices/hostdev/driver':
        if (this.#hostdev !== undefined) {
          this.#hostdev.model ??= valueOf(attributes, 'model');
          this.#hostdev.iommufd ??= valueOf(attributes, 'iommufd');
        }
        return;
      case '/devices/hostdev/source/address': {
        if (this.#hostdev?.type === 'pci') this.#function(attributes);
        if (this.#hostdev?.type !== 'mdev') return;
        this.#hostdev.uuid = parseUuid(valueOf(attributes, 'uuid') ?? '');
        if (this.#hostdev.uuid !== undefined) this.#mdevs.add(this.#hostdev.uuid);
      }
    }
  }

  /** At the end of a `<hostdev>`. libvirt writes the type of every hostdev. Types other than `mdev` are ignored. */
  #end(): void {
    const isHostdev = this.#path.pop() === 'hostdev';
    if (!isHostdev || this.#hostdev === undefined) return;
    if (this.#path.slice(-2).join('/') !== 'domain/devices') return; // one inside of it
    const { open, type, uuid, managed, model, iommufd, address } = this.#hostdev;
    this.#hostdev = undefined;
    const by = rebindingOf(managed, model);
    if (address !== undefined && by !== undefined) this.#rebinds.push({ address, by });
    if (address !== undefined && iommufd === 'yes') this.#iommufd.push(address);
    if (type === undefined || (type === 'mdev' && uuid === undefined)) {
      this.#unclear ??= this.#text.slice(0, open).split('\n').length;
    }
  }

  #function(attributes: string): void {
    const [domain, bus, slot, fn] = ['domain', 'bus', 'slot', 'function'].map((name) =>
      readUnsigned(valueOf(attributes, name) ?? '0'),
    );
    if (domain === undefined || bus === undefined || slot === undefined || fn === undefined) return;
    const address = formatPciAddress({ domain, bus, slot, function: fn });
    this.#functions.add(address);
    if (this.#hostdev !== undefined) this.#hostdev.address ??= address;
  }

  #textAt(from: number): string {
    return decodeText(this.#text.slice(from, Math.max(from, this.#next(from))));
  }
}

/** A hostdev that is being read. */
interface OpenHostdev {
  readonly open: number;
  readonly type: string | undefined;
  readonly managed: string | undefined;
  uuid: string | undefined;
  /** The model of its driver. */
  model: string | undefined;
  iommufd: string | undefined;
  /** Of the PCI function that it gives. */
  address: string | undefined;
}

function valueOf(attributes: string, name: string): string | undefined {
  for (const [, key, double, single] of attributes.matchAll(
    /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g,
  )) {
    if (key === name) return decodeAttribute(double ?? single ?? '');
  }
  return undefined;
}
