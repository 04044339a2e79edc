import { describe, expect, it } from 'vitest';
import { connect, type HostInventory, sampleProfiles } from '../../src/index.ts';
import type { CardInfo } from '../../src/engine/card-info.ts';
import { place } from '../../src/plan/place.ts';
import { unpackCard } from '../../src/plan/inventory.ts';
import {
  createAround,
  domainXml,
  open,
  type PlannedHost,
  plannedHost,
  wishXml,
} from './planned-host.ts';
import { stateOf } from '../engine/journal/operations.ts';
import { uuidOf } from './hosts.ts';

const GPU = '0000:86:00.0';
const [A, B, C] = [uuidOf(1), uuidOf(2), uuidOf(3)] as const;
const vgpu = (uuid: string): string => wishXml({ uuid, parent: GPU, type: 'nvidia-18' });

describe.each(sampleProfiles())('the inventory of %s', (profile) => {
  it('is plain data, of which its cards are made again', async () => {
    const host = await connect(`test:///${profile}`);
    const sent: HostInventory = JSON.parse(JSON.stringify(await host.inventory()));
    const { cards } = plannedHost(profile).manager;
    const { items } = await cards();
    const parents = (all: readonly CardInfo[]): unknown => all.map((each) => each.parents);
    const made = sent.cards.map(unpackCard);
    // A driver of one's own adds what its rules need.
    expect(parents(made)).toMatchObject(JSON.parse(JSON.stringify(parents(items))));
    const type = items[0]?.card.types[0]?.id;
    if (type === undefined) return;
    const asked = [{ type, count: 2 }];
    expect(place(made, asked)).toEqual(await host.place(asked));
  });
});

/** What others do to a host, and what we do ourselves. */
const CHANGES: readonly (readonly [string, (given: PlannedHost) => unknown])[] = [
  ['a device of the kernel', ({ host }) => createAround(host, GPU, 'nvidia-18', C)],
  ['another create', ({ connection }) => connection.create(vgpu(C))],
  ["a definition, which is mdevctl's file", ({ connection }) => connection.define(vgpu(C))],
  ['an owner', ({ connection }) => connection.claim('g', { name: 'vm1' })],
  ['a VM that starts', ({ host }) => open(host, 'vm1', A)],
];

describe('a change on condition of a generation', () => {
  const calls: readonly (readonly [
    string,
    (given: PlannedHost, generation?: string) => unknown,
  ])[] = [
    ['create', ({ connection }, ifGeneration) => connection.create(vgpu(B), { ifGeneration })],
    ['define', ({ connection }, ifGeneration) => connection.define(vgpu(B), { ifGeneration })],
    [
      'apply',
      async ({ connection }, ifGeneration) =>
        connection.apply(await connection.plan(vgpu(B)), { ifGeneration }),
    ],
    [
      'apply of nothing',
      async ({ connection }, ifGeneration) =>
        connection.apply(await connection.plan(vgpu(A)), { ifGeneration }),
    ],
  ];
  const generationOf = async ({ connection }: PlannedHost) =>
    (await connection.topology()).generation;
  const given = async (): Promise<PlannedHost> => {
    const host = plannedHost();
    await host.connection.create(wishXml({ uuid: A, parent: GPU, type: 'nvidia-18', group: 'g' }));
    return host;
  };

  it.each(calls)('%s is done on the host that was seen', async (_, call) => {
    const host = await given();
    await expect(call(host, await generationOf(host))).resolves.toBeDefined();
  });

  it.each(
    calls.flatMap(([name, call]) =>
      CHANGES.map(([what, change]) => [name, what, call, change] as const),
    ),
  )('%s is refused after %s', async (_, __, call, change) => {
    const host = await given();
    const seen = await generationOf(host);
    await change(host);
    const before = await stateOf(host.connection);
    await expect(call(host, seen)).rejects.toMatchObject({ code: 'plan-stale' });
    expect(await stateOf(host.connection)).toEqual(before);
    expect(await generationOf(host)).not.toBe(seen);
  });

  it('is the same for every connection, and stays while nothing changes', async () => {
    const host = await given();
    const { generation } = await host.connection.inventory();
    expect(await generationOf(host)).toBe(generation);
    await host.connection.plan([vgpu(B), domainXml('vm1', [B])]);
    expect(await generationOf(host)).toBe(generation);
  });
});
