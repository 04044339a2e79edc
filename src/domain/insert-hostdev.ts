import { NodedevError } from '../errors.ts';
import { attributeOf, childElements, type XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';
import { readDomain } from './domain.ts';
import { freeGuestAddress } from './free-address.ts';
import type { Hostdev } from './hostdev.ts';
import { formatHostdev, type FormatHostdevOptions } from './format-hostdev.ts';
import { misspelt } from './rules/names.ts';
import { mdevsUnsupported } from './rules/qemu.ts';
import { notADomain } from './validate-domain.ts';

/** How {@link insertHostdev} reads and writes. */
export interface InsertOptions extends FormatHostdevOptions {
  /** The file's name for messages. */
  readonly file?: string | undefined;
  /** `auto`: devices that can have an address in the guest, and have none, get a free one; else libvirt chooses. */
  readonly address?: 'auto' | undefined;
}

/**
 * Inserts hostdevs before a domain's `</devices>`, with the file's indentation. All other characters stay unchanged. A
 * domain without `<devices>` gets it.
 * @throws NodedevError `domain-invalid` when the document is no domain, its `<devices>` is misspelt, or no address is
 * known to be free; `hostdev-duplicate` when a uuid is already there; `hostdev-unsupported` when domains of that type
 * take no mediated devices; the reader's `xml-…` codes.
 */
export function insertHostdev(
  domainText: string,
  hostdev: Hostdev | readonly Hostdev[],
  options: InsertOptions = {},
): string {
  const hostdevs = isList(hostdev) ? hostdev : [hostdev];
  const { root, text } = readXml(domainText, { file: options.file });
  refuseDomain(root);
  refuseDuplicates(root, hostdevs);
  if (hostdevs.length === 0) return domainText;
  if (options.address !== 'auto') return insertLines(root, text, hostdevs, options);
  return hostdevs.reduce((before, one) => {
    const read = readXml(before, { file: options.file });
    return insertLines(read.root, read.text, [addressed(read.root, one)], options);
  }, text);
}

function addressed(root: XmlElement, hostdev: Hostdev): Hostdev {
  const { model, address } = hostdev;
  if (address !== undefined || model === 'vfio-ap') return hostdev;
  const free = freeGuestAddress(readDomain(root), model);
  if (free !== undefined) return { ...hostdev, address: free };
  throw new NodedevError('domain-invalid', 'no address is known to be free in this domain', {
    location: root.location,
    hint: 'Leave the address to libvirt, or write one. Validate the domain to see what is wrong with its controllers.',
  });
}

function insertLines(
  root: XmlElement,
  text: string,
  hostdevs: readonly Hostdev[],
  options: InsertOptions,
): string {
  const inside = hostdevs.flatMap((one) => hostdevLines(one, options));
  const devices = childElements(root, 'devices')[0];
  if (devices !== undefined) return insertInto(containerOf(devices, text), inside);
  return insertInto(containerOf(root, text), [
    { depth: 0, content: '<devices>' },
    ...inside.map(({ depth, content }) => ({ depth: depth + 1, content })),
    { depth: 0, content: '</devices>' },
  ]);
}

function insertInto(container: Container, lines: readonly Line[]): string {
  const { text, end } = container;
  return text.startsWith('/>', end - 2) ? openEmpty(container, lines) : add(container, lines);
}

/** The element lines are put into: `<devices>`, or the domain itself. */
interface Container {
  readonly name: string;
  readonly text: string;
  /** Offset of its `<`. */
  readonly start: number;
  /** Offset past the element. */
  readonly end: number;
  readonly children: readonly XmlElement[];
}

function containerOf(element: XmlElement, text: string): Container {
  const [start, end] = element.range ?? [0, text.length];
  return { name: element.name, text, start, end, children: childElements(element) };
}

/** A line of output: its depth inside the container, and its content. */
interface Line {
  readonly depth: number;
  readonly content: string;
}

function add(container: Container, lines: readonly Line[]): string {
  const { text, start, end, children } = container;
  const close = text.lastIndexOf('</', end - 1);
  const closeIndent = indentBefore(text, close);
  const layout = layoutOf(container);
  let block: string;
  let at = close;
  if (layout === undefined) {
    block = lines.map((line) => line.content).join('');
  } else if (closeIndent !== undefined && close - closeIndent.length > start) {
    // The end tag is on its own line: whole lines are inserted before it.
    block = lines.map((line) => indented(line, layout) + layout.newline).join('');
    at = close - closeIndent.length;
  } else {
    block =
      lines.map((line) => layout.newline + indented(line, layout)).join('') +
      (children.length === 0 ? layout.newline + layout.outer : '');
  }
  return text.slice(0, at) + block + text.slice(at);
}

/** `<devices/>` becomes `<devices>…</devices>`. */
function openEmpty(container: Container, lines: readonly Line[]): string {
  const { name, text, end } = container;
  const layout = layoutOf(container);
  const content =
    layout === undefined
      ? lines.map((line) => line.content).join('')
      : lines.map((line) => layout.newline + indented(line, layout)).join('') +
        layout.newline +
        layout.outer;
  return `${text.slice(0, end - 2)}>${content}</${name}>${text.slice(end)}`;
}

interface Layout {
  readonly newline: string;
  /** Indentation of the container, and what each level inside adds. */
  readonly outer: string;
  readonly inner: string;
  readonly step: string;
}

function indented(line: Line, layout: Layout): string {
  return layout.inner + layout.step.repeat(line.depth) + line.content;
}

/** The file's indentation; undefined when elements follow each other on one line. */
function layoutOf({ text, start, end, children }: Container): Layout | undefined {
  const feed = text.lastIndexOf('\n', end - 1);
  const newline = feed === -1 ? undefined : text[feed - 1] === '\r' ? '\r\n' : '\n';
  const outer = indentBefore(text, start);
  const child = children
    .map((element) => element.range && indentBefore(text, element.range[0]))
    .findLast((indent) => indent !== undefined);
  if (newline === undefined || (children.length > 0 && child === undefined)) return undefined;
  const step = child === undefined ? (outer ?? '') : stepBetween(outer ?? '', child);
  return {
    newline,
    outer: outer ?? '',
    inner: child ?? (outer ?? '') + (step === '' ? '  ' : step),
    step: step === '' ? '  ' : step,
  };
}

function stepBetween(outer: string, inner: string): string {
  if (inner.length > outer.length && inner.startsWith(outer)) return inner.slice(outer.length);
  return inner.includes('\t') ? '\t' : '  ';
}

/** The blanks between the beginning of the line and `offset`; undefined when there is other text. */
function indentBefore(text: string, offset: number): string | undefined {
  let begin = offset;
  while (begin > 0 && (text[begin - 1] === ' ' || text[begin - 1] === '\t')) begin--;
  return begin === 0 || text[begin - 1] === '\n' ? text.slice(begin, offset) : undefined;
}

function hostdevLines(hostdev: Hostdev, options: FormatHostdevOptions): Line[] {
  return formatHostdev(hostdev, options)
    .trimEnd()
    .split('\n')
    .map((line) => {
      const content = line.trimStart();
      return { depth: (line.length - content.length) / 2, content };
    });
}

/** Refuses what is no domain, takes no mediated devices, or has something else where `<devices>` belongs. */
function refuseDomain(root: XmlElement): void {
  if (root.name !== 'domain') throw notADomain(root);
  const unsupported = mdevsUnsupported(attributeOf(root, 'type'));
  if (unsupported !== undefined) {
    throw new NodedevError('hostdev-unsupported', unsupported.message, {
      location: root.location,
      hint: unsupported.hint,
    });
  }
  if (childElements(root, 'devices').length > 0) return;
  const meant = misspelt(root, 'devices');
  if (meant === undefined) return;
  const line = meant.location === undefined ? '' : ` in line ${meant.location.line}`;
  throw new NodedevError('domain-invalid', 'the domain has no <devices>', {
    location: meant.location,
    hint: `<${meant.name}>${line} is meant to be <devices>: libvirt ignores it as it is. Rename it.`,
  });
}

function refuseDuplicates(root: XmlElement, hostdevs: readonly Hostdev[]): void {
  const present = readDomain(root).hostdevs;
  hostdevs.forEach(({ uuid }, index) => {
    const existing = present.find((hostdev) => hostdev.uuid === uuid);
    if (existing === undefined && !hostdevs.slice(0, index).some((one) => one.uuid === uuid))
      return;
    const location = existing?.uuidNode?.location ?? existing?.location;
    throw new NodedevError(
      'hostdev-duplicate',
      `mediated device ${uuid} is already in the domain`,
      { location, hint: 'A mediated device goes into a domain once.' },
    );
  });
}

function isList(value: Hostdev | readonly Hostdev[]): value is readonly Hostdev[] {
  return Array.isArray(value);
}
