import { expect, it } from 'vitest';
import { selectXml } from '../../src/xml/xpath.ts';

const DEVICE = `<device>
  <name>mdev_1</name>
  <capability type='mdev'>
    <type id='nvidia-11'/>
    <uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid>
    <iommuGroup number='0'/>
  </capability>
</device>
`;

// What virsh 9.0.0 prints for the same document and expression.
it.each([
  ['//name|//uuid', '<name>mdev_1</name>\n<uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid>\n'],
  ['//nothing', ''],
  ['//type/@id', ' id="nvidia-11"\n'],
  ['//name/text()', 'mdev_1\n'],
  [
    '//capability',
    `<capability type="mdev">
  <type id="nvidia-11"/>
  <uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid>
  <iommuGroup number="0"/>
</capability>
`,
  ],
])('%s finds what virsh finds', (expression, expected) => {
  expect(selectXml(DEVICE, expression)).toBe(expected);
});

it.each([
  ['//nothing', '<nodes/>\n'],
  [
    '//name|//uuid',
    `<nodes>
  <name>mdev_1</name>
  <uuid>0695d332-7831-493f-9e71-1c85c8911a08</uuid>
</nodes>
`,
  ],
])('%s is wrapped as by virsh', (expression, expected) => {
  expect(selectXml(DEVICE, expression, { wrap: true })).toBe(expected);
});

it.each([
  ['string(//name)', 'mdev_1\n'],
  ['count(//capability/*)', '3\n'],
  ['1 = 2', 'false\n'],
])('%s, which virsh refuses, is printed', (expression, expected) => {
  expect(selectXml(DEVICE, expression)).toBe(expected);
});

it('escapes attribute values', () => {
  expect(selectXml(`<a b='1 &lt; "2" &amp; 3'/>`, '/a/@b')).toBe(
    ' b="1 &lt; &quot;2&quot; &amp; 3"\n',
  );
});

it.each(['//[', '', 'foo()', '//a:b'])('refuses %j', (expression) => {
  expect(() => selectXml(DEVICE, expression)).toThrow(
    expect.objectContaining({ code: 'xpath-invalid' }),
  );
});

it('refuses to wrap what is no element', () => {
  expect(() => selectXml(DEVICE, '//type/@id', { wrap: true })).toThrow(
    'only elements can be wrapped',
  );
});
