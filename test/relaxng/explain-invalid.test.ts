import { describe, expect, test } from 'vitest';
import { readXml } from '../../src/xml/read.ts';
import { compile } from './rng.ts';

const el = (name: string, content = '<empty/>'): string =>
  `<element name="${name}">${content}</element>`;
const optional = (content: string): string => `<optional>${content}</optional>`;
const att = (name: string, content = ''): string =>
  `<attribute name="${name}">${content}</attribute>`;

const onOff = '<choice><value>on</value><value>off</value></choice>';
const hostdev = `<choice>
  <group>${att('type', '<value>mdev</value>')}
    ${att('model', '<choice><value>vfio-pci</value><value>vfio-ccw</value><value>vfio-ap</value></choice>')}
    ${optional(att('display', onOff))}<interleave>${el('source', el('address', att('uuid')))}
    ${optional(el('boot', att('order', '<data type="positiveInteger"/>')))}</interleave></group>
  <group>${att('type', '<value>usb</value>')}${optional(att('managed', onOff))}
    ${el('source', el('vendor', att('id')))}</group>
</choice>`;
const schema = compile(`<grammar xmlns:a="http://relaxng.org/ns/compatibility/annotations/1.0">
  <start>${el(
    'device',
    `${el('name', '<text/>')}${optional(el('path', '<data type="anyURI"/>'))}
     <zeroOrMore>${el('hostdev', hostdev)}</zeroOrMore>${optional(el('uuid', '<ref name="UUID"/>'))}
     ${optional(el('sizes', '<list><oneOrMore><data type="unsignedByte"/></oneOrMore></list>'))}
     ${optional(el('either', `<choice>${el('one')}${el('two')}</choice>`))}`,
  )}</start>
  <define name="UUID"><a:documentation>a UUID</a:documentation><data type="string">
    <param name="pattern">[0-9a-f]{4}</param></data></define></grammar>`);

function findings(xml: string, maxErrors?: number): readonly string[] {
  return schema
    .validate(readXml(xml).root, { file: 'f.xml', maxErrors })
    .map(
      ({ code, location, message, hint }) =>
        `${location?.line}:${location?.column} ${code}: ${message}${hint === undefined ? '' : ` [${hint}]`}`,
    );
}

const mdev = (attributes: string, content = "<source><address uuid='1'/></source>"): string =>
  `<device><name/><hostdev ${attributes}>${content}</hostdev></device>`;

/** One mistake (or two), and the one issue (or two) it makes. */
const cases: readonly (readonly [what: string, xml: string, issues: readonly string[]])[] = [
  ['a valid document', mdev("type='mdev' model='vfio-ap'"), []],
  [
    'another root',
    '<foo/>',
    [
      '1:1 schema-element-unexpected: the root element cannot be <foo>: expected <device> [allowed here: <device>]',
    ],
  ],
  [
    'a misspelt root: the rest is still looked at',
    '<devic><name/><x/></devic>',
    [
      '1:1 schema-element-unexpected: the root element cannot be <devic>: expected <device> [did you mean <device>?]',
      '1:15 schema-element-unexpected: <x> is not allowed in <devic> [allowed here: <path>, <hostdev>, <uuid>, <sizes>, <either>]',
    ],
  ],
  [
    'a misspelt element is taken for the right one',
    mdev("type='mdev' model='vfio-ap'", '\n<source>\n <adress uid="1"/>\n</source>'),
    [
      '3:2 schema-element-unexpected: <adress> is not allowed in <source> [did you mean <address>?]',
      "3:10 schema-attribute-unexpected: attribute 'uid' is not allowed on <adress> [did you mean 'uuid'?]",
    ],
  ],
  [
    'an unknown element',
    '<device>\n <name/><colour/>\n</device>',
    [
      '2:9 schema-element-unexpected: <colour> is not allowed in <device> [allowed here: <path>, <hostdev>, <uuid>, <sizes>, <either>]',
    ],
  ],
  [
    'each unknown element',
    '<device><name/><x/><x/></device>',
    [
      '1:16 schema-element-unexpected: <x> is not allowed in <device> [allowed here: <path>, <hostdev>, <uuid>, <sizes>, <either>]',
      '1:20 schema-element-unexpected: <x> is not allowed in <device> [allowed here: <path>, <hostdev>, <uuid>, <sizes>, <either>]',
    ],
  ],
  [
    'an element too often',
    '<device><name/><path>a</path><path>b</path></device>',
    ['1:30 schema-element-repeated: <path> can only be there once in <device> [remove one <path>]'],
  ],
  [
    'an element of an interleave too often',
    mdev(
      "type='mdev' model='vfio-ap'",
      "<source><address uuid='1'/></source><boot order='1'/><boot order='2'/>",
    ),
    [
      "1:106 schema-element-repeated: <boot> can only be there once in <hostdev type='mdev'> [remove one <boot>]",
    ],
  ],
  [
    'elements in the wrong order',
    '<device><path>a</path><name/></device>',
    ['1:9 schema-element-order: <name> must come before <path> in <device> [move <name> up]'],
  ],
  [
    'an optional element too late',
    '<device><name/><uuid>abcd</uuid><path>a</path></device>',
    [
      '1:33 schema-element-unexpected: <path> is not allowed in <device> after <uuid> [allowed here: <sizes>, <either>]',
    ],
  ],
  [
    'a missing element with others after it',
    '<device><path>a</path></device>',
    ['1:1 schema-element-missing: <device> is missing <name>'],
  ],
  [
    'a missing element at the end',
    mdev("type='mdev' model='vfio-ap'", ''),
    ["1:16 schema-element-missing: <hostdev type='mdev'> is missing <source>"],
  ],
  [
    'one of several missing',
    '<device><name/><either/></device>',
    ['1:16 schema-element-missing: <either> is missing <one> or <two>'],
  ],
  [
    'both of a choice',
    '<device><name/><either><one/><two/></either></device>',
    [
      '1:30 schema-element-unexpected: <two> is not allowed in <either> after <one> [nothing more is allowed here]',
    ],
  ],
  [
    'what belongs to another kind',
    mdev("type='usb'", "<source><vendor id=''/></source><boot order='1'/>"),
    [
      "1:68 schema-element-unexpected: <boot> is not allowed in <hostdev type='usb'> [nothing more is allowed here]",
    ],
  ],
  [
    'a missing attribute',
    mdev("type='mdev'"),
    ["1:16 schema-attribute-missing: <hostdev type='mdev'> is missing attribute 'model'"],
  ],
  [
    'a missing attribute that decides: nothing is said of the content',
    mdev('', '<x/>'),
    ["1:16 schema-attribute-missing: <hostdev> is missing attribute 'type'"],
  ],
  [
    'an unknown attribute',
    mdev("type='mdev' model='vfio-ap' colour='red'"),
    [
      "1:53 schema-attribute-unexpected: attribute 'colour' is not allowed on <hostdev type='mdev'> [allowed here: display]",
    ],
  ],
  [
    'a misspelt attribute is not missing, too',
    mdev("type='mdev' modell='vfio-ap'"),
    [
      "1:37 schema-attribute-unexpected: attribute 'modell' is not allowed on <hostdev type='mdev'> [did you mean 'model'?]",
    ],
  ],
  [
    'an attribute of another kind, whatever the order',
    mdev("managed='on' model='vfio-ap' type='mdev'"),
    [
      "1:25 schema-attribute-unexpected: attribute 'managed' is not allowed on <hostdev type='mdev'> [allowed here: display]",
    ],
  ],
  [
    'a bad value',
    mdev("type='mdev' model='vfio-pcx'"),
    [
      "1:37 schema-value: bad value 'vfio-pcx' for attribute 'model' of <hostdev type='mdev'>: expected vfio-pci, vfio-ccw or vfio-ap [did you mean 'vfio-pci'?]",
    ],
  ],
  [
    'a misspelt value that decides: the content is looked at',
    mdev("type='mdv' model='x'"),
    [
      "1:25 schema-value: bad value 'mdv' for attribute 'type' of <hostdev>: expected mdev or usb [did you mean 'mdev'?]",
      "1:36 schema-value: bad value 'x' for attribute 'model' of <hostdev>: expected vfio-pci, vfio-ccw or vfio-ap",
    ],
  ],
  [
    'another value that decides: the content is not',
    mdev("type='pcmcia' model='x'"),
    [
      "1:25 schema-value: bad value 'pcmcia' for attribute 'type' of <hostdev>: expected mdev or usb",
    ],
  ],
  [
    'a bad value of a type',
    mdev("type='mdev' model='vfio-ap'", "<boot order='0'/><source><address uuid='1'/></source>"),
    [
      "1:59 schema-value: bad value '0' for attribute 'order' of <boot>: expected a whole number, 1 or more",
    ],
  ],
  [
    'bad content',
    '<device><name/><uuid>\n  zz20</uuid></device>',
    ["2:3 schema-value: bad content 'zz20' in <uuid>: expected a UUID [text matching [0-9a-f]{4}]"],
  ],
  [
    'no content',
    '<device><name/><uuid/></device>',
    ['1:16 schema-value: <uuid> is empty: expected a UUID [text matching [0-9a-f]{4}]'],
  ],
  [
    'a bad list',
    '<device><name/><sizes>1 256</sizes></device>',
    [
      "1:23 schema-value: bad content '1 256' in <sizes>: expected a list of a whole number, 0 to 255",
    ],
  ],
  [
    'elements where a value belongs',
    '<device><name/><uuid>ab<b/>cd</uuid></device>',
    [
      "1:22 schema-text: text 'ab' is not allowed in <uuid> [remove it]",
      '1:24 schema-element-unexpected: <b> is not allowed in <uuid> [nothing more is allowed here]',
      "1:28 schema-text: text 'cd' is not allowed in <uuid> [remove it]",
    ],
  ],
  [
    'stray text',
    '<device>\n  <name/>\n  x y\n</device>',
    ["3:3 schema-text: text 'x y' is not allowed in <device> [remove it]"],
  ],
  [
    'text in an empty element',
    mdev("type='mdev' model='vfio-ap'", "<source><address uuid='1'>x</address></source>"),
    ["1:79 schema-text: text 'x' is not allowed in <address> [remove it]"],
  ],
  [
    'several mistakes',
    "<device>\n<hostdev type='mdev'><source/></hostdev>\n<sizes/></device>",
    [
      '1:1 schema-element-missing: <device> is missing <name>',
      "2:1 schema-attribute-missing: <hostdev type='mdev'> is missing attribute 'model'",
      '2:22 schema-element-missing: <source> is missing <address>',
      '3:1 schema-value: <sizes> is empty: expected a list of a whole number, 0 to 255',
    ],
  ],
];

describe('findings', () => {
  test.each(cases)('%s', (_, xml, issues) => {
    expect(findings(xml)).toEqual(issues);
  });
});

test('a location has the file, an issue of a tree without positions has none', () => {
  const { root } = readXml('<device/>');
  expect(schema.validate(root, { file: 'f.xml' })[0]?.location).toEqual({
    file: 'f.xml',
    line: 1,
    column: 1,
  });
  const [issue] = schema.validate({
    kind: 'element',
    name: 'device',
    attributes: [],
    children: [],
  });
  expect(issue?.location).toBeUndefined();
});

test('it stops after maxErrors', () => {
  const xml = `<device><name/>${'<x/>'.repeat(500)}</device>`;
  expect(findings(xml)).toHaveLength(100);
  expect(findings(xml, 3)).toHaveLength(3);
});

test('long texts are cut, long lists are counted', () => {
  const values = Array.from({ length: 40 }, (_, index) => `<value>value${index}</value>`).join('');
  const many = compile(`<element name="a"><choice>${values}</choice></element>`);
  const [issue] = many.validate(readXml(`<a>${'long '.repeat(50)}</a>`).root);
  expect(issue?.message).toMatch(
    /^bad content '(?:long ){12}…' in <a>: expected value0, .*, value11 or 28 others$/u,
  );
});
