import { describe, expect, it } from 'vitest';
import { formatHardware, parseHardware } from '../../../src/host/simulated/hardware-file.ts';
import { parseProfile } from '../../../src/host/simulated/parse-profile.ts';
import { readSampleProfile, sampleProfiles } from '../../../src/host/simulated/samples.ts';

it.each(sampleProfiles())('%s: what opening reads is what the profile says', (name) => {
  const profile = parseProfile(readSampleProfile(name));
  const withoutDevices = profile.cards.map((card) => ({
    ...card,
    parents: card.parents.map(({ address, path }) => ({ address, path })),
  }));
  expect(parseHardware(formatHardware(profile))).toEqual({ name, cards: withoutDevices });
});

describe('a file that was changed', () => {
  const card = { driver: 'mtty', settings: {}, types: [], parents: [] };
  const type = { id: 'mtty-1', deviceApi: 'vfio-pci' };
  const withCard = (changes: object) => ({ name: 'x', cards: [{ ...card, ...changes }] });

  it.each<readonly [string, unknown, string]>([
    ['is no object', [], 'name: Invalid key'],
    ['has no name', { cards: [] }, 'name: Invalid key'],
    ['has no cards', { name: 'x', cards: {} }, 'cards: Invalid type: Expected Array'],
    [
      'has a card of nothing',
      { name: 'x', cards: [null] },
      'cards.0: Invalid type: Expected Object',
    ],
    ['names an unknown driver', withCard({ driver: 'constructor' }), "driver 'constructor'"],
    ['has a setting its driver has not', withCard({ settings: { size: '1' } }), 'size'],
    [
      'has a number as a setting',
      withCard({ settings: { ports: 1 } }),
      'cards.0.settings.ports: Invalid type: Expected string',
    ],
    [
      'has a type that climbs',
      withCard({ types: [{ ...type, id: '..' }] }),
      'cards.0.types.0.id: no name of a directory',
    ],
    [
      'has a type without API',
      withCard({ types: [{ id: 'mtty-1' }] }),
      'cards.0.types.0.deviceApi: Invalid key',
    ],
    [
      'has a numeric name',
      withCard({ types: [{ ...type, name: 1 }] }),
      'cards.0.types.0.name: Invalid type',
    ],
    [
      'has a parent that climbs',
      withCard({ parents: ['/sys/devices/../../etc'] }),
      'cards.0.parents.0: no path below',
    ],
    [
      'has a parent elsewhere',
      withCard({ parents: ['/etc/a/b'] }),
      'cards.0.parents.0: no path below /sys/devices',
    ],
  ])('is refused when it %s', (_, content, sentence) => {
    expect(() => parseHardware(JSON.stringify(content))).toThrow(
      expect.objectContaining({
        code: 'profile-invalid',
        message: expect.stringContaining(sentence),
      }),
    );
  });

  it('is refused when it is no JSON', () => {
    expect(() => parseHardware('{')).toThrow(/no JSON/);
  });
});
