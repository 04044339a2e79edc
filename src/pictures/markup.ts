import { printable } from '../terminal-text.ts';

/** A piece of HTML or SVG. Text is text: only {@link formatMarkup} makes characters of it, and escapes all of them. */
export type Markup = string | MarkupElement;

interface MarkupElement {
  readonly name: string;
  readonly attributes: Attributes;
  readonly children: readonly Markup[];
}

/** `true`: there, without a value; undefined: not there. */
export type Attributes = Readonly<Record<string, string | number | true | undefined>>;

/** Names of elements and attributes are ours, never a host's. */
export function element(
  name: string,
  attributes: Attributes = {},
  children: readonly Markup[] = [],
): MarkupElement {
  return { name, attributes, children };
}

/** Elements without content, of those we use: HTML's and Graphviz's. */
const VOID = new Set(['meta', 'input', 'BR']);
/** Their content is not escaped: it is never anything but a constant of ours. */
const RAW = new Set(['style', 'script']);

/** Well-formed as HTML and as XML. */
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

/** What a document cannot hold or a reader would obey is written out; what is markup becomes a reference. */
export function escapeMarkup(text: string): string {
  return printable(text)
    .replaceAll(
      /[\ufffe\uffff]/gu,
      (character) => String.raw`\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
    )
    .replaceAll(/[&<>"']/gu, (character) => ENTITIES[character] ?? character);
}
