import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import {
  type Definition,
  defineFile,
  formatDefinition,
  isAttributeName,
  listDefinitions,
  parseDefinition,
} from '../../src/engine/definitions/definitions.ts';
import { SEED } from '../support/seed.ts';
import { debian, debianRoot } from './debian.ts';

const root = debianRoot();
const folder = join(root, 'etc/mdevctl.d');

/** Definitions of every shape. */
const DEFINITIONS: readonly Definition[] = fc.sample(
  fc.record<Definition>({
    type: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,12}$/),
    autostart: fc.boolean(),
    attributes: fc.array(
      fc.record({
        name: fc.string({ unit: 'grapheme', minLength: 1 }).filter(isAttributeName),
        value: fc.string({ unit: 'binary' }),
      }),
    ),
    extra: fc.constant({}),
  }),
  { numRuns: 40, seed: SEED },
);

const refOf = (index: number): { readonly parent: string; readonly uuid: string } => ({
  parent: index % 2 === 0 ? '0000:86:00.0' : 'mtty',
  uuid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
});

const textOf = (index: number): string => {
  const { parent, uuid } = refOf(index);
  return readFileSync(join(folder, parent, uuid), 'utf8');
};

function raise(): never {
  throw new Error('no definition with attributes');
}

/** What mdevctl's listing has to say of one parent. */
function listingOf(parent: string): readonly unknown[] {
  return DEFINITIONS.flatMap((definition, index) => {
    const ref = refOf(index);
    const content: unknown = JSON.parse(formatDefinition(definition));
    return ref.parent === parent ? [{ [ref.uuid]: content }] : [];
  });
}

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  // Without these mdevctl 1.2 does nothing at all.
  for (const kind of ['callouts', 'notifiers']) {
    mkdirSync(join(folder, 'scripts.d', kind), { recursive: true });
  }
});

it(`what we define, mdevctl lists (SEED=${SEED})`, () => {
  for (const [index, definition] of DEFINITIONS.entries())
    defineFile(root, refOf(index), definition);
  const listed: unknown = JSON.parse(debian('mdevctl', 'list', '--defined', '--dumpjson'));
  expect(listed).toEqual([{ '0000:86:00.0': listingOf('0000:86:00.0'), mtty: listingOf('mtty') }]);
});

it('what mdevctl defines, we list, and would have written with the same bytes', () => {
  for (const [index, definition] of DEFINITIONS.entries()) {
    const { parent, uuid } = refOf(index);
    writeFileSync(join(root, 'tmp/definition.json'), formatDefinition(definition));
    debian('mdevctl', 'define', '-u', uuid, '-p', parent, '--jsonfile', '/tmp/definition.json');
  }
  const { items, problems } = listDefinitions(root);
  expect(problems).toEqual([]);
  expect(items.map(({ parent, uuid }) => `${parent} ${uuid}`).toSorted()).toEqual(
    DEFINITIONS.map((_, index) => `${refOf(index).parent} ${refOf(index).uuid}`).toSorted(),
  );
  for (const [index, definition] of DEFINITIONS.entries()) {
    expect(parseDefinition(textOf(index))).toEqual(definition);
    expect(textOf(index)).toBe(formatDefinition(definition));
  }
});

it('what mdevctl changes in a file of ours, it alone changes', () => {
  const definition = DEFINITIONS.find(({ attributes }) => attributes.length > 1) ?? raise();
  defineFile(root, refOf(0), definition);
  debian('mdevctl', 'modify', '-u', refOf(0).uuid, definition.autostart ? '--manual' : '--auto');
  expect(textOf(0)).toBe(formatDefinition({ ...definition, autostart: !definition.autostart }));
});

it('temporary files of ours do not disturb mdevctl', () => {
  writeFileSync(join(folder, '.virt-nodedev-1-abc'), '{"mdev_ty');
  defineFile(root, refOf(0), { type: 't', autostart: false, attributes: [], extra: {} });
  expect(debian('mdevctl', 'list', '--defined').trim()).toBe(
    `${refOf(0).uuid} 0000:86:00.0 t manual`,
  );
});
