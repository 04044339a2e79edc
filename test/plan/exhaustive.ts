import type { Card } from '../../src/drivers/driver.ts';
import { driverForType, typeAttributes } from '../../src/drivers/registry.ts';
import { matchingTypes } from '../../src/drivers/matching-types.ts';
import type { CardInfo } from '../../src/engine/card-info.ts';
import type { Affinity, PlacementRequest, Policy } from '../../src/plan/placement.ts';

/** The best cost of all placements, tried one by one with the drivers' rules; undefined when there is none. */
export function bestCost(
  cards: readonly CardInfo[],
  requests: readonly PlacementRequest[],
  policy: Policy,
): number | undefined {
  const devices = requests.flatMap(({ type, count = 1, group, affinity }, index) =>
    Array.from({ length: count }, () => ({ type, affinity, group: group ?? `${index}` })),
  );
  let best: number | undefined;
  const chosen: Chosen[] = [];
  const go = (index: number, now: readonly Card[]): void => {
    const device = devices[index];
    if (device === undefined) {
      const cost = costOf(policy, cards, now);
      if (best === undefined || cost < best) best = cost;
      return;
    }
    const mates = chosen.filter(({ group }) => group === device.group);
    for (const [at, info] of cards.entries()) {
      const card = now[at];
      if (card === undefined) continue;
      for (const { address, numaNode, types } of info.parents) {
        if (!mates.every((mate) => agree(device.affinity, mate, { address, numaNode }))) continue;
        const described = types.map((type) => ({ ...type, attributes: typeAttributes(type) }));
        for (const type of matchingTypes(described, device.type)) {
          const room = driverForType(type.id)?.available(card, address, type) ?? 0;
          if (room === 0) continue;
          const uuid = `new-${index}`;
          const added = {
            ...card,
            devices: [...card.devices, { uuid, parent: address, type: type.id }],
          };
          chosen.push({ group: device.group, address, numaNode });
          go(index + 1, now.with(at, added));
          chosen.pop();
        }
      }
    }
  };
  go(
    0,
    cards.map(({ card }) => card),
  );
  return best;
}

interface Chosen {
  readonly group: string;
  readonly address: string;
  readonly numaNode: number | undefined;
}

function agree(
  affinity: Affinity | undefined,
  mate: Chosen,
  { address, numaNode }: Omit<Chosen, 'group'>,
): boolean {
  switch (affinity) {
    case undefined:
      return true;
    case 'same-parent':
      return mate.address === address;
    case 'different-parents':
      return mate.address !== address;
    case 'same-numa-node':
      return mate.numaNode === numaNode;
  }
}

function costOf(policy: Policy, before: readonly CardInfo[], after: readonly Card[]): number {
  return after.reduce((sum, { devices }, index) => {
    if (policy === 'spread') return sum + devices.length ** 2;
    const wasEmpty = before[index]?.card.devices.length === 0;
    return sum + (wasEmpty && devices.length > 0 ? 1 : 0);
  }, 0);
}
