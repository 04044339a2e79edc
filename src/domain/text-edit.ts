import { attributeSpans, pastName } from '../xml/markup.ts';
import { childElements, type XmlElement } from '../xml/element.ts';
import { writeXml } from '../xml/write.ts';

// Changes of a document's text that leave every other character as it is.

/** Adds elements at the end of a container, with the file's indentation. Its `range` must be that of the text. */
export function insertElements(
  text: string,
  parent: XmlElement,
  elements: readonly XmlElement[],
): string {
  const container = containerOf(parent, text);
  const lines = elements.flatMap(linesOf);
  const { end } = container;
  if (lines.length === 0) return text;
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

function linesOf(element: XmlElement): Line[] {
  return writeXml(element)
    .trimEnd()
    .split('\n')
    .map((line) => {
      const content = line.trimStart();
      return { depth: (line.length - content.length) / 2, content };
    });
}

/** Removes an element, with its lines where nothing else is on them. */
export function removeElement(text: string, { range = [0, 0] }: XmlElement): string {
  const [start, end] = range;
  const indent = indentBefore(text, start);
  const rest = /[ \t]*(?:\r?\n|$)/y;
  rest.lastIndex = end;
  const blank = rest.exec(text)?.[0];
  return indent === undefined || blank === undefined
    ? text.slice(0, start) + text.slice(end)
    : text.slice(0, start - indent.length) + text.slice(end + blank.length);
}

/** Removes an attribute, with the blanks before it. */
export function removeAttribute(
  text: string,
  { range = [0, 0] }: XmlElement,
  name: string,
): string {
  const span = attributeSpans(text, range[0]).find(
    (one) => text.slice(one.start, one.nameEnd) === name,
  );
  return span === undefined ? text : text.slice(0, span.start).trimEnd() + text.slice(span.end);
}

/** Sets an attribute whose new value needs no escape. */
export function setAttribute(
  text: string,
  { range = [0, 0] }: XmlElement,
  name: string,
  value: string,
): string {
  const [start] = range;
  const spans = attributeSpans(text, start);
  const span = spans.find((one) => text.slice(one.start, one.nameEnd) === name);
  const at = span?.start ?? spans.at(-1)?.end ?? pastName(text, start + 1);
  const attribute = `${span === undefined ? ' ' : ''}${name}='${value}'`;
  return text.slice(0, at) + attribute + text.slice(span?.end ?? at);
}
