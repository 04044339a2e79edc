import { childElements, type XmlElement } from '../xml/element.ts';
import {
  applyEdits,
  attributeRemoval,
  attributeSetting,
  elementRemoval,
  indentBefore,
} from '../xml/text-edits.ts';
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
  return applyEdits(text, [elementRemoval(text, ...range)]);
}

/** Removes an attribute, with the blanks before it. */
export function removeAttribute(
  text: string,
  { range = [0, 0] }: XmlElement,
  name: string,
): string {
  const edit = attributeRemoval(text, range[0], name);
  return edit === undefined ? text : applyEdits(text, [edit]);
}

/** Sets an attribute whose new value needs no escape. */
export function setAttribute(
  text: string,
  { range = [0, 0] }: XmlElement,
  name: string,
  value: string,
): string {
  return applyEdits(text, [attributeSetting(text, range[0], name, value)]);
}
