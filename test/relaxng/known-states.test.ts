import { expect, it } from 'vitest';
import type { KnownStates } from '../../src/relaxng/matcher.ts';
import { childElements, withChildren } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { compile } from './rng.ts';

const schema = compile(
  `<element name="a"><zeroOrMore><choice>
    <element name="b" ns="urn:x"><empty/></element><element name="c"><empty/></element>
  </choice></zeroOrMore></element>`,
);

it('what is known of an element does not hold where its names mean something else', () => {
  const known: KnownStates = new WeakMap();
  const { root } = readXml("<a xmlns:p='urn:x'><p:b/></a>");
  const { root: other } = readXml("<a xmlns:p='urn:y'/>");
  const { root: again } = readXml("<a xmlns:q='urn:y' xmlns:p='urn:x'/>");
  expect(schema.validate(root, { known })).toEqual([]);
  const elements = childElements(root);
  expect(schema.validate(withChildren(other, elements), { known })).toHaveLength(1);
  expect(schema.validate(withChildren(again, elements), { known })).toEqual([]);
  expect(schema.validate(withChildren(readXml('<a/>').root, elements), { known })).toHaveLength(1);
});
