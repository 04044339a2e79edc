import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parentsOf } from '../../src/domain/element-names.ts';
import { attributeOf, childElements, type XmlElement } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { debianRoot } from './debian.ts';

/** Elements of libvirt's namespaces of its own, which the table leaves out. */
const NAMESPACED: ReadonlySet<string> = new Set(
  'commandline arg env capabilities add del override device frontend property deprecation namespace sharenet shareipc shareuts datacenterpath'.split(
    ' ',
  ),
);

/** What may stand outermost; the second only in snapshots. */
const ROOTS: ReadonlySet<string> = new Set(['domain', 'inactiveDomain']);

function elementNames(element: XmlElement): readonly string[] {
  const name = element.name === 'element' ? attributeOf(element, 'name') : undefined;
  return [...(name === undefined ? [] : [name]), ...childElements(element).flatMap(elementNames)];
}

it("every element of libvirt's schema for domains is known", () => {
  const file = join(debianRoot(), 'usr/share/libvirt/schemas/domaincommon.rng');
  const names = new Set(elementNames(readXml(readFileSync(file)).root));
  expect(names.size).toBeGreaterThan(300);
  const unknown = [...names].filter((name) => !NAMESPACED.has(name) && !ROOTS.has(name));
  expect(unknown.filter((name) => parentsOf(name).length === 0)).toEqual([]);
});
