import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { XmlElement, XmlNode } from '../../src/xml/element.ts';
import { buildElement } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { writeXml } from '../../src/xml/write.ts';
import { errorOf } from './error-of.ts';
import { xmlName, xmlSource } from './generate.ts';
import { plainTree } from './normalize.ts';

describe('layout', () => {
  it('is libvirt’s', () => {
    const device = buildElement('device', {}, [
      buildElement('name', {}, ['computer']),
      buildElement('capability', { type: 'mdev', absent: undefined }, [
        buildElement('type', { id: '11' }),
        { kind: 'comment', text: ' c ' },
        { kind: 'instruction', target: 'p', text: 'q' },
        buildElement('driver', {}, [buildElement('name', {}, ['vfio_mdev'])]),
      ]),
    ]);
    expect(writeXml(device)).toBe(`<device>
  <name>computer</name>
  <capability type='mdev'>
    <type id='11'/>
    <!-- c -->
    <?p q?>
    <driver>
      <name>vfio_mdev</name>
    </driver>
  </capability>
</device>
`);
  });

  it.each([
    ["<a x='&lt;&gt;&amp;&apos;&quot;'>&lt;&gt;&amp;&apos;&quot;</a>\n"],
    ["<a x='&#9;&#10;&#13;'>\t\n&#13;</a>\n"],
    ['<a>x<b/> <c>  </c></a>\n'],
    ["<a xml:space='preserve'> <b/> </a>\n"],
    ['<a> </a>\n'],
    ['<a/>\n'],
  ])('keeps %j', (text) => {
    expect(writeXml(readXml(text).root)).toBe(text);
  });

  it.each([
    ['white space between elements', '<a><b/>\n\n <c/></a>', '<a>\n  <b/>\n  <c/>\n</a>\n'],
    ['double quotes', '<a x="1"/>', "<a x='1'/>\n"],
    ['CDATA sections', '<a><![CDATA[<]]></a>', '<a>&lt;</a>\n'],
    ['empty pairs of tags', '<a></a>', '<a/>\n'],
  ])('lays %s out anew', (_, text, expected) => {
    expect(writeXml(readXml(text).root)).toBe(expected);
  });

  it('does not break lines inside mixed content', () => {
    const text = '<a>x<b><c/><d/></b></a>\n';
    expect(writeXml(readXml(text).root)).toBe(text);
  });
});

const value = fc.string({
  unit: fc.constantFrom('a', '<', '>', '&', "'", '"', '\t', '\n', '\r', ' ', 'é', '😀', ']]>'),
  maxLength: 6,
});
const { tree } = fc.letrec<{ tree: XmlElement; node: XmlNode }>((tie) => ({
  tree: fc.record({
    kind: fc.constant('element' as const),
    name: xmlName,
    attributes: fc.uniqueArray(fc.record({ name: xmlName, value }), {
      selector: ({ name }) => name,
      maxLength: 3,
    }),
    children: fc.array(tie('node'), { maxLength: 4 }),
  }),
  node: fc.oneof(
    { depthSize: 'small' },
    fc.record({ kind: fc.constant('text' as const), text: value }),
    fc.record({ kind: fc.constant('comment' as const), text: fc.constantFrom('', 'x', ' <&> ') }),
    fc.record({
      kind: fc.constant('instruction' as const),
      target: fc.constantFrom('p', 'xml-x'),
      text: fc.constantFrom('', "it's", '<? '),
    }),
    tie('tree'),
  ),
}));

describe('round trip', () => {
  it('of any tree a program builds', () => {
    fc.assert(
      fc.property(tree, (element) => {
        const read = readXml(writeXml(element)).root;
        expect(plainTree(read, { withLayout: false })).toEqual(
          plainTree(element, { withLayout: false }),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('of any document, and writing again changes nothing', () => {
    fc.assert(
      fc.property(xmlSource, (text) => {
        const { root } = readXml(text);
        const written = writeXml(root);
        const read = readXml(written).root;
        expect(plainTree(read, { withLayout: false })).toEqual(
          plainTree(root, { withLayout: false }),
        );
        expect(writeXml(read)).toBe(written);
      }),
    );
  });
});

describe('what XML cannot hold', () => {
  const nested = (depth: number): XmlElement =>
    depth === 1 ? buildElement('a') : buildElement('a', {}, [nested(depth - 1)]);

  it.each<[string, XmlElement, string]>([
    ['a control character', buildElement('name', {}, ['x\u0001']), 'U+0001'],
    ['NUL in an attribute', buildElement('a', { x: '\0' }), 'attribute x of <a>'],
    ['U+FFFE', buildElement('a', {}, ['\uFFFE']), 'U+FFFE'],
    ['half a surrogate pair', buildElement('a', {}, ['\uD83D']), 'U+D83D'],
    ['a name with a space', buildElement('a b'), '"a b"'],
    ['an empty name', buildElement(''), 'empty'],
    ['a name that would be markup', buildElement('a><b'), '"a><b"'],
    ['an attribute name with a quote', buildElement('a', { "x'": '' }), `"x'"`],
    [
      'an attribute twice',
      {
        ...buildElement('a'),
        attributes: [
          { name: 'x', value: '1' },
          { name: 'x', value: '2' },
        ],
      },
      'two attributes x',
    ],
    ['a comment with --', buildElement('a', {}, [{ kind: 'comment', text: '--' }]), 'comment'],
    [
      'a comment that ends in -',
      buildElement('a', {}, [{ kind: 'comment', text: '-' }]),
      'comment',
    ],
    [
      'an instruction with ?>',
      buildElement('a', {}, [{ kind: 'instruction', target: 'p', text: '?>' }]),
      'instruction p',
    ],
    [
      'an instruction called xml',
      buildElement('a', {}, [{ kind: 'instruction', target: 'XML', text: '' }]),
      'instruction XML',
    ],
  ])('%s is refused', (_, element, words) => {
    const error = errorOf(() => writeXml(element));
    expect(error?.code).toBe('xml-unwritable');
    expect(error?.message).toContain(words);
  });

  it('101 levels are refused as the reader refuses them', () => {
    expect(errorOf(() => readXml(writeXml(nested(100))))).toBeUndefined();
    expect(errorOf(() => writeXml(nested(101)))?.code).toBe('xml-too-deep');
  });
});
