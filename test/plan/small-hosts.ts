import * as fc from 'fast-check';
import type { Card, CardType } from '../../src/drivers/driver.ts';
import { driverForType, typeAttributes } from '../../src/drivers/registry.ts';
import { matchingTypes } from '../../src/drivers/matching-types.ts';
import type { CardInfo } from '../../src/engine/card-info.ts';
import type { Affinity, PlacementRequest } from '../../src/plan/placement.ts';
import { uuid } from '../drivers/cards.ts';
import { gvtg } from '../drivers/i915/types.ts';
import { mbochsTypes } from '../drivers/mbochs/types.ts';
import { mttyTypes } from '../drivers/mtty/types.ts';
import { a40, m60 } from '../drivers/nvidia/types.ts';

const some = (types: readonly CardType[], ...ends: readonly string[]): readonly CardType[] =>
  types.filter(({ id }) => ends.some((end) => id.endsWith(end)));

interface Model {
  readonly types: readonly CardType[];
  readonly parents: number;
  readonly settings?: Readonly<Record<string, string>>;
}

const MODELS: readonly Model[] = [
  { types: some(m60, '-15', '-18', '-20', '-22'), parents: 1 },
  { types: some(m60, '-18', '-17', '-22'), parents: 1, settings: { homogeneous: 'type' } },
  { types: some(m60, '-18', '-20'), parents: 1, settings: { homogeneous: 'none' } },
  { types: some(a40, '-563', '-564', '-565'), parents: 3 },
  { types: gvtg, parents: 1 },
  { types: gvtg, parents: 1, settings: { aperture: '1024' } },
  { types: mttyTypes, parents: 1 },
  { types: mbochsTypes, parents: 1, settings: { count: '64' } },
];

/** A card of a model with what the kernel would show. */
export function cardInfo(
  { types: listed, parents: count, settings = {} }: Model,
  name: string,
  numaNode: number | undefined,
  devices: Card['devices'],
): CardInfo {
  const parents = Array.from({ length: count }, (_, index) => `${name}.${index}`);
  const driver = driverForType(listed[0]?.id ?? '');
  const empty = { parents, types: listed, settings, devices: [] };
  const types = listed.filter((type) => driver?.offers?.(empty, type) !== false);
  const card = { parents, types, settings, devices };
  return {
    card,
    parents: parents.map((address) => ({
      name: `pci_${address}`,
      address,
      numaNode,
      types: types.map((type) => ({
        ...type,
        availableInstances: driver?.available(card, address, type) ?? 0,
      })),
    })),
  };
}

/** A card with some devices on it already. */
function filledCard(name: string, models: readonly number[]): fc.Arbitrary<CardInfo> {
  return fc
    .tuple(
      fc.constantFrom(...models),
      fc.constantFrom(0, 1, undefined),
      fc.array(fc.nat(100), { maxLength: 2 }),
    )
    .map(([index, numaNode, picks]) => {
      const model = MODELS[index] ?? { types: [], parents: 0 };
      return picks.reduce(
        (info, pick, at) => {
          const places = info.parents.flatMap((parent) =>
            parent.types
              .filter(({ availableInstances }) => availableInstances > 0)
              .map((type) => ({ parent: parent.address, type: type.id })),
          );
          const place = places[pick % Math.max(1, places.length)];
          if (place === undefined) return info;
          const device = { uuid: uuid(at), ...place };
          return cardInfo(model, name, numaNode, [...info.card.devices, device]);
        },
        cardInfo(model, name, numaNode, []),
      );
    });
}

const TYPES = [
  'M60-1Q',
  'M60-2Q',
  'M60-8Q',
  'framebuffer>=2G',
  'nvidia-564',
  'A40-16Q',
  'A40-48Q',
  'low-memory>=128M',
  'i915-GVTg_V5_2',
  'mtty-2',
  'mbochs-large',
  'video-memory>=16M',
];
const AFFINITIES: readonly (Affinity | undefined)[] = [
  undefined,
  'same-parent',
  'different-parents',
  'same-numa-node',
];

export interface Problem {
  readonly cards: readonly CardInfo[];
  readonly requests: readonly PlacementRequest[];
}

const offers = (cards: readonly CardInfo[], type: string): boolean =>
  cards.some(
    ({ card: { types } }) =>
      matchingTypes(
        types.map((each) => ({ ...each, attributes: typeAttributes(each) })),
        type,
      ).length > 0,
  );

/** Up to three cards, mostly of one or two models, and up to four devices of types that some of them offer. */
export const problems: fc.Arbitrary<Problem> = fc
  .tuple(
    fc.uniqueArray(fc.nat(MODELS.length - 1), { minLength: 1, maxLength: 2 }),
    fc.integer({ min: 1, max: 3 }),
  )
  .chain(([models, count]) =>
    fc.tuple(...Array.from({ length: count }, (_, index) => filledCard(`c${index}`, models))),
  )
  .chain((cards) => {
    const types = TYPES.filter((type) => offers(cards, type));
    const request = fc.record({
      type: fc.constantFrom(...types),
      count: fc.integer({ min: 1, max: 2 }),
      affinity: fc.constantFrom(...AFFINITIES),
    });
    return fc.tuple(
      fc.constant(cards),
      fc.array(request, { minLength: 1, maxLength: 2 }),
      fc.boolean(),
    );
  })
  .map(([cards, requests, together]) => ({
    cards,
    requests: together
      ? requests.map(({ type, count }) => ({
          type,
          count,
          group: 'g',
          affinity: requests[0]?.affinity,
        }))
      : requests,
  }));
