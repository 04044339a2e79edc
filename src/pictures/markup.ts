import { printable } from '../terminal-text.ts';

/** A piece of HTML or SVG. A string is text: {@link formatMarkup} escapes it. */
export type Markup = string | MarkupElement;

interface MarkupElement {
  readonly name: string;
  readonly attributes: Attributes;
  readonly children: readonly Markup[];
}

/** `true`: the attribute is there without a value. Undefined: it is not there. */
export type Attributes = Readonly<Record<string, string | number | true | undefined>>;

/** Names of elements and attributes are not escaped: they must be constants, never text from a host. */
export function element(
  name: string,
  attributes: Attributes = {},
  children: readonly Markup[] = [],
): MarkupElement {
  return { name, attributes, children };
}

/** The elements of HTML and Graphviz in use here that have no content. */
const VOID = new Set(['meta', 'input', 'BR']);
/** Elements whose content is not escaped: it is always a constant. */
const RAW = new Set(['style', 'script']);

/** Text that is well-formed as HTML and as XML. */
export function formatMarkup(markup: Markup): string {
  if (typeof markup === 'string') return escapeMarkup(markup);
  const { name, attributes, children } = markup;
  const written = Object.entries(attributes)
    .flatMap(([key, value]) => (value === undefined ? [] : ` ${key}="${attributeText(value)}"`))
    .join('');
  if (VOID.has(name)) return `<${name}${written} />`;
  const format = RAW.has(name) ? rawText : formatMarkup;
  const content = children.map((child) => format(child)).join('');
  return `<${name}${written}>${content}</${name}>`;
}

function rawText(child: Markup): string {
  return typeof child === 'string' ? child : '';
}

function attributeText(value: string | number | true): string {
  return value === true ? '' : escapeMarkup(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that a document must not have become `\u{…}`; characters of markup become references. */
export function escapeMarkup(text: string): string {
  return printable(text)
    .replaceAll(
      /[\ufffe\uffff]/gu,
      (character) => String.raw`\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
    )
    .replaceAll(/[&<>"']/gu, (character) => ENTITIES[character] ?? character);
}
