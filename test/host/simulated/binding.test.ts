import { describe, expect, it, onTestFinished } from 'vitest';
import { type HostDevice, HostError } from '../../../src/host/host.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { bindDevice, unbindDevice } from '../../../src/host/simulated/binding.ts';
import { createMemoryHost } from '../../../src/host/simulated/memory.ts';
import { profileDevices, takeOut } from '../../../src/host/simulated/plug.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import { diskHost, memoryHost, withKernel } from '../support/hosts.ts';

const UUID = '00000000-1111-4222-8333-000000000001';
const ON_BUS = '/sys/bus/mdev/drivers';

function errnoOf(operation: () => unknown): string | undefined {
  try {
    operation();
    return undefined;
  } catch (error) {
    if (error instanceof HostError) return error.errno;
    throw error;
  }
}

function create(host: SimulatedHost, uuid = UUID): HostDevice {
  const parent = host.parent('mtty');
  if (parent === undefined) throw new Error('no parent');
  host.create(parent, 'mtty-1', uuid);
  const device = host.find(uuid);
  if (device === undefined) throw new Error('no device');
  return device;
}

describe("unbinding a device's driver", () => {
  it('leaves the device, without driver, group, nodes and attributes', () => {
    const host = memoryHost('kernel-samples');
    const device = create(host);
    const bound = host.details(device);
    expect(bound.deviceNodes.length).toBeGreaterThan(0);
    host.write(`${ON_BUS}/${bound.driver}/unbind`, `${UUID}\n`);
    expect(host.find(UUID)).toEqual(device);
    expect(host.details(device)).toEqual({
      driver: undefined,
      iommuGroup: undefined,
      deviceNodes: [],
      attributes: [],
    });
    expect(host.openObstacle(device, 'group')).toBe('no-driver');
    expect(errnoOf(() => host.open([device], { domain: 'guest', pid: 1 }))).toBe('ENODEV');
    expect(errnoOf(() => host.write(`${ON_BUS}/${bound.driver}/unbind`, UUID))).toBe('ENODEV');
    host.remove(device);
    expect(host.find(UUID)).toBeUndefined();
    // Its numbers are free again.
    expect(host.details(create(host))).toEqual(bound);
  });

  it('is refused while it is open, and for what is not bound to it', () => {
    const host = memoryHost('kernel-samples');
    const device = create(host);
    const driver = host.details(device).driver ?? '';
    const unbind = (words: string) =>
      errnoOf(() => host.write(`${ON_BUS}/${driver}/unbind`, words));
    host.open([device], { domain: 'guest', pid: 1 });
    expect(unbind(UUID)).toBe('EBUSY');
    host.close({ domain: 'guest', pid: 1 });
    for (const words of ['x', '../mtty', `${UUID}\n\n`, UUID.replace('1', '2'), '\n']) {
      expect([words, unbind(words)]).toEqual([words, 'ENODEV']);
    }
    expect(unbind(UUID)).toBeUndefined();
    expect(errnoOf(() => host.write(`${ON_BUS}/${driver}/bind`, UUID))).toBe('ENODEV');
  });

  // Seen on Linux 6.1; for 5.15 by what drivers did in probe and remove, for 5.10 by what vfio_mdev did not ask them.
  const ROOM = [
    ['5.10', 'mtty', 'mtty-2', 'kept'],
    ['5.10', 'mdpy', 'mdpy-vga', 'kept'],
    ['5.15', 'mtty', 'mtty-2', 'given back'],
    ['5.15', 'mdpy', 'mdpy-vga', 'given back'],
    ['6.1', 'mtty', 'mtty-2', 'given back'],
    ['6.1', 'mdpy', 'mdpy-vga', 'kept'],
    ['6.1', 'mbochs', 'mbochs-large', 'given back'],
    ['6.12', 'mdpy', 'mdpy-vga', 'kept'],
  ] as const;
  describe.each(['in memory', 'on disk'])('room %s', (place) => {
    it.each(ROOM)('Linux %s, %s: a place of %s is %s', (version, address, type, room) => {
      const profile = withKernel(readSampleProfile('kernel-samples'), version);
      const disk = place === 'on disk' ? diskHost(profile) : undefined;
      if (disk !== undefined) onTestFinished(disk.dispose);
      const host = disk?.host ?? createMemoryHost(profile);
      const parent = host.parent(address);
      if (parent === undefined) throw new Error('no parent');
      const left = (): number => host.type(parent, type)?.availableInstances ?? -1;
      const file = `${parent.path}/mdev_supported_types/${type}/available_instances`;
      const inFile = (): number => host.change(({ tree }) => Number(tree.read(file)));
      const empty = left();
      host.create(parent, type, UUID);
      expect([left(), inFile()]).toEqual([empty - 1, empty - 1]);
      host.change((all) => unbindDevice(all, UUID));
      const now = room === 'kept' ? empty - 1 : empty;
      expect([left(), inFile()]).toEqual([now, now]);
      for (let index = 0; index < now; index += 1) {
        host.create(parent, type, `00000000-1111-4222-8333-00000000${1000 + index}`);
      }
      const again = errnoOf(() => host.change((all) => bindDevice(all, UUID)));
      expect(again).toBe(room === 'kept' ? undefined : 'ENOSPC');
      const device = host.find(UUID);
      if (device === undefined) throw new Error('no device');
      host.remove(device);
      expect([left(), inFile()]).toEqual(room === 'kept' ? [1, 1] : [0, 0]);
    });
  });

  it('leaves with its parent', () => {
    const host = memoryHost('kernel-samples');
    create(host);
    host.change((simulation) => {
      unbindDevice(simulation, UUID);
      const parent = profileDevices(simulation).find(({ name }) => name === 'mtty_mtty');
      if (parent !== undefined) takeOut(simulation, parent, 'device', 'refuse');
    });
    expect([host.find(UUID), host.parent('mtty')]).toEqual([undefined, undefined]);
  });

  it('before Linux 5.14 the one driver binds it again by a write', () => {
    const host = createMemoryHost(withKernel(readSampleProfile('kernel-samples'), '5.10'));
    const device = create(host);
    const bound = host.details(device);
    host.write(`${ON_BUS}/vfio_mdev/unbind`, UUID);
    expect(host.openObstacle(device, 'group')).toBe('no-driver');
    host.write(`${ON_BUS}/vfio_mdev/bind`, UUID);
    expect(host.details(device)).toEqual(bound);
    expect(errnoOf(() => host.write(`${ON_BUS}/vfio_mdev/bind`, UUID))).toBe('ENODEV');
  });
});
