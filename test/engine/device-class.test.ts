import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Connection, hostdevFor, initSimulatedHost, type OwnDriver } from '../../src/index.ts';
import { withKernel } from '../host/support/hosts.ts';
import { LAMPS_HOST, lampsDriver } from '../support/lamps.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Devices of a class other than vfio, as the series "mdev based hardware virtio offloading support" (2019) has them.

const UUID = '00000000-1111-4222-8333-000000000001';
const NAME = 'mdev_00000000_1111_4222_8333_000000000001_0000_05_00_0';
const DEVICE = `<device><parent>pci_0000_05_00_0</parent><capability type='mdev'><type id='lamps-4'/><uuid>${UUID}</uuid></capability></device>`;
const DOMAIN = `<domain><name>vm</name><devices><hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${UUID}'/></source></hostdev></devices></domain>`;
const virtio: OwnDriver = { ...lampsDriver, deviceClass: 'virtio' };
for (const call of ['open', 'close', 'reset', 'model']) Reflect.deleteProperty(virtio, call);
const PROFILE = LAMPS_HOST.replaceAll('vfio-pci', 'virtio-mdev');

async function hostOf(
  profile = PROFILE,
  driver = virtio,
): Promise<{ readonly host: Connection; readonly folder: string }> {
  const folder = join(temporaryFolder({ inMemory: true }), 'host');
  const host = await initSimulatedHost(folder, profile, { drivers: [driver] });
  onTestFinished(() => host.close());
  return { host, folder };
}

describe('a device of the class virtio', () => {
  it.each([
    ['5.10', 'virtio_mdev'],
    ['6.1', 'lamps_vfio'],
    ['6.12', 'lamps_vfio'],
  ])('Linux %s: %s binds it, and nothing of VFIO is made', async (version, driver) => {
    const { host, folder } = await hostOf(withKernel(PROFILE, version));
    await host.create(DEVICE);
    const path = join(folder, 'sys/devices/pci0000:00/0000:05:00.0');
    expect(readlinkSync(join(path, UUID, 'driver'))).toMatch(new RegExp(`/${driver}$`, 'u'));
    for (const name of ['iommu_group', 'vfio-dev']) {
      expect(existsSync(join(path, UUID, name))).toBe(false);
    }
    const own = readdirSync(join(folder, 'dev/vfio')).filter(
      (name) => !/^(?:vfio|devices)$/u.test(name),
    );
    expect(own).toEqual([]);
    const xml = await host.dumpxml(NAME);
    expect(xml).toContain(`<name>${driver}</name>`);
    expect(xml).not.toContain('iommuGroup');
    expect((await host.types()).items.map(({ deviceApi }) => deviceApi)).toContain('virtio-mdev');
    await host.unregisterParent(NAME);
    expect(await host.dumpxml(NAME)).not.toContain('<driver>');
    await host.registerParent(NAME);
    expect(await host.dumpxml(NAME)).toBe(xml);
    await host.destroy(UUID);
    expect((await host.list({ capabilities: ['mdev'] })).items).toEqual([]);
  });

  it('gets no hostdev, and each refusal names its class', async () => {
    const { host } = await hostOf();
    await host.create(DEVICE);
    await host.define(DEVICE);
    const refused = {
      code: 'device-unusable',
      message: expect.stringContaining('it is a device of the class virtio'),
    };
    const { group = '' } = await host.info(NAME);
    for (const state of ['active', 'defined']) {
      const described = await host.lookup(NAME);
      expect(() => hostdevFor(described)).toThrow(expect.objectContaining(refused));
      await expect(host.claim(group, { name: 'vm' })).rejects.toMatchObject(refused);
      await expect(host.prepareDomain(DOMAIN)).rejects.toMatchObject(refused);
      await expect(host.startDomain(DOMAIN)).rejects.toMatchObject(refused);
      const [report] = await host.validate(DOMAIN);
      const issues = (report?.issues ?? []).filter(({ code }) => !code.startsWith('schema-'));
      expect(issues.map(({ code }) => code)).toEqual(['mdev-unusable']);
      expect(issues).toEqual([expect.objectContaining({ message: refused.message })]);
      expect((await host.doctor()).map(({ code }) => code)).not.toContain('doctor-device-unusable');
      if (state === 'active') await host.destroy(UUID);
    }
  });
});

describe('a driver', () => {
  it.each([
    ['a class that is none', { deviceClass: 'net' }, 'its deviceClass is neither vfio nor virtio'],
    [
      'a call of vfio',
      { open: () => undefined },
      "it has 'open', which only devices of the class vfio",
    ],
    ['a model', { model: () => undefined }, "it has 'model', which only devices of the class vfio"],
  ])('%s: EINVAL', async (_name, change, says) => {
    const driver: OwnDriver = Object.assign({ ...virtio }, change);
    await expect(hostOf(PROFILE, driver)).rejects.toMatchObject({
      code: 'driver-invalid',
      message: expect.stringContaining(says),
    });
  });

  it.each([
    ['vfio-pci', LAMPS_HOST, virtio, 'of the class virtio'],
    ['virtio-mdev', PROFILE, lampsDriver, 'of the class vfio'],
  ])(
    'has no types with the device API %s of another class',
    async (_api, profile, driver, says) => {
      await expect(hostOf(profile, driver)).rejects.toMatchObject({
        code: 'profile-invalid',
        message: expect.stringContaining(says),
      });
    },
  );

  it('has no settings that are about VMs', async () => {
    const profile = PROFILE.replace(
      /<card [^>]*>/u,
      (card) => `${card}<setting name='device-nodes' value='group'/>`,
    );
    await expect(hostOf(profile)).rejects.toMatchObject({
      message: expect.stringContaining("has no setting 'device-nodes'"),
    });
  });
});
