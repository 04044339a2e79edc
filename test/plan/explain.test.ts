import { describe, expect, it } from 'vitest';
import type { SimulatedHost } from '../../src/host/simulated/host.ts';
import { explain, type TypeExplanation } from '../../src/plan/explain.ts';
import { cardsOf, sampleHost, uuidOf } from './hosts.ts';

/** Devices of these types on the only parent that offers each, or the first; uuids count from 1. */
function hostWith(profile: string, types: readonly string[]): SimulatedHost {
  const host = sampleHost(profile);
  for (const [index, id] of types.entries()) {
    const parent = host
      .parents()
      .items.find((each) => (host.type(each, id)?.availableInstances ?? 0) > 0);
    if (parent !== undefined) host.create(parent, id, uuidOf(index + 1));
  }
  return host;
}

const first = (host: SimulatedHost, type: string): TypeExplanation | undefined =>
  explain(cardsOf(host), type)[0];
const uuids = (devices: readonly { readonly uuid: string }[] = []): readonly number[] =>
  devices.map(({ uuid }) => Number(uuid.slice(-12)));

describe('explain', () => {
  it.each<
    [
      string,
      string,
      readonly string[],
      string,
      number,
      readonly number[],
      readonly (readonly number[])[],
    ]
  >([
    ['an empty GPU', 'nvidia-m60', [], 'nvidia-18', 4, [], []],
    ['another size', 'nvidia-m60', ['nvidia-18', 'nvidia-18'], 'nvidia-22', 0, [1, 2], [[1, 2]]],
    ['the same size', 'nvidia-m60', ['nvidia-18', 'nvidia-17'], 'M60-2A', 2, [1, 2], [[1], [2]]],
    [
      'a budget',
      'kernel-samples',
      ['mbochs-large', 'mbochs-small'],
      'mbochs-large',
      2,
      [1, 2],
      [[1], [2]],
    ],
    [
      'ports',
      'kernel-samples',
      ['mtty-1', 'mtty-2', 'mtty-2'],
      'mtty-2',
      9,
      [1, 2, 3],
      [[1], [2], [3]],
    ],
    ['a subchannel', 's390-ccw-ap', ['vfio_ccw-io'], 'vfio_ccw-io', 0, [1], [[1]]],
  ])('%s', (_, profile, types, wanted, available, blockedBy, freedBy) => {
    const told = first(hostWith(profile, types), wanted);
    expect({
      available: told?.available,
      blockedBy: uuids(told?.blockedBy),
      freedBy: told?.freedBy.map(uuids),
    }).toEqual({ available, blockedBy, freedBy });
    expect(told?.rule).toMatch(/\.$/);
  });

  it('all parents that offer the type, and one', () => {
    const cards = cardsOf(sampleHost('nvidia-m60'));
    expect(explain(cards, 'M60-8Q').map(({ parent }) => parent)).toEqual([
      'pci_0000_86_00_0',
      'pci_0000_87_00_0',
    ]);
    expect(explain(cards, 'M60-8Q', '0000:87:00.0')).toHaveLength(1);
    expect(() => explain(cards, 'M61-8Q')).toThrow("no parent offers mdev type 'M61-8Q'");
  });

  it('frees what nobody uses before what a domain holds', () => {
    const host = hostWith('kernel-samples', ['mtty-1', 'mtty-1', 'mtty-1']);
    const device = host.find(uuidOf(1));
    host.open(device === undefined ? [] : [device], { domain: 'vm1', pid: 1 });
    const told = first(host, 'mtty-1');
    expect(told?.blockedBy.map(({ holder }) => holder)).toEqual(['vm1', undefined, undefined]);
    expect(uuids(told?.freedBy.flat())).not.toContain(1);
  });

  it('does not pretend to know other drivers', () => {
    const type = { id: 'idxd-1swq', deviceApi: 'vfio-pci', availableInstances: 3 };
    const info = {
      card: { parents: ['x'], types: [type], devices: [], settings: {} },
      parents: [{ name: 'pci_x', address: 'x', types: [type] }],
    };
    expect(explain([info], 'idxd-1swq')).toMatchObject([
      { available: 3, rule: expect.stringContaining('not known') },
    ]);
  });
});
