import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { roomOf } from '../../src/plan/room.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cardsOf, sampleHost, uuidOf } from './hosts.ts';

type Devices = readonly (readonly [parent: string, type: string])[];

/** Creates devices, then tells `used+free of maximum` of the types asked for. */
function room(profile: string, devices: Devices, types: readonly string[]): readonly string[] {
  const host = sampleHost(profile);
  for (const [index, [address, type]] of devices.entries()) {
    const parent = host.parent(address);
    if (parent === undefined) throw new Error(`no parent ${address}`);
    host.create(parent, type, uuidOf(index));
  }
  const card = cardsOf(host).find(({ parents }) =>
    parents.some(({ address }) => address === (devices[0]?.[0] ?? address)),
  );
  if (card === undefined) throw new Error('no card');
  const told = roomOf(card);
  const counts = told.types
    .filter(({ id }) => types.includes(id))
    .map(({ used, free, maximum, confidence }) => `${used}+${free} of ${maximum} ${confidence}`);
  return [...counts, `load ${told.load?.toFixed(3)}`];
}

const GPU = '0000:86:00.0';

it.each<readonly [what: string, devices: Devices, expected: readonly string[]]>([
  ['an empty GPU', [], ['0+16 of 16 exact', '0+4 of 4 exact', 'load 0.000']],
  ['one size', [[GPU, 'nvidia-18']], ['0+0 of 16 exact', '1+3 of 4 exact', 'load 0.250']],
  [
    'a full GPU',
    [1, 2, 3, 4].map(() => [GPU, 'nvidia-17']),
    ['0+0 of 16 exact', '0+0 of 4 exact', 'load 1.000'],
  ],
])('%s', (_, devices, expected) => {
  expect(room('nvidia-m60', devices, ['nvidia-11', 'nvidia-18'])).toEqual(expected);
});

it('counts a GPU of virtual functions as one card', () => {
  const none = room('nvidia-a40', [], ['nvidia-558', 'nvidia-566']);
  expect(none).toEqual(['0+24 of 24 upper-bound', '0+1 of 1 upper-bound', 'load 0.000']);
  const some = room(
    'nvidia-a40',
    [
      ['0000:41:00.4', 'nvidia-563'],
      ['0000:41:00.5', 'nvidia-563'],
    ],
    ['nvidia-558', 'nvidia-563'],
  );
  expect(some).toEqual(['0+0 of 24 exact', '2+2 of 4 upper-bound', 'load 0.500']);
});

it('says what the kernel shows where rules are not known', () => {
  const [info] = cardsOf(sampleHost('nvidia-m60'));
  if (info === undefined) throw new Error('no card');
  const rename = <T extends { readonly id: string }>(type: T): T => ({
    ...type,
    id: type.id.replace('nvidia', 'xe'),
  });
  const told = roomOf({
    card: { ...info.card, types: info.card.types.map(rename) },
    parents: info.parents.map((parent) => ({ ...parent, types: parent.types.map(rename) })),
  });
  expect(told.load).toBe(undefined);
  expect(told.types[0]).toEqual({
    id: 'xe-11',
    name: 'GRID M60-0B',
    used: 0,
    free: 16,
    confidence: 'exact',
    maximum: undefined,
  });
});

it('shows definitions whose parent is gone, domains with their groups, and each problem once', async () => {
  const folder = temporaryFolder({ inMemory: true });
  makeSimulatedHost(join(folder, 'host'), 'nvidia-m60');
  const definitions = join(folder, 'host/etc/mdevctl.d/0000:99:00.0');
  mkdirSync(definitions, { recursive: true });
  writeFileSync(join(definitions, uuidOf(1)), '{"mdev_type": "nvidia-18", "start": "manual"}');
  writeFileSync(join(definitions, uuidOf(2)), '{"mdev_type":');
  const host = await connect(`sim://${folder}/host`, { newUuid: () => uuidOf(3) });
  await host.create(
    `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='18'/><group>g</group></capability></device>`,
  );
  await host.claim('g', { name: 'vm' });
  const { absent, domains, cards, problems } = await host.topology();
  await host.close();
  expect(absent.map(({ uuid, type, active }) => [uuid, type, active])).toEqual([
    [uuidOf(1), 'nvidia-18', false],
  ]);
  expect(domains).toEqual([{ name: 'vm', groups: ['g'] }]);
  expect(
    cards.flatMap(({ devices }) => devices.map(({ uuid, owner }) => [uuid, owner?.name])),
  ).toEqual([[uuidOf(3), 'vm']]);
  expect(problems.map(({ code }) => code)).toEqual(['definition-invalid']);
});

it('tells why there is nothing to show', async () => {
  const folder = temporaryFolder({ inMemory: true });
  mkdirSync(join(folder, 'sys/bus/pci/devices'), { recursive: true });
  const told: string[] = [];
  const host = await connect(`sysfs://${folder}`, { report: ({ code }) => void told.push(code) });
  expect((await host.topology()).cards).toEqual([]);
  expect(told).toContain('no-mdev-support');
  await host.close();
});

it('tells a host all but its generation when a file of one device cannot be read', async () => {
  const root = join(temporaryFolder({ inMemory: true }), 'host');
  makeSimulatedHost(root, 's390-ccw-ap');
  await using connection = await connect(`sim://${root}`);
  await connection.create(
    `<device><parent>ap_matrix</parent><capability type='mdev'><type id='vfio_ap-passthrough'/><uuid>${uuidOf(0)}</uuid></capability></device>`,
  );
  expect((await connection.topology()).generation).toBeDefined();
  rmSync(join(root, 'sys/bus/mdev/devices', uuidOf(0), 'matrix'));
  const { cards, generation, problems } = await connection.topology();
  expect(cards.flatMap(({ devices }) => devices.map(({ uuid }) => uuid))).toEqual([uuidOf(0)]);
  expect(generation).toBeUndefined();
  expect(problems).toMatchObject([
    { code: 'host-refused', message: expect.stringContaining('matrix') },
  ]);
});
