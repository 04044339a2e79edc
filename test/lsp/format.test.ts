import { readdirSync, readFileSync } from 'node:fs';
import {
  type Arbitrary,
  array,
  assert,
  constantFrom,
  letrec,
  oneof,
  property,
  tuple,
} from 'fast-check';
import { DocumentFormattingRequest } from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { describe, expect, it } from 'vitest';
import { formattingEdits } from '../../src/lsp/format.ts';
import type { XmlElement, XmlNode } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { applyEdits } from '../../src/xml/text-edits.ts';
import { start, URI } from './client.ts';

const formatted = (text: string, unit = '  '): string | undefined => {
  const edits = formattingEdits(text, unit);
  return edits && applyEdits(text, edits);
};

const isBlank = (node: XmlNode): boolean => node.kind === 'text' && /^[ \t\r\n]*$/u.test(node.text);

/** A tree without locations and without the white space that means nothing: that between elements. */
function meaning(node: XmlNode, keeps = false): unknown {
  if (node.kind !== 'element') return node.kind === 'text' ? node.text : { ...node };
  const { name, attributes, children } = node satisfies XmlElement;
  const space = attributes.find((one) => one.name === 'xml:space')?.value;
  const keepsSpace = space === undefined ? keeps : space === 'preserve';
  const hasElements = children.some(({ kind }) => kind === 'element');
  const isMixed = children.some((child) => child.kind === 'text' && !isBlank(child));
  const left =
    hasElements && !isMixed && !keepsSpace ? children.filter((one) => !isBlank(one)) : children;
  return {
    name,
    attributes: attributes.map((one) => [one.name, one.value]),
    children: left.map((child) => meaning(child, keepsSpace)),
  };
}

const spaces = constantFrom('', '', ' ', '\n', '\r\n', '\t', '\n\n\n  ', ' \r\n ');
const { node } = letrec<{ node: string; element: string }>((tie) => ({
  node: oneof(
    { depthSize: 'small' },
    constantFrom('text', 'a &amp; b', '&#10;', '<![CDATA[ <x> ]]>', '<![CDATA[]]>'),
    constantFrom('<!-- <a> \n -->', '<?pi <b>\n?>', '<e/>', '<e  a = \'>\'\n b="1" />'),
    tie('element'),
  ),
  element: tuple(
    constantFrom('', '', " xml:space='preserve'", " xml:space='default'", ' a="&lt;"'),
    array(tuple(spaces, tie('node')), { maxLength: 5 }),
    spaces,
  ).map(([attributes, children, last]) => `<n${attributes}>${children.flat().join('')}${last}</n>`),
}));
const head = constantFrom(
  '',
  "<?xml version='1.0'?>",
  "<?xml version='1.0'?>\r\n<!-- c -->",
  '\uFEFF',
  '\n',
);
const document: Arbitrary<string> = tuple(
  head,
  spaces,
  array(tuple(spaces, node)),
  spaces,
  spaces,
).map(
  ([first, gap, children, last, end]) =>
    `${first}${first.startsWith('\n') ? '' : gap}<root>${children.flat().join('')}${last}</root>${end}`,
);

const withoutSpace = (text: string): string => text.replaceAll(/[ \t\r\n]+/gu, '');

describe('formatting', () => {
  it('changes white space between elements only, and nothing when done again', () => {
    assert(
      property(document, constantFrom('  ', '\t', ''), (text, unit) => {
        const after = formatted(text, unit) ?? 'refused';
        expect(withoutSpace(after)).toBe(withoutSpace(text));
        expect(meaning(readXml(after).root)).toEqual(meaning(readXml(text).root));
        expect(formatted(after, unit)).toBe(after);
        expect(!after.includes('\r') || text.includes('\r')).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  const folder = new URL('../nodedev/documents/', import.meta.url);
  it.each(readdirSync(folder))('brings %s back to how it was', (name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const flat = text.replaceAll(/>\s+</gu, '><');
    expect(formatted(formatted(flat) ?? '')).toBe(formatted(text));
    expect(meaning(readXml(formatted(text) ?? '').root)).toEqual(meaning(readXml(text).root));
  });

  it.each([
    ['<a><b><c/></b></a>', '<a>\n  <b>\n    <c/>\n  </b>\n</a>'],
    ['<a>\r\n<b/><c/></a>\r\n', '<a>\r\n  <b/>\r\n  <c/>\r\n</a>\r\n'],
    ['<a>\n\n\n\n<b/>\n\n</a>', '<a>\n\n  <b/>\n</a>'],
    [
      '<a><b/> <!-- why -->\n<!-- next --><c/></a>',
      '<a>\n  <b/> <!-- why -->\n  <!-- next -->\n  <c/>\n</a>',
    ],
    ['<a> <b>text</b> </a>', '<a>\n  <b>text</b>\n</a>'],
    ['<a>text <b/> </a>', '<a>text <b/> </a>'],
    ["<a xml:space='preserve'> <b> <c/> </b> </a>", "<a xml:space='preserve'> <b> <c/> </b> </a>"],
    ['<a><![CDATA[ ]]><b/></a>', '<a><![CDATA[ ]]><b/></a>'],
    ['<a>\n</a>', '<a>\n</a>'],
    ["<?xml version='1.0'?><!-- c --><a/>", "<?xml version='1.0'?><!-- c -->\n<a/>"],
  ])('%j', (text, after) => {
    expect(formatted(text)).toBe(after);
  });

  it.each(['<a><b>', '', '<a></b>', '<a/><b/>', '<!DOCTYPE a><a><b/></a>'])(
    'leaves %j alone',
    (text) => {
      expect(formatted(text)).toBeUndefined();
    },
  );
});

it('an editor formats a document as it is set up, unless it is unfinished or not ours', async () => {
  const { protocol, write } = await start();
  const format = async (text: string, insertSpaces = true): Promise<string | undefined> => {
    await write(text);
    const edits = await protocol.sendRequest(DocumentFormattingRequest.type, {
      textDocument: { uri: URI },
      options: { tabSize: 4, insertSpaces },
    });
    return edits === null
      ? undefined
      : TextDocument.applyEdits(TextDocument.create(URI, 'xml', 1, text), edits);
  };
  expect(await format('<domain><name>a</name></domain>')).toBe(
    '<domain>\n    <name>a</name>\n</domain>',
  );
  expect(await format('<domain><name>a</name></domain>', false)).toBe(
    '<domain>\n\t<name>a</name>\n</domain>',
  );
  expect(await format('<domain><name>a</name>')).toBeUndefined();
  expect(await format('<project><name>a</name></project>')).toBeUndefined();
});
