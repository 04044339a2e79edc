import { describe, expect, it } from 'vitest';
import { importTypes } from '../../../src/host/capture/import-types.ts';
import type { Host } from '../../../src/host/host.ts';
import { createMemoryHost } from '../../../src/host/simulated/memory.ts';
import { readSampleProfile, sampleProfiles } from '../../../src/host/simulated/samples.ts';

/** What mdevctl prints of a host, by its documentation: the lines of a description are joined. */
function listed(host: Pick<Host, 'parents' | 'types'>, join: string): string {
  return host
    .parents()
    .items.map(({ address }, index, all) => {
      const parent = all[index];
      const types = parent === undefined ? [] : host.types(parent).items;
      const lines = types.flatMap(({ id, name, deviceApi, availableInstances, description }) => [
        `  ${id}`,
        `    Available instances: ${availableInstances}`,
        `    Device API: ${deviceApi}`,
        ...(name === undefined ? [] : [`    Name: ${name}`]),
        ...(description === undefined
          ? []
          : [`    Description: ${description.replaceAll('\n', join)}`]),
      ]);
      return [address, ...lines].map((line) => `${line}\n`).join('');
    })
    .join('');
}

function dumped(host: Pick<Host, 'parents' | 'types'>): string {
  const parents = host.parents().items.map((parent) => [
    parent.address,
    host.types(parent).items.map(({ id, name, deviceApi, availableInstances, description }) => ({
      [id]: {
        available_instances: availableInstances,
        device_api: deviceApi,
        name,
        description: description?.replaceAll('\n', ', '),
      },
    })),
  ]);
  return JSON.stringify([Object.fromEntries(parents)], undefined, 2);
}

const typesOf = (host: Pick<Host, 'parents' | 'types'>) =>
  host.parents().items.map((parent) => ({
    address: parent.address,
    subsystem: parent.subsystem,
    types: host.types(parent).items,
  }));

// mdevctl prints nothing of functions with a type.
const profiles = sampleProfiles().filter((name) => !readSampleProfile(name).includes('-vfio'));

describe.each(profiles)('%s', (name) => {
  const host = createMemoryHost(readSampleProfile(name));

  it.each([
    ['as text', listed(host, ' ')],
    ['as text of a newer one', listed(host, ', ')],
    ['as text without blanks', listed(host, ', ').replaceAll(/^ +/gm, '')],
    ['as text with other line ends', listed(host, ', ').replaceAll('\n', '\r\n\r\n')],
    ['as JSON', dumped(host)],
  ])('has the same types from its list, %s', (_, list) => {
    const again = createMemoryHost(importTypes(list).profile);
    expect(typesOf(again)).toEqual(typesOf(host));
  });
});

it('virtual functions share a card, which is said', () => {
  const host = createMemoryHost(readSampleProfile('nvidia-a40'));
  const { profile, caveats } = importTypes(listed(host, ' '), { name: 'seen' });
  const again = createMemoryHost(profile);
  expect(profile).toContain('<name>seen</name>');
  expect(
    again.card(again.parents().items[5] ?? host.parents().items[0] ?? neverThere()).parents,
  ).toHaveLength(32);
  expect(caveats).toContainEqual(
    expect.stringMatching(
      /^0000:41:00\.4, .* assumed to be the virtual functions of one device, 0000:41:00\.0$/,
    ),
  );
});

const neverThere = (): never => {
  throw new Error('no parent');
};

it('a card with devices is imported empty, which is said', () => {
  const host = createMemoryHost(readSampleProfile('nvidia-t4'));
  const [parent] = host.parents().items;
  host.create(parent ?? neverThere(), 'nvidia-230', '00000000-0000-4000-8000-000000000001');
  const { profile, caveats } = importTypes(dumped(host));
  const again = createMemoryHost(profile);
  expect(typesOf(again)).toEqual(typesOf(createMemoryHost(readSampleProfile('nvidia-t4'))));
  expect(caveats).toContainEqual(
    expect.stringContaining('0000:3b:00.0: shows fewer than an empty card of driver nvidia has'),
  );
});

const fact = 'Available instances: 1\nDevice API: vfio-pci\n';

it.each([
  ['nothing', '', 'It has no type'],
  ['an empty list', '[]', 'It has no type'],
  ['a word', 'x', 'It has no type'],
  ['broken JSON', '[{', 'It begins as JSON, but is none'],
  ['another JSON', '[{"a": [{"b": {"device_api": "vfio-pci"}}]}]', 'available_instances'],
  [
    'a negative count',
    '[{"a": [{"b": {"device_api": "x", "available_instances": -1}}]}]',
    '0.a.0.b',
  ],
  ['a type without parent', `nvidia-1\n${fact}`, "Line 1: type 'nvidia-1' has no parent"],
  ['a fact without type', `a\n\nb\n${fact}c\nName: x\nName: y`, 'Line 8 belongs to no type'],
  ['a type twice', `a\nb\n${fact}b\n${fact}`, "Line 5: type 'b' is there twice"],
  ['a parent twice', `a\nb\n${fact}a\n`, "Line 5: parent 'a' is there twice"],
  [
    'no count',
    'a\nb\nDevice API: vfio-pci\n',
    "Type 'b' of a has no number of available instances",
  ],
  ['a path', `../../etc\nb\n${fact}`, "'../../etc' can be no parent device"],
])('%s is refused', (_, list, message) => {
  expect(() => importTypes(list)).toThrow(message);
});
