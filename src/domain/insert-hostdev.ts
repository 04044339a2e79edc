import { NodedevError } from '../errors.ts';
import { childElements, type XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';
import { readDomain } from './domain.ts';
import type { Hostdev } from './hostdev.ts';
import { formatHostdev, type FormatHostdevOptions } from './format-hostdev.ts';
import { notADomain } from './validate-domain.ts';

/** How {@link insertHostdev} reads and writes. */
export interface InsertOptions extends FormatHostdevOptions {
  /** The file's name for messages. */
  readonly file?: string | undefined;
}

/**
 * Inserts hostdevs before a domain's `</devices>`, with the file's indentation. All other characters stay unchanged.
 * @throws NodedevError `domain-invalid` when the document is no domain or has no `<devices>`; `hostdev-duplicate`
 * when a uuid is already there; the reader's `xml-…` codes.
 */
export function insertHostdev(
  domainText: string,
  hostdev: Hostdev | readonly Hostdev[],
  options: InsertOptions = {},
): string {
  const { root, text } = readXml(domainText, { file: options.file });
  const hostdevs = isList(hostdev) ? hostdev : [hostdev];
  const [start, end] = devicesRange(root);
  refuseDuplicates(root, hostdevs);
  if (hostdevs.length === 0) return domainText;

  const lines = hostdevs.flatMap((one) => hostdevLines(one, options));
  const devices = { text, start, end, children: devicesChildren(root) };
  return text.startsWith('/>', end - 2) ? openEmpty(devices, lines) : add(devices, lines);
}

interface Devices {
  readonly text: string;
  /** Offset of `<devices`. */
  readonly start: number;
  /** Offset past the element. */
  readonly end: number;
  readonly children: readonly XmlElement[];
}

/** A line of output: its depth inside `<devices>`, and its content. */
interface Line {
  readonly depth: number;
  readonly content: string;
}

function add(devices: Devices, lines: readonly Line[]): string {
  const { text, start, end, children } = devices;
  const close = text.lastIndexOf('</', end - 1);
  const closeIndent = indentBefore(text, close);
  const layout = layoutOf(devices);
  let block: string;
  let at = close;
  if (layout === undefined) {
    block = lines.map((line) => line.content).join('');
  } else if (closeIndent !== undefined && close - closeIndent.length > start) {
    // `</devices>` is on its own line: whole lines are inserted before it.
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
function openEmpty(devices: Devices, lines: readonly Line[]): string {
  const { text, end } = devices;
  const layout = layoutOf(devices);
  const content =
    layout === undefined
      ? lines.map((line) => line.content).join('')
      : lines.map((line) => layout.newline + indented(line, layout)).join('') +
        layout.newline +
        layout.outer;
  return `${text.slice(0, end - 2)}>${content}</devices>${text.slice(end)}`;
}

interface Layout {
  readonly newline: string;
  /** Indentation of `<devices>`, and what each level inside adds. */
  readonly outer: string;
  readonly inner: string;
  readonly step: string;
}

function indented(line: Line, layout: Layout): string {
  return layout.inner + layout.step.repeat(line.depth) + line.content;
}

/** The file's indentation; undefined when elements follow each other on one line. */
function layoutOf({ text, start, end, children }: Devices): Layout | undefined {
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

function devicesRange(root: XmlElement): readonly [number, number] {
  if (root.name !== 'domain') throw notADomain(root);
  const range = childElements(root, 'devices')[0]?.range;
  if (range !== undefined) return range;
  throw new NodedevError('domain-invalid', 'the domain has no <devices>', {
    location: root.location,
    hint: 'Add an empty <devices></devices> to it.',
  });
}

function devicesChildren(root: XmlElement): readonly XmlElement[] {
  return childElements(root, 'devices')
    .slice(0, 1)
    .flatMap((devices) => childElements(devices));
}

function refuseDuplicates(root: XmlElement, hostdevs: readonly Hostdev[]): void {
  const present = readDomain(root).hostdevs;
  hostdevs.forEach(({ uuid }, index) => {
    const existing = present.find((hostdev) => hostdev.uuid === uuid);
    if (existing === undefined && !hostdevs.slice(0, index).some((one) => one.uuid === uuid))
      return;
    const location = existing?.uuidNode?.location ?? existing?.location;
    const line = location === undefined ? '' : ` (line ${location.line})`;
    throw new NodedevError(
      'hostdev-duplicate',
      `mediated device ${uuid} is already in the domain${line}`,
      { location, hint: 'A mediated device goes into a domain once.' },
    );
  });
}

function isList(value: Hostdev | readonly Hostdev[]): value is readonly Hostdev[] {
  return Array.isArray(value);
}
