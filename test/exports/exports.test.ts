import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../src/exports/inventory.ts';
import { novaExport } from '../../src/exports/nova.ts';
import { opennebulaExport } from '../../src/exports/opennebula.ts';
import { proxmoxExport } from '../../src/exports/proxmox.ts';
import type { NodeDevice } from '../../src/nodedev/device.ts';
import { connect } from '../../src/remote/connect.ts';
import type { Connection } from '../../src/plan/connection.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import type { Topology } from '../../src/plan/topology.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const EXPORTS = { nova: novaExport, proxmox: proxmoxExport, opennebula: opennebulaExport };
const xml = (parent: string, type: string): string =>
  `<device><parent>${parent}</parent><capability type='mdev'><type id='${type}'/></capability></device>`;

async function hostOf(profile: string): Promise<Connection> {
  const folder = temporaryFolder({ inMemory: true });
  makeSimulatedHost(`${folder}/host`, profile);
  return connect(`sim://${folder}/host`);
}

async function read(connection: Connection): Promise<{
  readonly topology: Topology;
  readonly parents: ReadonlyMap<string, NodeDevice>;
}> {
  const topology = await connection.topology();
  const parents = new Map<string, NodeDevice>();
  for (const { name } of topology.cards.flatMap((card) => card.parents)) {
    parents.set(name, await connection.lookup(name));
  }
  return { topology, parents };
}

const HOSTS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    'mixed-frameworks',
    [
      ['pci_0000_3b_00_0', 'nvidia-230'],
      ['pci_0000_42_00_4', 'nvidia-1155'],
      ['pci_0000_42_00_5', 'nvidia-1165'],
      ['mtty_mtty', 'mtty-1'],
    ],
  ],
  [
    'nvidia-m60',
    [
      ['pci_0000_86_00_0', 'nvidia-18'],
      ['pci_0000_86_00_0', 'nvidia-18'],
      ['pci_0000_87_00_0', 'nvidia-12'],
    ],
  ],
  ['s390-ccw-ap', []],
];

describe.each(HOSTS)('%s', (profile, devices) => {
  it.each(Object.entries(EXPORTS))('for %s', async (manager, formatted) => {
    const connection = await hostOf(profile);
    for (const [parent, type] of devices) await connection.create(xml(parent, type));
    const { topology, parents } = await read(connection);
    const text = formatted(inventoryOf(topology, parents));
    await expect(text).toMatchFileSnapshot(`golden/${manager}-${profile}.txt`);
  });
});

it('of a function with an active and another defined device, the active one counts', async () => {
  const connection = await hostOf('nvidia-l40s');
  await connection.define(xml('pci_0000_42_00_4', 'nvidia-1155'));
  await connection.create(xml('pci_0000_42_00_4', 'nvidia-1156'));
  const { topology, parents } = await read(connection);
  const text = novaExport(inventoryOf(topology, parents));
  expect(text.match(/^device_spec = .*/gmu)).toHaveLength(1);
  expect(text).toContain('CUSTOM_L40S_48Q');
  expect(text).not.toContain('24Q');
});

it('a parent with several mdev types is told of, since Nova takes one for each address', async () => {
  const connection = await hostOf('nvidia-t4');
  for (const type of ['nvidia-230', 'nvidia-225']) {
    await connection.create(xml('pci_0000_3b_00_0', type));
  }
  const { topology, parents } = await read(connection);
  expect(novaExport(inventoryOf(topology, parents))).toContain('0000:3b:00.0 has several types');
});

it('no name ends a comment or a word, and what is no PCI address is left out', async () => {
  const { topology, parents } = await read(await hostOf('nvidia-l40s'));
  const evil = 'x\n"\\$(reboot)`\u001b[2J';
  const cards = topology.cards.map((card) => ({
    ...card,
    product: evil,
    types: card.types.map((type) => ({ ...type, name: `${evil}${type.name}` })),
    devices: [{ name: 'a', uuid: 'b', parent: '0000:42:00.4', type: 'nvidia-1155', active: true }],
    parents: card.parents.map((one, index) => (index === 1 ? { ...one, address: evil } : one)),
  }));
  const inventory = inventoryOf({ ...topology, cards }, parents);
  expect(inventory.cards[0]?.places).toHaveLength(31);
  for (const formatted of Object.values(EXPORTS)) {
    const lines = formatted(inventory).split('\n');
    expect(lines.filter((line) => line.startsWith('"'))).toEqual([]);
    expect(lines.join('')).not.toContain('\u001b');
  }
  const script = proxmoxExport(inventory);
  expect(spawnSync('sh', ['-n'], { input: script }).status).toBe(0);
  expect(
    script.split('\n').filter((line) => /reboot/u.test(line) && !line.startsWith('#')),
  ).toEqual([]);
});
