import { describe, expect, it } from 'vitest';
import { type HostDevice, HostError } from '../../../src/host/host.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { createMemoryHost } from '../../../src/host/simulated/memory.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import { memoryHost, withKernel } from '../support/hosts.ts';

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
