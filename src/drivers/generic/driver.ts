import { explanation, partOf } from '../card.ts';
import { descriptionItems } from '../description.ts';
import type { Card, CardDevice, CardType, Driver, DriverSetting } from '../driver.ts';
import { settingOf } from '../settings.ts';

/** What devices of a type take room from: how many such places a card has, in words, and which of its devices are in one. */
export interface Counter {
  readonly places: (card: Card) => number;
  readonly who: string;
  readonly isIn: (device: CardDevice, parent: string, type: string) => boolean;
}

const PER_PARENT: Counter = {
  places: ({ parents }) => parents.length,
  who: 'All devices of a parent',
  isIn: (device, parent) => device.parent === parent,
};

/** By the setting's words, the likeliest first. */
export const COUNTERS: Readonly<Record<string, Counter>> = {
  parent: PER_PARENT,
  shared: { places: () => 1, who: 'All devices of the card', isIn: () => true },
  type: {
    places: ({ parents, types }) => parents.length * types.length,
    who: 'The devices of one type on a parent',
    isIn: (device, parent, type) => device.parent === parent && device.type === type,
  },
};

const COUNTER: DriverSetting = {
  name: 'counter',
  default: 'parent',
  words: Object.keys(COUNTERS),
};

const counterOf = (card: Card): Counter => COUNTERS[settingOf(card, COUNTER)] ?? PER_PARENT;

const instancesOf = ({ instances = 0 }: CardType): number => instances;

const rivals = (card: Card, parent: string, type: CardType): readonly CardDevice[] => {
  const { isIn } = counterOf(card);
  return card.devices.filter((device) => isIn(device, parent, type.id));
};

/** So many parts in a million do not count: sums of fractions are not exact, and no type has so many instances. */
const ROUNDING = 1e-9;

function available(card: Card, parent: string, type: CardType): number {
  const instances = new Map(card.types.map((each) => [each.id, instancesOf(each)]));
  const taken = rivals(card, parent, type).reduce((sum, device) => {
    const most = instances.get(device.type) ?? 0;
    return most === 0 ? sum : sum + 1 / most;
  }, 0);
  return Math.max(0, Math.floor(instancesOf(type) * (1 - taken) + ROUNDING));
}

/**
 * A driver of no known vendor, for profiles only. A type says how many devices of it there are when there is no other
 * (`<availableInstances>`); each takes that part of the room, which is counted for each parent, each type of a parent, or
 * the whole card. It refuses as the mediated device core does (kernel 6.1, drivers/vfio/mdev/mdev_core.c): EUSERS at 0.
 * Its devices are bound to vfio_mdev, the only mdev driver of kernels before 5.16 (drivers/vfio/mdev/vfio_mdev.c).
 */
export const generic: Driver = {
  name: 'generic',
  takesAnyType: true,
  mdevDriver: 'vfio_mdev',
  subsystem: 'pci',
  settings: [COUNTER],
  available,
  refusal: (card, parent, type) => (available(card, parent, type) > 0 ? undefined : 'EUSERS'),
  share: (card, type) => partOf(1, 1 / (instancesOf(type) * counterOf(card).places(card))),
  explain: (card, parent, type) =>
    explanation({
      available: available(card, parent, type),
      maximum: instancesOf(type),
      rule: `${counterOf(card).who} share the room, which is enough for ${instancesOf(type)} of ${type.id}.`,
      blockers: rivals(card, parent, type),
    }),
  attributes: (type) => descriptionItems(type.description),
  deviceAttributes: (_uuid, { attributes = [] }) =>
    attributes.map(({ name, value }) => ({ name, value, mode: 0o644 })),
  hotplugRefusal: () => undefined,
  guestPci: () => undefined,
};
