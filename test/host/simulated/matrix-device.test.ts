import { expect, it } from 'vitest';
import { HostError, type HostDevice } from '../../../src/host/host.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { diskHost, memoryHost } from '../support/hosts.ts';

function newDevice(host: SimulatedHost, uuid: string): HostDevice {
  const parent = host.parent('matrix');
  if (parent !== undefined) host.create(parent, 'vfio_ap-passthrough', uuid);
  const device = host.find(uuid);
  if (device === undefined) throw new Error('no device');
  return device;
}

/** The errno of a write; undefined: it succeeded. */
function errnoOf(write: () => void): string | undefined {
  try {
    write();
    return undefined;
  } catch (error) {
    if (error instanceof HostError) return error.errno;
    throw error;
  }
}

it.each([
  ['in memory', () => ({ host: memoryHost('s390-ccw-ap'), dispose: () => undefined })],
  ['on disk', () => diskHost('s390-ccw-ap')],
])('two matrix devices of a simulated host %s share no queue', (_, make) => {
  const { host, dispose } = make();
  const first = newDevice(host, '00000000-1111-4222-8333-000000000001');
  const second = newDevice(host, '00000000-1111-4222-8333-000000000002');
  const set = (device: HostDevice, name: string, value: string): string | undefined =>
    errnoOf(() => host.setAttribute(device, name, value));
  const shown = (device: HostDevice): readonly string[] =>
    ['matrix', 'guest_matrix', 'control_domains'].map((name) => host.readAttribute(device, name));

  expect(set(first, 'assign_adapter', '0x05')).toBeUndefined();
  expect(set(first, 'assign_domain', '0x0047')).toBeUndefined();
  expect(set(second, 'assign_adapter', '5')).toBeUndefined();
  expect(set(second, 'assign_domain', '71')).toBe('EADDRINUSE');
  expect(set(second, 'assign_domain', '0x00477')).toBe('ENODEV');
  expect(set(second, 'assign_adapter', 'abc')).toBe('EINVAL');
  expect(set(second, 'matrix', '05.0047')).toBe('EACCES');
  expect(set(second, 'assign_control_domain', '0xff')).toBeUndefined();
  expect(shown(first)).toEqual(['05.0047', '05.0047', '']);
  expect(shown(second)).toEqual(['05.', '05.', '00ff']);
  host.remove(first);
  expect(set(second, 'assign_domain', '71')).toBeUndefined();
  expect(shown(second)).toEqual(['05.0047', '05.0047', '00ff']);
  dispose();
});
