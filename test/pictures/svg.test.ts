import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { topologySvg } from '../../src/index.ts';
import { SVG_STYLE } from '../../src/pictures/svg-style.ts';
import { attributeOf, childElements, textOf, type XmlElement } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { anyTopology } from './arbitrary.ts';
import { busyCards, demo, read, twoGroups } from './hosts.ts';

function everything(element: XmlElement): readonly XmlElement[] {
  return [element, ...childElements(element).flatMap(everything)];
}

it('has a title and a description', async () => {
  const { root } = readXml(topologySvg(await read(twoGroups)));
  const [title, description] = childElements(root);
  expect(attributeOf(root, 'aria-labelledby')).toBe('title desc');
  expect([title, description].map((each) => each && attributeOf(each, 'id'))).toEqual([
    'title',
    'desc',
  ]);
  expect(title && textOf(title)).toBe('Mediated devices of sim:///DIR/host');
  expect(description && textOf(description)).toBe(
    '2 cards, 3 devices, 2 groups, 1 domain. pci_0000_86_00_0: 50 % full, 2 devices. ' +
      'pci_0000_87_00_0: 6 % full, 1 device, 1 inactive.',
  );
});

it('is what stands in the README', async () => {
  const topology = { ...(await read(demo)), uri: 'sim:///tmp/demo/host' };
  await expect(topologySvg(topology)).toMatchFileSnapshot('../../samples/topology.svg');
});

it('shows every device of 64 cards, and empty ones together', async () => {
  const topology = await read(busyCards);
  const texts = everything(readXml(topologySvg(topology)).root).map(textOf);
  const uuids = topology.cards.flatMap(({ devices }) => devices.map(({ uuid }) => uuid));
  expect(uuids).toHaveLength(105);
  expect(uuids.filter((uuid) => !texts.includes(uuid))).toEqual([]);
  expect(texts).toContain('16 cards');
});

it('takes no name of a host for markup, and loads nothing', () => {
  fc.assert(
    fc.property(anyTopology, (host) => {
      const all = everything(readXml(topologySvg(host)).root);
      const names = new Set(all.map(({ name }) => name));
      expect(
        [...names].filter(
          (name) => !['svg', 'title', 'desc', 'style', 'rect', 'text', 'g'].includes(name),
        ),
      ).toEqual([]);
      expect(all.filter(({ name }) => name === 'style').map(textOf)).toEqual([SVG_STYLE]);
      const attributes = all.flatMap((each) => each.attributes.map(({ name }) => name));
      expect(attributes.filter((name) => /^on|href|^style$/u.test(name))).toEqual([]);
    }),
    { numRuns: 60 },
  );
  expect(SVG_STYLE).not.toMatch(/url\(|@import/u);
});
