import type { Location } from '../errors.ts';

/** An attribute as written: entity references resolved, white space normalised as XML 1.0 section 3.3.3 says. */
export interface XmlAttribute {
  /** Qualified name, prefix included. */
  readonly name: string;
  readonly value: string;
  /** The location of the name; undefined for a tree built by a program. */
  readonly location?: Location | undefined;
}

/** A text. CDATA sections and references are resolved, and neighbouring texts are joined. */
export interface XmlText {
  readonly kind: 'text';
  readonly text: string;
  readonly location?: Location | undefined;
}

export interface XmlComment {
  readonly kind: 'comment';
  readonly text: string;
}

/** A processing instruction, `<?target text?>`. libvirt and we ignore it; it is kept so that nothing is lost. */
export interface XmlInstruction {
  readonly kind: 'instruction';
  readonly target: string;
  readonly text: string;
}

/**
 * An element with its location in the text. Values are strings and never converted: `0e1234` and `011` stay unchanged.
 * Namespace declarations are attributes, and prefixes are part of the names.
 */
export interface XmlElement {
  readonly kind: 'element';
  /** Qualified name, prefix included. */
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlNode[];
  /** The location of the `<`; undefined for a tree built by a program. */
  readonly location?: Location | undefined;
  /** Offsets (UTF-16 code units) of the element's first character and past its last one in the source text. */
  readonly range?: readonly [start: number, end: number] | undefined;
}

export type XmlNode = XmlElement | XmlText | XmlComment | XmlInstruction;

/** The value of an attribute, or undefined when it is absent. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((candidate) => candidate.name === name)?.value;
}

/** The child elements, in document order; with `name` only those of that name. */
export function childElements(element: XmlElement, name?: string): XmlElement[] {
  return element.children.filter(
    (node): node is XmlElement =>
      node.kind === 'element' && (name === undefined || node.name === name),
  );
}

/** The first child element of that name, or undefined. */
export function childElement(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find(
    (node): node is XmlElement => node.kind === 'element' && node.name === name,
  );
}

/** The text directly inside an element, comments and child elements left out. Not trimmed. */
export function textOf(element: XmlElement): string {
  return element.children.map((node) => (node.kind === 'text' ? node.text : '')).join('');
}

/** An element whose place may change. */
export function placedBy(
  { name, attributes, children, range }: XmlElement,
  locate: () => Location | undefined,
): XmlElement {
  return {
    kind: 'element',
    name,
    attributes,
    children,
    range,
    get location() {
      return locate();
    },
  };
}

/** An element with other children, wherever it is. */
export const withChildren = (element: XmlElement, children: readonly XmlNode[]): XmlElement =>
  placedBy({ ...element, children }, () => element.location);

/** Builds an element for output: absent attributes (undefined) are left out, a string child is text. */
export function buildElement(
  name: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  children: readonly (XmlNode | string | undefined)[] = [],
): XmlElement {
  return {
    kind: 'element',
    name,
    attributes: Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [{ name: key, value }],
    ),
    children: children.flatMap((child): XmlNode[] => {
      if (child === undefined) return [];
      return typeof child === 'string' ? [{ kind: 'text', text: child }] : [child];
    }),
  };
}
