import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Connection, connect, hostdevFor, initSimulatedHost } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const GPU = 'pci_0000_86_00_0';
const NAME = 'mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_86_00_0';
const sample = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../samples', name), 'utf8');
const WORKSTATION = `<domain><name>workstation</name><devices>
  <hostdev mode='subsystem' type='mdev' model='vfio-pci'>
    <source><address uuid='0695d332-7831-493f-9e71-1c85c8911a08'/></source>
  </hostdev>
</devices></domain>`;

const gpuHost = (): Promise<Connection> =>
  initSimulatedHost(join(temporaryFolder({ inMemory: true }), 'host'), 'nvidia-m60');
const active = async (host: Connection): Promise<readonly string[]> =>
  (await host.list({ capabilities: ['mdev'] })).items.map(({ name }) => name);

const WAYS = [
  ['unplug', 'plug'],
  ['unregisterParent', 'registerParent'],
] as const;

describe.each(WAYS)('%s and %s', (leave, come) => {
  it('a definition waits while its parent is gone, and starts when it is back', async () => {
    const host = await gpuHost();
    await host.create(sample('vgpu.xml'));
    await host.define(sample('vgpu.xml'), { autostart: true });
    await host.create(sample('vgpu-second.xml'));
    expect(await active(host)).toHaveLength(2);

    expect(await host[leave](GPU)).toEqual([GPU]);
    expect(await active(host)).toEqual([]);
    const { items } = await host.list({ capabilities: ['mdev'], state: 'inactive' });
    expect(items.map(({ name }) => name)).toEqual([NAME]);
    expect(await host.doctor()).toContainEqual(
      expect.objectContaining({
        code: 'doctor-definition-parent',
        message: expect.stringContaining(
          leave === 'unplug' ? 'is not there' : 'is bound to no driver that offers types',
        ),
      }),
    );
    await expect(host.start(NAME)).rejects.toMatchObject({
      code: leave === 'unplug' ? 'parent-unknown' : 'parent-without-mdev',
    });
    await expect(host[leave](GPU)).rejects.toMatchObject({ code: 'host-refused' });

    expect(await host[come](GPU)).toEqual([GPU]);
    await expect(host[come](GPU)).rejects.toMatchObject({ code: 'host-refused' });
    expect((await host.startParent(GPU)).started.map(({ name }) => name)).toEqual([NAME]);
    // What was only created is gone, and so is its place in the group.
    expect((await host.groups()).map(({ members }) => members.length)).toEqual([1]);
  });

  it('devices in use: refused with the holder, waited for, or taken from the VM', async () => {
    const host = await gpuHost();
    await host.create([sample('vgpu.xml'), sample('vgpu-second.xml')]);
    await host.startDomain(WORKSTATION);
    await expect(host[leave](GPU)).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringContaining("'workstation'"),
    });
    expect(await active(host)).toHaveLength(2);

    await expect(host[leave](GPU, { wait: 0 })).rejects.toMatchObject({ code: 'in-use' });
    await expect(host.create(sample('vgpu-minimal.xml'))).rejects.toMatchObject({
      code: 'host-refused',
      message: expect.stringContaining('ENODEV'),
    });
    await expect(host[come](GPU)).rejects.toMatchObject({ code: 'in-use' });
    await host.stopDomain('workstation');
    expect(await active(host)).toEqual([]);

    await host[come](GPU);
    await host.create(sample('vgpu.xml'));
    await host.startDomain(WORKSTATION);
    const left = host[leave](GPU, { wait: 60 });
    const note = host.uri.replace('sim://', '').concat('/sim/leaving.json');
    await expect.poll(() => existsSync(note), { timeout: 60_000 }).toBe(true);
    await host.stopDomain('workstation');
    expect(await left).toEqual([GPU]);
    expect(await active(host)).toEqual([]);

    await host[come](GPU);
    await host.create([sample('vgpu.xml'), sample('vgpu-second.xml')]);
    await host.startDomain(WORKSTATION);
    expect(await host[leave](GPU, { force: true })).toEqual([GPU]);
    expect(await active(host)).toEqual([]);
  });
});

it('a bridge goes with all below it; nothing is plugged into what is not there', async () => {
  const host = await gpuHost();
  expect(await host.unplug('pci_0000_85_08_0')).toEqual(['pci_0000_85_08_0', GPU]);
  await expect(host.plug(GPU)).rejects.toMatchObject({ code: 'host-refused' });
  expect(await host.plug('pci_0000_85_08_0')).toEqual(['pci_0000_85_08_0', GPU]);
  await expect(host.plug('pci_0000_99_00_0')).rejects.toMatchObject({ code: 'device-unknown' });
});

it('what is plugged into a bridge that waits for a VM stays, and so does the bridge', async () => {
  const host = await gpuHost();
  await host.create([sample('vgpu.xml'), sample('vgpu-second.xml')]);
  await host.startDomain(WORKSTATION);
  const there = async () =>
    (await host.list({ capabilities: ['pci'] })).items.map(({ name }) => name);
  const before = await there();
  await expect(host.unplug('pci_0000_84_00_0', { wait: 0 })).rejects.toMatchObject({
    code: 'in-use',
  });
  // The other GPU of the board has no device.
  expect(
    before.filter((name) => !(name === 'pci_0000_87_00_0' || name === 'pci_0000_85_10_0')),
  ).toEqual(await there());
  expect(await active(host)).toEqual([NAME]);
  await host.stopDomain('workstation');
  expect(await there()).toEqual(['pci_0000_80_02_0']);
  await host.plug('pci_0000_84_00_0');
  expect(await there()).toEqual(before);
});

it('a physical function goes with its virtual ones', async () => {
  const folder = join(temporaryFolder({ inMemory: true }), 'host');
  const host = await initSimulatedHost(folder, 'nvidia-l40s');
  const parents = async () =>
    (await host.list({ capabilities: ['mdev_types'] })).items.map(({ name }) => name);
  const functions = await parents();
  const { parent } = await host.lookup(functions[0] ?? '');
  const all = (await host.list({ capabilities: ['pci'] })).items.map(({ name }) => name);
  const physical = all.find((name) => !functions.includes(name) && name !== parent?.name) ?? '';
  expect(await host.unplug(physical)).toEqual(expect.arrayContaining([physical, ...functions]));
  expect(await parents()).toEqual([]);
  await host.plug(physical);
  expect(await parents()).toEqual(functions);
});

it('a host that is not simulated has no such hardware', async () => {
  const host = await gpuHost();
  const real = await connect(host.uri.replace('sim:', 'sysfs:'));
  await expect(real.unplug(GPU)).rejects.toMatchObject({ code: 'host-not-simulated' });
});

it('a mediated device without its driver stays, is given to no VM, and is bound again', async () => {
  const host = await gpuHost();
  await host.create(sample('vgpu.xml'));
  const bound = await host.dumpxml(NAME);
  expect(bound).toContain('<driver>');
  expect(await host.unregisterParent(NAME)).toEqual([NAME]);
  const unbound = await host.dumpxml(NAME);
  expect(unbound).not.toMatch(/<driver>|<iommuGroup/u);
  await expect(host.unregisterParent(NAME)).rejects.toMatchObject({ code: 'host-refused' });
  await expect(host.startDomain(WORKSTATION)).rejects.toMatchObject({
    message: expect.stringContaining('it is bound to no driver'),
    hint: expect.stringContaining('sim bind'),
  });
  expect(await host.doctor()).toContainEqual(
    expect.objectContaining({ code: 'doctor-device-unusable' }),
  );
  // One rule: it gets no hostdev, whoever asks.
  const refused = { code: 'device-unusable', message: expect.stringContaining('bound to no') };
  const { group = '' } = await host.info(NAME);
  await expect(host.claim(group, { name: 'workstation' })).rejects.toMatchObject(refused);
  await expect(host.claimDevices([NAME], { name: 'workstation' })).rejects.toMatchObject(refused);
  await expect(host.prepareDomain(WORKSTATION)).rejects.toMatchObject(refused);
  expect((await host.validate(WORKSTATION))[0]?.issues).toContainEqual(
    expect.objectContaining({ code: 'mdev-unusable', message: refused.message }),
  );
  const described = await host.lookup(NAME);
  expect(() => hostdevFor(described)).toThrow(expect.objectContaining(refused));
  expect(await host.info(NAME)).toMatchObject({ unbound: true });
  expect(await host.registerParent(NAME)).toEqual([NAME]);
  expect((await host.info(NAME)).unbound).toBeUndefined();
  expect(hostdevFor(await host.lookup(NAME))).toMatchObject({ model: 'vfio-pci' });
  expect(await host.dumpxml(NAME)).toBe(bound);
  await expect(host.registerParent(NAME)).rejects.toMatchObject({ code: 'host-refused' });
});
