import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Card, CardDevice, CardType, Driver } from '../../src/drivers/driver.ts';
import { driverForType } from '../../src/drivers/registry.ts';
import {
  a40,
  apTypes,
  ccwTypes,
  gvtg,
  m60,
  mbochsTypes,
  mdpyTypes,
  mttyTypes,
  t4,
  uuid,
} from './tables.ts';

interface Subject {
  readonly name: string;
  readonly types: readonly CardType[];
  readonly parents?: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  /** What no sequence may exceed, said without the driver's code. */
  readonly capacity: (devices: readonly CardDevice[]) => boolean;
  readonly errno: string;
}

const number = (text: string | undefined, pattern: RegExp): number =>
  Number(pattern.exec(text ?? '')?.[1]);

/** The sum of a number in the descriptions of the devices' types. */
const sum = (devices: readonly CardDevice[], types: readonly CardType[], pattern: RegExp): number =>
  devices.reduce(
    (total, device) =>
      total + number(types.find((type) => type.id === device.type)?.description, pattern),
    0,
  );

const FRAMEBUFFER = /framebuffer=(\d+)M/;
const functions = Array.from({ length: 32 }, (_, index) => `vf${index}`);

const subjects: readonly Subject[] = [
  {
    name: 'M60',
    types: m60,
    capacity: (devices) =>
      sum(devices, m60, FRAMEBUFFER) <= 8192 &&
      new Set(devices.map(({ type }) => sum([{ uuid: '', parent: '', type }], m60, FRAMEBUFFER)))
        .size <= 1,
    errno: 'ENOSPC',
  },
  {
    name: 'T4, one type per GPU',
    types: t4,
    settings: { homogeneous: 'type' },
    capacity: (devices) =>
      sum(devices, t4, FRAMEBUFFER) <= 16384 && new Set(devices.map(({ type }) => type)).size <= 1,
    errno: 'ENOSPC',
  },
  {
    name: 'T4, mixed sizes',
    types: t4,
    settings: { homogeneous: 'none' },
    capacity: (devices) => sum(devices, t4, FRAMEBUFFER) <= 16384,
    errno: 'ENOSPC',
  },
  {
    name: 'A40 with 32 virtual functions',
    types: a40,
    parents: functions,
    capacity: (devices) =>
      sum(devices, a40, FRAMEBUFFER) <= 49152 &&
      new Set(devices.map(({ parent }) => parent)).size === devices.length,
    errno: 'ENOSPC',
  },
  {
    name: 'GVT-g',
    types: gvtg,
    settings: { aperture: '1024' },
    capacity: (devices) =>
      sum(devices, gvtg, /low_gm_size: (\d+)MB/) <= 896 &&
      sum(devices, gvtg, /high_gm_size: (\d+)MB/) <= 2688 &&
      devices.length <= 7,
    errno: 'ENOSPC',
  },
  {
    name: 'mtty',
    types: mttyTypes,
    capacity: (devices) =>
      devices.reduce((ports, { type }) => ports + number(type, /-(\d)/), 0) <= 24,
    errno: 'ENOSPC',
  },
  {
    name: 'mdpy',
    types: mdpyTypes,
    capacity: (devices) => devices.length <= 4,
    errno: 'EUSERS',
  },
  {
    name: 'mbochs',
    types: mbochsTypes,
    capacity: (devices) => sum(devices, mbochsTypes, /(\d+) MB/) <= 256,
    errno: 'ENOSPC',
  },
  {
    name: 'vfio_ccw',
    types: ccwTypes,
    capacity: (devices) => devices.length <= 1,
    errno: 'EUSERS',
  },
  {
    name: 'vfio_ap',
    types: apTypes,
    capacity: (devices) => devices.length <= 65536,
    errno: 'EUSERS',
  },
];

/** Up to 80 creations (more of them) and removals, each by a number that picks type, parent or device. */
const steps = fc.array(
  fc.record({
    act: fc.constantFrom('create', 'create', 'create', 'remove'),
    pick: fc.nat(1_000_000),
  }),
  { maxLength: 80 },
);

const driverOf = (types: readonly CardType[]): Driver => {
  const driver = driverForType(types[0]?.id ?? '');
  if (!driver) throw new Error('this test’s types have no driver');
  return driver;
};

const emptyCard = ({ types, parents = ['parent'], settings = {} }: Subject): Card => ({
  types,
  parents,
  settings,
  devices: [],
});

const at = <T>(items: readonly T[], pick: number): T => {
  const item = items[pick % items.length];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
};

/** Every (parent, type) pair of a few parents: first, last, and one between. */
const places = (card: Card) =>
  [...new Set([0, 7, card.parents.length - 1])]
    .flatMap((index) => card.parents[index] ?? [])
    .flatMap((parent) => card.types.map((type) => ({ parent, type })));

const numbers = (driver: Driver, card: Card): readonly number[] =>
  places(card).map(({ parent, type }) => driver.available(card, parent, type));

/** The cards a sequence of steps passes through; a refused creation changes nothing. */
function history(
  subject: Subject,
  sequence: readonly { readonly act: string; readonly pick: number }[],
): readonly Card[] {
  const driver = driverOf(subject.types);
  const cards = [emptyCard(subject)];
  for (const [index, { act, pick }] of sequence.entries()) {
    const card = at(cards, cards.length - 1);
    if (act === 'remove' && card.devices.length > 0) {
      const gone = at(card.devices, pick);
      cards.push({ ...card, devices: card.devices.filter((device) => device !== gone) });
    } else {
      const type = at(card.types, pick);
      const parent = at(card.parents, Math.floor(pick / card.types.length));
      if (driver.refusal(card, parent, type) !== undefined) continue;
      const device = { uuid: uuid(index), parent, type: type.id };
      cards.push({ ...card, devices: [...card.devices, device] });
    }
  }
  return cards;
}

const runs = { numRuns: 30 };

describe.each(subjects)('$name', (subject) => {
  const driver = driverOf(subject.types);

  it('never has more devices than it can have', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const cards = history(subject, sequence);
        expect(cards.filter((card) => !subject.capacity(card.devices))).toEqual([]);
      }),
      runs,
    );
  });

  it('has devices whose shares are at most the whole card', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const totals = history(subject, sequence).map((card) =>
          card.devices.reduce((total, device) => {
            const type = card.types.find(({ id }) => id === device.type);
            return total + (type === undefined ? 0 : driver.share(card, type));
          }, 0),
        );
        expect(Math.max(...totals)).toBeLessThanOrEqual(1 + 1e-9);
      }),
      runs,
    );
  });

  it('offers between nothing and the maximum, and refuses exactly when it offers nothing', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const cards = history(subject, sequence);
        const card = at(cards, cards.length - 1);
        for (const { parent, type } of places(card)) {
          const available = driver.available(card, parent, type);
          const { maximum, ...explained } = driver.explain(card, parent, type);
          expect(explained.available).toBe(available);
          expect(Number.isInteger(available) && available >= 0 && available <= maximum).toBe(true);
          expect(driver.refusal(card, parent, type)).toBe(
            available === 0 ? subject.errno : undefined,
          );
        }
      }),
      runs,
    );
  });

  it('offers never more after a creation, never less after a removal', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const cards = history(subject, sequence);
        for (const [index, card] of cards.slice(1).entries()) {
          const previous = at(cards, index);
          const grew = card.devices.length > previous.devices.length;
          const [more, less] = grew ? [previous, card] : [card, previous];
          const after = numbers(driver, less);
          expect(numbers(driver, more).every((count, place) => count >= (after[place] ?? 0))).toBe(
            true,
          );
        }
      }),
      runs,
    );
  });

  it('names as blocking what, once gone, gives more', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const cards = history(subject, sequence);
        const card = at(cards, cards.length - 1);
        for (const { parent, type } of places(card)) {
          const { available, maximum, blockedBy } = driver.explain(card, parent, type);
          const without = {
            ...card,
            devices: card.devices.filter((device) => !blockedBy.includes(device.uuid)),
          };
          expect(blockedBy.length > 0).toBe(available < maximum);
          expect(driver.available(without, parent, type) > available).toBe(available < maximum);
        }
      }),
      runs,
    );
  });
});
