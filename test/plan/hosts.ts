import { listCards } from '../../src/engine/devices/cards.ts';
import type { CardInfo } from '../../src/engine/card-info.ts';
import type { HostParent } from '../../src/host/host.ts';
import type { SimulatedHost } from '../../src/host/simulated/host.ts';
import { createMemoryHost } from '../../src/host/simulated/memory.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';

/** A sample profile in memory, its text changed first where a test wants another card. */
export function sampleHost(
  profile: string,
  change = (text: string): string => text,
): SimulatedHost {
  return createMemoryHost(change(readSampleProfile(profile)));
}

export const cardsOf = (host: SimulatedHost): readonly CardInfo[] => listCards(host).items;

/** As a real host's: what its settings are cannot be read. */
export const withoutSettings = (cards: readonly CardInfo[]): readonly CardInfo[] =>
  cards.map((info) => ({ ...info, card: { ...info.card, settings: {} } }));

export const uuidOf = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** What the kernel shows: `parent type count`. */
export function observed(host: SimulatedHost): readonly string[] {
  return cardsOf(host).flatMap(({ parents }) =>
    parents.flatMap(({ name, types }) =>
      types.map((type) => `${name} ${type.id} ${type.availableInstances}`),
    ),
  );
}

/** Every pair of parent and type with room for one more. */
export function openings(host: SimulatedHost): readonly (readonly [HostParent, string])[] {
  return host.parents().items.flatMap((parent) =>
    host
      .types(parent)
      .items.filter(({ availableInstances }) => availableInstances > 0)
      .map((type) => [parent, type.id] as const),
  );
}

/** A profile with a setting on every card that has it. */
export function withSetting(profile: string, name: string, value: string): string {
  const line = `<setting name='${name}' value='${value}'/>`;
  const cleared = profile.replaceAll(new RegExp(`<setting name='${name}'[^>]*/>`, 'g'), '');
  const drivers = {
    aperture: 'i915',
    count: 'mbochs|mdpy',
    counter: 'generic',
    homogeneous: 'nvidia',
  };
  const driver = Object.entries(drivers).find(([key]) => key === name)?.[1] ?? '';
  const opened = cleared.replaceAll(
    new RegExp(`(<card driver='(?:${driver})'[^>]*>)`, 'g'),
    `$1${line}`,
  );
  if (opened === cleared) throw new Error(`no card has the setting '${name}'`);
  return opened;
}
