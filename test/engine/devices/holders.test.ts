import { expect, it } from 'vitest';
import type { Context } from '../../../src/engine/context.ts';
import { memoryDefinitions } from '../../../src/engine/definitions/definitions.ts';
import { memoryJournal } from '../../../src/engine/journal/journal.ts';
import { MemoryPart } from '../../../src/engine/store/kv.ts';
import { createManager } from '../../../src/engine/manager.ts';
import type { NodeDeviceManager } from '../../../src/engine/node-device-manager.ts';
import { Store } from '../../../src/engine/store/store.ts';
import { type Holder, type HostDevice, HostError } from '../../../src/host/host.ts';
import { SysfsHost } from '../../../src/host/sysfs/host.ts';
import { sampleHost, uuidOf } from '../doctor/hosts.ts';

// An ordinary user may not open /dev/vfio/N, and so cannot know whether anybody has it open.

/** What the kernel tells such a user. */
class OrdinaryHost extends SysfsHost {
  override holders(_: HostDevice): readonly Holder[] {
    throw new HostError('EACCES', '/dev/vfio/0');
  }
}

/** A group of one device, made with all rights, and a manager that has them no more. */
async function withoutRights() {
  const { folder, host } = sampleHost('nvidia-m60');
  const context: Context = {
    host,
    store: new Store({
      active: new MemoryPart(),
      persistent: new MemoryPart(),
      bootId: () => 'boot',
    }),
    definitions: memoryDefinitions(),
    journal: memoryJournal(),
    newUuid: () => uuidOf(1),
    now: Date.now,
    report: () => undefined,
  };
  const all = createManager('sim:', context, host);
  await all.create(
    "<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/><group>g</group></capability></device>",
  );
  return {
    all,
    ordinary: createManager('sysfs:', { ...context, host: new OrdinaryHost(folder) }, undefined),
  };
}

it('is no reason not to show a group: whether it is open is not known', async () => {
  const { all, ordinary } = await withoutRights();
  const group = await ordinary.group('g');
  expect(group).toMatchObject({ name: 'g', number: 1, members: [{ uuid: uuidOf(1) }] });
  expect([group.open, group.owner]).toEqual([undefined, undefined]);
  expect(await ordinary.groups()).toEqual([group]);
  await all.claim('g', { name: 'vm1' });
  expect(await ordinary.group('g')).toMatchObject({ owner: { name: 'vm1' } });
});

it('is no reason not to list or dump a device, or to check a domain with it', async () => {
  const { all, ordinary } = await withoutRights();
  expect(await ordinary.list()).toEqual(await all.list());
  expect(await ordinary.dumpxml(uuidOf(1))).toBe(await all.dumpxml(uuidOf(1)));
  const domain = `<domain type='kvm'><name>vm1</name><memory>1048576</memory><os><type>hvm</type></os>
<devices><hostdev mode='subsystem' type='mdev' model='vfio-pci'><source>
<address uuid='${uuidOf(1)}'/></source></hostdev></devices></domain>`;
  expect(await ordinary.validate(domain)).toEqual(await all.validate(domain));
});

it.each<readonly [string, (manager: NodeDeviceManager) => Promise<unknown>]>([
  ['destroy', (manager) => manager.destroy(uuidOf(1))],
  ['destroy --wait', (manager) => manager.destroy(uuidOf(1), { wait: 60 })],
  ['claim', (manager) => manager.claim('g', { name: 'vm1' })],
  ['release', (manager) => manager.release('g')],
  ['gc', (manager) => manager.gc({ olderThan: 0 })],
])('is a reason not to %s, which has to know', async (_, change) => {
  const { all, ordinary } = await withoutRights();
  await expect(change(ordinary)).rejects.toMatchObject({
    code: 'permission-denied',
    message: expect.stringContaining('EACCES /dev/vfio/0'),
  });
  expect(await all.group('g')).toMatchObject({ open: false, members: [{ uuid: uuidOf(1) }] });
});
