import { describe, expect, it } from 'vitest';
import type { XmlElement } from '../../src/xml/element.ts';
import { attributeOf, childElement, childElements, textOf } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { errorOf } from './error-of.ts';
import { malformed, wellFormed } from './well-formedness.ts';

/** Well-formed documents that are refused on purpose. */
function refusal(text: string): string | undefined {
  if (text.startsWith('<!DOCTYPE')) return 'xml-doctype';
  return text.startsWith('<a>'.repeat(101)) ? 'xml-too-deep' : undefined;
}

describe('well-formedness', () => {
  it.each(malformed)('%s: refused', (_, document) => {
    const code = errorOf(() => readXml(document))?.code;
    expect(['xml-malformed', 'xml-doctype', 'xml-encoding']).toContain(code);
  });

  it.each(wellFormed)('%s: read', (_, document) => {
    expect(errorOf(() => readXml(document))?.code).toBe(refusal(String(document)));
  });
});

const root = (text: string): XmlElement => readXml(text).root;

describe('values', () => {
  it.each([
    ['a number in exponent form', '<uuid>0e1234</uuid>', '0e1234'],
    ['a leading zero', '<id>011</id>', '011'],
    ['hexadecimal', '<id>0x10</id>', '0x10'],
    ['a fraction', '<id>1.0</id>', '1.0'],
    ['32 digits', `<uuid>${'0'.repeat(32)}</uuid>`, '0'.repeat(32)],
    ['words JavaScript knows', '<a>true</a>', 'true'],
    ['white space around', '<a> x\t</a>', ' x\t'],
    ['decimal and hexadecimal references', '<a>&#65;&#x41;&#x1F600;</a>', 'AA😀'],
    ['predefined entities', '<a>&lt;&gt;&amp;&apos;&quot;</a>', '<>&\'"'],
    ['an escaped reference', '<a>&amp;lt;&amp;#65;</a>', '&lt;&#65;'],
    ['CRLF and CR', '<a>1\r\n2\r3</a>', '1\n2\n3'],
    ['a written CR', '<a>1&#13;&#10;2</a>', '1\r\n2'],
    ['a CDATA section', '<a>x<![CDATA[<&amp;\r\n]]>y</a>', 'x<&amp;\ny'],
    ['comments between texts', '<a>x<!-- no -->y<?no no?>z</a>', 'xyz'],
    ['nothing', '<a></a>', ''],
  ])('text with %s', (_, text, value) => {
    expect(textOf(root(text))).toBe(value);
  });

  it.each([
    ['a leading zero', "<a x='011'/>", '011'],
    ['tab, LF and CR', "<a x='1\t2\n3\r4'/>", '1 2 3 4'],
    ['CRLF', "<a x='1\r\n2'/>", '1 2'],
    ['written white space', "<a x='&#9;&#10;&#13;'/>", '\t\n\r'],
    ['spaces around', "<a x='  1  '/>", '  1  '],
    ['the other quote', `<a x='"'/>`, '"'],
    ['a >', "<a x='a>b/>'/>", 'a>b/>'],
    ['references', "<a x='&#65;&lt;&amp;amp;'/>", 'A<&amp;'],
    ['nothing', "<a x=''/>", ''],
  ])('an attribute with %s', (_, text, value) => {
    expect(attributeOf(root(text), 'x')).toBe(value);
  });

  it.each([
    '__proto__',
    'constructor',
    'prototype',
    'hasOwnProperty',
    'toString',
    '__defineGetter__',
  ])('%s is a name like any other', (name) => {
    const element = root(`<a><${name} ${name}='1'>x</${name}><${name}/></a>`);
    expect(childElements(element, name).map(textOf)).toEqual(['x', '']);
    const child = childElement(element, name);
    expect(child?.attributes).toMatchObject([{ name, value: '1' }]);
  });

  it('keeps prefixes in names and namespace declarations among the attributes', () => {
    const element = root("<a xmlns='u' xmlns:p='v'><p:b p:c='1'/></a>");
    expect(element.attributes).toMatchObject([
      { name: 'xmlns', value: 'u' },
      { name: 'xmlns:p', value: 'v' },
    ]);
    expect(childElement(element, 'p:b')?.attributes).toMatchObject([{ name: 'p:c', value: '1' }]);
  });

  it.each(['<q:a/>', "<a q:x='1'/>", "<a:b:c xmlns:a='u'/>"])(
    'reads %s, which only the namespaces specification forbids',
    (text) => {
      expect(errorOf(() => readXml(text))).toBeUndefined();
    },
  );

  it('finds what is not well-formed behind a hundred undeclared prefixes', () => {
    const text = `<a>${'<q:b/>'.repeat(200)}<c></a>`;
    expect(errorOf(() => readXml(text))?.code).toBe('xml-malformed');
  });

  it('keeps comments and processing instructions in their places', () => {
    const { children } = root('<a>x<!--c--><b/><?p  it\'s "q ?>y<?q?></a>');
    expect(children).toMatchObject([
      { kind: 'text', text: 'x' },
      { kind: 'comment', text: 'c' },
      { kind: 'element', name: 'b' },
      { kind: 'instruction', target: 'p', text: 'it\'s "q ' },
      { kind: 'text', text: 'y' },
      { kind: 'instruction', target: 'q', text: '' },
    ]);
  });
});

describe('positions', () => {
  const CRLF = "<device>\r\n  <type\r\n    id='1'\r\n    x='2'>\r\nv</type>\r\n</device>\r\n";

  it('count CRLF as one line end', () => {
    const type = childElement(readXml(CRLF).root, 'type');
    expect(type?.location).toEqual({ line: 2, column: 3 });
    expect(type?.attributes.map(({ location }) => location)).toEqual([
      { line: 3, column: 5 },
      { line: 4, column: 5 },
    ]);
    expect(type?.children).toMatchObject([{ location: { line: 4, column: 11 }, text: '\nv' }]);
  });

  it('give ranges as offsets of the text', () => {
    const document = readXml(CRLF);
    const [start, end] = childElement(document.root, 'type')?.range ?? [0, 0];
    expect(document.text.slice(start, end)).toBe("<type\r\n    id='1'\r\n    x='2'>\r\nv</type>");
  });

  const declare = (encoding: string): string => `<?xml version='1.0' encoding='${encoding}'?>`;
  const FAMILY = '<a>\n<é x="😀" y=""></é></a>';

  it.each<readonly [what: string, bytes: Uint8Array]>([
    ['UTF-8', Buffer.from(FAMILY)],
    [
      'UTF-8 with a byte order mark, whatever it declares',
      Buffer.from(`\uFEFF${declare('ISO-8859-1')}${FAMILY}`),
    ],
    ['UTF-16LE', Buffer.from(`\uFEFF${FAMILY}`, 'utf16le')],
    ['UTF-16BE', Buffer.from(`\uFEFF${declare('UTF-16')}${FAMILY}`, 'utf16le').swap16()],
    ['UTF-16LE without a byte order mark', Buffer.from(`${declare('UTF-16')}${FAMILY}`, 'utf16le')],
    ['UTF-16BE without', Buffer.from(`${declare('UTF-16')}${FAMILY}`, 'utf16le').swap16()],
  ])('are the same in %s', (_, bytes) => {
    const [child] = childElements(readXml(bytes).root);
    expect(child).toMatchObject({ name: 'é', location: { line: 2, column: 1 } });
    expect(child?.attributes.map(({ location }) => location?.column)).toEqual([4, 11]);
    expect(child && attributeOf(child, 'x')).toBe('😀');
  });

  it.each([
    ['ISO-8859-1', '\u0080é\u009f'],
    ['iso-8859-2', 'Ł'],
    ['ISO-8859-15', '€'],
    ['KOI8-R', 'Ж'],
    ['US-ASCII', 'e'],
  ])('are in characters in %s', (encoding, text) => {
    const codes: Readonly<Record<string, number>> = {
      Ł: 0xa3,
      '€': 0xa4,
      Ж: 0xf6,
    };
    const letters = Buffer.from(
      text.split('').map((letter) => codes[letter] ?? letter.charCodeAt(0)),
    );
    const bytes = Buffer.concat([
      Buffer.from(`${declare(encoding)}\n<a x='`),
      letters,
      Buffer.from("' y=''/>"),
    ]);
    const document = readXml(bytes).root;
    expect(attributeOf(document, 'x')).toBe(text);
    expect(document.attributes[1]?.location).toEqual({ line: 2, column: 9 + text.length });
  });

  it('count UTF-16 units', () => {
    expect(readXml("<a x='😀' y=''/>").root.attributes.at(1)?.location).toEqual({
      line: 1,
      column: 11,
    });
  });

  it('leave a byte order mark out of columns and in the text', () => {
    expect(readXml(Buffer.from('\uFEFF<a/>'))).toMatchObject({
      root: { location: { line: 1, column: 1 }, range: [1, 5] },
      text: '\uFEFF<a/>',
    });
  });

  it('go past line 65535', () => {
    expect(readXml(`${'\n'.repeat(70_000)}<a/>`).root.location?.line).toBe(70_001);
  });

  it('name the file', () => {
    const document = readXml("<a x=''/>", { file: 'vgpu.xml' });
    expect(document.root.location).toEqual({ file: 'vgpu.xml', line: 1, column: 1 });
    expect(errorOf(() => readXml('<a>', { file: 'vgpu.xml' }))?.location?.file).toBe('vgpu.xml');
  });
});

describe('refusals', () => {
  it.each([
    ['', 'xml-malformed', 1, 1, 'Document is empty'],
    ['<a>\n<b></a>', 'xml-malformed', 2, 8, 'Opening and ending tag mismatch: b line 2 and a'],
    ['<a>\r\n<b></a>', 'xml-malformed', 2, 8, 'Opening and ending tag mismatch: b line 2 and a'],
    ['\uFEFF<a></b>', 'xml-malformed', 1, 8, 'Opening and ending tag mismatch: a line 1 and b'],
    ["<a\n x='1'\n x='2'/>", 'xml-malformed', 3, 7, 'Attribute x redefined'],
    ["<a x='é😀' x=''/>", 'xml-malformed', 1, 16, 'Attribute x redefined'],
    ['<a/><b/>', 'xml-malformed', 1, 5, 'Extra content at the end of the document'],
    ['<a>&nbsp;</a>', 'xml-malformed', 1, 10, "Entity 'nbsp' not defined"],
    ['<a>\0</a>', 'xml-malformed', 1, 4, 'Invalid character: Char 0x0 out of allowed range'],
    [`${'\n'.repeat(70_000)}<a></b>`, 'xml-malformed', 70_001, 8, undefined],
    ['\n<!DOCTYPE a><a/>', 'xml-doctype', 2, 1, 'Document type declarations are not read'],
    ["<?xml version='1.0'?><!-- < --><!DOCTYPE a [", 'xml-doctype', 1, 32, undefined],
    [
      "<?xml version='1.0' encoding='latin-one'?><a/>",
      'xml-encoding',
      1,
      31,
      'Document is in the encoding latin-one, which is not read',
    ],
    ['<a>é\n\uD800</a>', 'xml-encoding', 2, 1, undefined],
    [`<a>\n${'<a>'.repeat(100)}`, 'xml-too-deep', 2, 298, 'Elements are nested more than 100 deep'],
    [`<a>${'x'.repeat(10_100_000)}</a>`, 'xml-too-large', 1, 10_100_005, undefined],
  ])('case %#', (text, code, line, column, message) => {
    const error = errorOf(() => readXml(text, { name: 'node_device_definition' }));
    expect(error).toMatchObject({ code, location: { line, column } });
    expect(error?.message).toContain(`(node_device_definition):${line}: ${message ?? ''}`);
  });

  it.each([
    ['a byte that is never UTF-8', [0x3c, 0x61, 0x3e, 0x0a, 0xff, 0xfe], 2, 1],
    ['a cut sequence', [0x3c, 0x61, 0x3e, 0xc3, 0xa9, 0xf0, 0x9f, 0x98], 1, 5],
    ['an overlong form', [0x3c, 0x61, 0x3e, 0xc0, 0xaf], 1, 4],
    ['a surrogate in UTF-8', [0x3c, 0x61, 0x3e, 0xed, 0xa0, 0x80], 1, 4],
    ['UTF-16 with a byte more', [0xff, 0xfe, 0x3c, 0x00, 0x61], 1, 1],
    ['half a surrogate pair in UTF-16', [0xfe, 0xff, 0x00, 0x3c, 0xd8, 0x00], 1, 1],
    ['UTF-16 without any sign', [0x3c, 0x00, 0x61, 0x00, 0x2f, 0x00, 0x3e, 0x00], 1, 1],
    ['big-endian UTF-16 without', [0x00, 0x3c, 0x00, 0x61], 1, 1],
    ['UTF-32', [0x3c, 0x00, 0x00, 0x00], 1, 1],
    ['UTF-32 with a byte order mark', [0xff, 0xfe, 0x00, 0x00, 0x3c, 0x00, 0x00, 0x00], 1, 1],
    ['no ASCII', Buffer.from("<?xml version='1.0' encoding='US-ASCII'?><é/>"), 1, 1],
    ['UTF-16 in name', Buffer.from("<?xml version='1.0' encoding='utf-16'?><a/>"), 1, 31],
    [
      'no name of an encoding, with the mark of UTF-8',
      Buffer.from("\uFEFF<?xml version='1.0' encoding='tf-8'?><a/>"),
      1,
      31,
    ],
    [
      'a name of another map',
      Buffer.from("<?xml version='1.0' encoding='ISO-8859-9'?><a/>"),
      1,
      31,
    ],
  ])('bytes: %s', (_, bytes, line, column) => {
    const error = errorOf(() => readXml(Uint8Array.from(bytes)));
    expect(error).toMatchObject({ code: 'xml-encoding', location: { line, column } });
  });

  it('a document over the limit, before it is decoded', () => {
    const error = errorOf(() => readXml('<é/>', { maxBytes: 4 }));
    expect(error).toMatchObject({ code: 'xml-too-large', location: { line: 1, column: 1 } });
    expect(errorOf(() => readXml('<é/>', { maxBytes: 5 }))).toBeUndefined();
  });

  it.each([
    "<?xml version='1.0' encoding='UTF-8'?><a/>",
    "<?xml version='1.0' encoding='utf8'?><a/>",
  ])('not %s', (text) => {
    expect(errorOf(() => readXml(text))).toBeUndefined();
  });

  it('not 100 levels', () => {
    const text = `${'<a>'.repeat(99)}<b/>${'</a>'.repeat(99)}`;
    expect(errorOf(() => readXml(text))).toBeUndefined();
    expect(errorOf(() => readXml(`<a>${text}</a>`))?.code).toBe('xml-too-deep');
  });
});
