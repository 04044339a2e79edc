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
    ['is no object', [], 'the host is no object'],
    ['has no name', { cards: [] }, 'name is no text'],
    ['has no cards', { name: 'x', cards: {} }, 'cards is no list'],
    ['has a card of nothing', { name: 'x', cards: [null] }, 'a card is no object'],
    ['names an unknown driver', withCard({ driver: 'constructor' }), "driver 'constructor'"],
    ['has a setting its driver has not', withCard({ settings: { size: '1' } }), 'size'],
    ['has a number as a setting', withCard({ settings: { ports: 1 } }), 'ports is no text'],
    ['has a type that climbs', withCard({ types: [{ ...type, id: '..' }] }), "'..' can be no"],
    ['has a type without API', withCard({ types: [{ id: 'mtty-1' }] }), 'deviceApi is no text'],
    ['has a numeric name', withCard({ types: [{ ...type, name: 1 }] }), 'name is no text'],
    ['has a parent that climbs', withCard({ parents: ['/sys/devices/../../etc'] }), 'none below'],
    ['has a parent elsewhere', withCard({ parents: ['/etc/a/b'] }), 'none below /sys/devices'],
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
