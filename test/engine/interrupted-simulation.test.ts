import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connect, type Issue } from '../../src/index.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PARENT = '/sys/devices/pci0000:80/0000:80:02.0/0000:84:00.0/0000:85:08.0/0000:86:00.0';
const UUID = '00000000-0000-4000-8000-000000000001';

/** A host on which a process died while it created a device: its folder is there, its link on the bus is not. */
function interrupted(): { readonly root: string; readonly mark: string } {
  const root = join(temporaryFolder(), 'host');
  makeSimulatedHost(root, 'nvidia-m60');
  const folder = join(root, PARENT, UUID);
  mkdirSync(folder);
  symlinkSync('../mdev_supported_types/nvidia-18', join(folder, 'mdev_type'));
  writeFileSync(join(root, PARENT, 'mdev_supported_types/nvidia-18/available_instances'), '3\n');
  const device = { uuid: UUID, parentPath: PARENT, type: 'nvidia-18', driver: 'nvidia' };
  const pending = { do: 'create', device: { ...device, group: 0, index: 0 }, log: 0 };
  const mark = join(root, 'sim/changing');
  symlinkSync(JSON.stringify(pending), mark);
  return { root, mark };
}

/** What somebody who only looks is shown and told. */
async function look(root: string): Promise<unknown> {
  const told: Issue[] = [];
  const host = await connect(`sim://${root}`, { report: (issue) => told.push(issue) });
  const { items } = await host.types({ parent: 'pci_0000_86_00_0' });
  await host.close();
  return [
    items.find(({ id }) => id === 'nvidia-18')?.availableInstances,
    told.map((issue) => issue.code),
  ];
}

it('is put right by whoever comes next, also if he only looks', async () => {
  const { root, mark } = interrupted();
  expect(await look(root)).toEqual([4, []]);
  expect(lstatSync(mark, { throwIfNoEntry: false })).toBeUndefined();
  expect(existsSync(join(root, PARENT, UUID))).toBe(false);
});

it('that cannot be put right is told of, and seen as if it had not begun', async () => {
  const { root, mark } = interrupted();
  rmSync(join(root, 'sim/uevents.log'));
  mkdirSync(join(root, 'sim/uevents.log'));
  expect(await look(root)).toEqual([4, ['recovery-failed']]);
  expect(lstatSync(mark).isSymbolicLink()).toBe(true);
});
