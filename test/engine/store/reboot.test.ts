import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../src/engine/definitions/definitions.ts';
import { connect, type Issue, type NodeDeviceManager } from '../../../src/index.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { XML } from '../journal/operations.ts';

const JOURNAL = 'var/lib/virt-nodedev/journal';
const UUIDS = [1, 2, 3].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);

let root: string;
let told: Issue[];

const open = (): Promise<NodeDeviceManager> => {
  told = [];
  return connect(`sim://${root}`, { report: (issue) => told.push(issue) });
};

const bootId = (): string =>
  readFileSync(join(root, 'proc/sys/kernel/random/boot_id'), 'utf8').trim();

/** The host after a reboot: another boot id, no devices; definitions and stores as they were on disk. */
async function reboot(manager: NodeDeviceManager): Promise<NodeDeviceManager> {
  const before = bootId();
  await manager.resetHost();
  await manager.close();
  expect(bootId()).not.toBe(before);
  return open();
}

/** Leaves in the journal what a process leaves that is killed after this many steps. */
function interrupt(operation: (uuid: string) => object, steps: number): void {
  const intents = UUIDS.map((uuid) => ({
    uuid,
    parent: '0000:86:00.0',
    type: 'nvidia-18',
    group: 'g',
    ...operation(uuid),
  }));
  const entry = { format: 1, writer: '0', id: 'aa', boot: bootId(), intents };
  mkdirSync(join(root, JOURNAL), { recursive: true });
  writeFileSync(join(root, JOURNAL, 'aa.json'), JSON.stringify(entry) + '\n'.repeat(steps));
}

const contentOf = (uuid: string): string =>
  fingerprintOf(readFileSync(join(root, 'etc/mdevctl.d/0000:86:00.0', uuid)));

beforeEach(() => {
  root = join(temporaryFolder({ inMemory: true }), 'host');
  makeSimulatedHost(root, 'nvidia-m60');
});

describe('after a reboot', () => {
  it('groups are gone with their devices, and those defined come back as the same', async () => {
    const manager = await open();
    await manager.define(XML, { autostart: true });
    await manager.startGroup('g');
    await manager.claim('g', { name: 'vm1' });
    const group = await manager.group('g');
    const rebooted = await reboot(manager);
    expect((await rebooted.list({ capabilities: ['mdev'] })).items).toEqual([]);
    expect(await rebooted.group('g')).toMatchObject({
      number: undefined,
      members: group.members.map((member) => ({ ...member, active: false })),
    });
    const { started, failed } = await rebooted.startParent('pci_0000_86_00_0');
    expect([started.length, failed]).toEqual([3, []]);
    expect(await rebooted.group('g')).toEqual(group);
    await rebooted.close();
  });

  it('groups without definitions are gone for good', async () => {
    const manager = await open();
    await manager.create(XML);
    const rebooted = await reboot(manager);
    expect(await rebooted.groups()).toEqual([]);
    await rebooted.close();
  });

  it('a create that the power failed in has nothing to undo, and removes no device of others', async () => {
    const manager = await open();
    interrupt(() => ({ do: 'create' }), 2);
    const rebooted = await reboot(manager);
    expect(told.map(({ message }) => message)).toEqual([
      expect.stringContaining('an interrupted create had left nothing half done'),
    ]);
    expect((await rebooted.create(XML)).devices).toHaveLength(3);
    expect(await rebooted.recover()).toEqual([]);
    expect((await rebooted.list({ capabilities: ['mdev'] })).items).toHaveLength(3);
    await rebooted.close();
  });

  it('a start that the power failed in leaves the definitions and their group', async () => {
    const manager = await open();
    await manager.define(XML);
    const group = await manager.group('g');
    interrupt(() => ({ do: 'create' }), 2);
    const rebooted = await reboot(manager);
    expect(await rebooted.group('g')).toEqual(group);
    expect(await rebooted.startGroup('g')).toHaveLength(3);
    await rebooted.close();
  });

  it('an undefine that the power failed in is finished, records and all', async () => {
    const manager = await open();
    await manager.define(XML);
    interrupt((uuid) => ({ do: 'undefine', type: undefined, content: contentOf(uuid) }), 1);
    const rebooted = await reboot(manager);
    expect((await rebooted.list({ capabilities: ['mdev'], state: 'all' })).items).toEqual([]);
    expect(await rebooted.groups()).toEqual([]);
    await rebooted.close();
  });
});
