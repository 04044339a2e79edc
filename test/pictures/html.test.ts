import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { SCRIPT, STYLE } from '../../src/pictures/html-assets.ts';
import { topologyHtml } from '../../src/pictures/html.ts';
import type { Topology } from '../../src/index.ts';
import { printable } from '../../src/terminal-text.ts';
import { attributeOf, childElements, textOf, type XmlElement } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { anyTopology } from './arbitrary.ts';
import { busyCards, read, twoGroups, virtualFunctions } from './hosts.ts';

const DOCTYPE = '<!DOCTYPE html>\n';

/** The page as a tree, which our reader refuses to make of anything malformed. */
function parse(topology: Topology): readonly XmlElement[] {
  const html = topologyHtml(topology);
  expect(html.startsWith(DOCTYPE)).toBe(true);
  return everything(readXml(html.slice(DOCTYPE.length)).root);
}

function everything(element: XmlElement): readonly XmlElement[] {
  return [element, ...childElements(element).flatMap(everything)];
}

const named = (all: readonly XmlElement[], ...names: readonly string[]): readonly XmlElement[] =>
  all.filter(({ name }) => names.includes(name));

const hosts = [
  ['two groups', twoGroups],
  ['virtual functions', virtualFunctions],
  ['many cards', busyCards],
] as const;

it.each(hosts)('%s: is a page in order', async (_, make) => {
  const topology = await read(make);
  const all = parse(topology);
  const ids = all.flatMap((element) => attributeOf(element, 'id') ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  const targets = named(all, 'a').map((link) => attributeOf(link, 'href')?.slice(1));
  expect(targets.filter((target) => target === undefined || !ids.includes(target))).toEqual([]);

  const levels = all.flatMap(({ name }) => /^h(\d)$/u.exec(name)?.[1] ?? []).map(Number);
  expect(levels.filter((level) => level === 1)).toHaveLength(1);
  expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([]);

  const unnamedImages = named(all, 'svg').filter(
    (svg) =>
      attributeOf(svg, 'aria-label') === undefined && attributeOf(svg, 'aria-hidden') !== 'true',
  );
  expect(unnamedImages).toEqual([]);
  expect(
    named(all, 'details').filter((each) => childElements(each)[0]?.name !== 'summary'),
  ).toEqual([]);
  const labelled = named(all, 'label').flatMap((label) => named(everything(label), 'input'));
  expect(labelled).toHaveLength(named(all, 'input').length);
  expect(all.filter((each) => attributeOf(each, 'class') === 'card')).toHaveLength(
    topology.cards.length,
  );
});

it('loads nothing, and allows its own style and script only', async () => {
  const all = parse(await read(twoGroups));
  const policy = named(all, 'meta').flatMap((meta) => attributeOf(meta, 'content') ?? []);
  const hash = (text: string): string => createHash('sha256').update(text).digest('base64');
  expect(policy[0]).toBe(
    `default-src 'none'; style-src 'sha256-${hash(STYLE)}'; script-src 'sha256-${hash(SCRIPT)}'; base-uri 'none'; form-action 'none'`,
  );
  expect(named(all, 'style').map(textOf)).toEqual([STYLE]);
  expect(named(all, 'script').map(textOf)).toEqual([SCRIPT]);
  expect(named(all, 'link', 'img', 'iframe', 'object')).toEqual([]);
  expect(`${STYLE}${SCRIPT}`).not.toMatch(/url\(|@import|import\(|https?:|fetch|storage/iu);
});

const ELEMENTS = new Set(
  'html head meta title style body a header div h1 h2 h3 h4 p code fieldset legend label input main dl dt dd ul ol li svg rect span section details summary table thead tbody tr th td output button footer script'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set(
  'lang charset http-equiv content name class href type id checked hidden role for placeholder autocomplete tabindex open scope aria-label aria-labelledby aria-hidden viewBox preserveAspectRatio x y width height'.split(
    ' ',
  ),
);

it('takes no name of a host for markup', () => {
  fc.assert(
    fc.property(anyTopology, (host) => {
      const all = parse(host);
      expect(all.filter(({ name }) => !ELEMENTS.has(name))).toEqual([]);
      const attributes = all.flatMap((each) => each.attributes.map(({ name }) => name));
      expect(attributes.filter((name) => !ATTRIBUTES.has(name))).toEqual([]);
      const scripts = host.cards.length === 0 ? [] : [SCRIPT];
      expect(named(all, 'script').map(textOf)).toEqual(scripts);
      expect(named(all, 'style').map(textOf)).toEqual([STYLE]);
      const links = named(all, 'a').map((link) => attributeOf(link, 'href'));
      expect(links.filter((href) => !/^#(?:cards|card-\d+)$/u.test(href ?? ''))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

it('shows every name as it is', () => {
  fc.assert(
    fc.property(anyTopology, (host) => {
      const words = parse(host).map(textOf).join('\n');
      const names = host.cards.flatMap(({ devices, types }) => [
        ...devices.map(({ uuid }) => uuid),
        ...types.map(({ id }) => id),
      ]);
      const shown = (name: string): string =>
        printable(name)
          .replaceAll('\ufffe', String.raw`\u{fffe}`)
          .replaceAll('\uffff', String.raw`\u{ffff}`);
      expect(names.filter((name) => !words.includes(shown(name)))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
