import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { HostError, type HostDevice, type HostParent } from '../../src/host/host.ts';
import type { SimulatedHost } from '../../src/host/simulated/host.ts';
import { diskHost, memoryHost } from './support/hosts.ts';

// A function with a type is a device as a mediated one is: what test/host/contract.ts asks, where it exists here.

const FIRST = '0000:42:00.4';
const SECOND = '0000:42:00.5';
const uuid = (digit: number): string => `c0ffee00-1111-4222-8333-00000000000${digit}`;
const onDisk = diskHost('nvidia-l40s');
afterAll(() => onDisk.dispose());

const HOSTS: readonly (readonly [string, SimulatedHost])[] = [
  ['in memory', memoryHost('nvidia-l40s')],
  ['on disk', onDisk.host],
];

function parentOf(host: SimulatedHost, address: string): HostParent {
  const parent = host.parent(address);
  if (parent === undefined) throw new Error(`no parent ${address}`);
  return parent;
}

function errnoOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    if (error instanceof HostError) return error.errno;
    throw error;
  }
}

const offered = (host: SimulatedHost, address: string): readonly string[] =>
  host
    .types(parentOf(host, address))
    .items.filter(({ availableInstances }) => availableInstances > 0)
    .map(({ id }) => id);

const currentOf = (host: SimulatedHost, address: string): string =>
  `${parentOf(host, address).path}/nvidia/current_vgpu_type`;

describe.each(HOSTS)('functions with a type, %s', (_, host) => {
  afterEach(() => {
    host.close({ domain: 'guest' });
    for (const device of host.devices().items) host.remove(device);
  });
  const create = (address: string, type: string, digit: number): HostDevice => {
    host.create(parentOf(host, address), type, uuid(digit));
    const device = host.find(uuid(digit));
    if (device === undefined) throw new Error('it did not appear');
    return device;
  };

  it('the virtual functions are parents, and the physical one is none', () => {
    const { items, unreadable } = host.parents();
    expect(unreadable).toEqual([]);
    expect(items).toHaveLength(32);
    expect(new Set(items.map((one) => one.physicalFunction))).toEqual(new Set(['0000:42:00.0']));
    for (const parent of items) expect(host.parent(parent.address)).toEqual(parent);
    expect(host.parent('0000:42:00.0')).toBeUndefined();
  });

  it('a device has the uuid it was created with, and is the function', () => {
    const device = create(FIRST, 'nvidia-1155', 1);
    expect(device).toMatchObject({
      ref: { framework: 'vfio-variant', parent: FIRST, uuid: uuid(1) },
      type: 'nvidia-1155',
      path: parentOf(host, FIRST).path,
    });
    expect(host.devices().items).toEqual([device]);
    expect(host.devices(parentOf(host, SECOND)).items).toEqual([]);
    expect(host.details(device).deviceNodes[0]).toMatch(/^\/dev\/vfio\/\d+$/);
    expect(host.openObstacle(device, 'group')).toBeUndefined();
  });

  it('the other functions offer types of the same size only, and the taken one none', () => {
    const all = offered(host, SECOND);
    expect(all).toHaveLength(23);
    const device = create(FIRST, 'nvidia-1155', 1);
    expect(offered(host, FIRST)).toEqual([]);
    expect(offered(host, SECOND)).toEqual(['nvidia-1155', 'nvidia-1165']);
    // What is not offered now is known all the same, from the table of the board.
    expect(host.types(parentOf(host, SECOND)).items).toHaveLength(23);
    create(SECOND, 'nvidia-1165', 2);
    expect(offered(host, '0000:42:00.6')).toEqual([]);
    host.remove(device);
    expect(offered(host, FIRST)).toEqual(['nvidia-1155', 'nvidia-1165']);
  });

  it('a device of another program has a uuid that stays, and another with another type', () => {
    host.write(currentOf(host, FIRST), '1155\n');
    const [device] = host.devices().items;
    expect(device?.ref.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
    expect(host.find(device?.ref.uuid ?? '')).toEqual(device);
    expect(host.devices().items).toEqual([device]);
    host.write(currentOf(host, FIRST), '0');
    host.write(currentOf(host, FIRST), '1156');
    expect(host.find(device?.ref.uuid ?? '')).toBeUndefined();
    expect(host.devices().items[0]?.ref.uuid).not.toBe(device?.ref.uuid);
  });

  it('a device whose type another program changed is no longer the one we made', () => {
    const device = create(FIRST, 'nvidia-1155', 1);
    host.write(currentOf(host, FIRST), '0');
    expect(host.find(uuid(1))).toBeUndefined();
    host.write(currentOf(host, FIRST), '1147');
    expect(host.find(uuid(1))).toBeUndefined();
    // A late removal does not hit who has the function now.
    expect(errnoOf(() => host.remove(device))).toBe('ENOENT');
    expect(host.devices().items[0]?.type).toBe('nvidia-1147');
  });

  it('one that is open is not removed, and cannot be opened twice', () => {
    const device = create(FIRST, 'nvidia-1155', 1);
    host.open([device], { domain: 'guest' });
    expect(host.holders(device)).toEqual([{ domain: 'guest', pid: undefined }]);
    expect(errnoOf(() => host.remove(device))).toBe('EBUSY');
    expect(errnoOf(() => host.write(currentOf(host, FIRST), '0'))).toBe('EPERM');
    expect(errnoOf(() => host.open([device], { domain: 'other' }))).toBe('EBUSY');
    host.close({ domain: 'guest' });
    host.remove(device);
    expect(host.devices().items).toEqual([]);
  });

  it('uuids are taken once, and a function once', () => {
    create(FIRST, 'nvidia-1155', 1);
    const again = (address: string, digit: number) => () =>
      host.create(parentOf(host, address), 'nvidia-1155', uuid(digit));
    expect(errnoOf(again(SECOND, 1))).toBe('EEXIST');
    expect(errnoOf(again(FIRST, 2))).toBe('EPERM');
    expect(errnoOf(() => host.create(parentOf(host, SECOND), 'nvidia-1156', uuid(2)))).toBe('EIO');
    expect(errnoOf(() => host.create(parentOf(host, SECOND), 'mtty-1', uuid(2)))).toBe('ENOENT');
    expect(host.devices().items).toHaveLength(1);
    expect(host.find(uuid(2))).toBeUndefined();
  });

  it('the errnos of writes to the type', () => {
    const file = currentOf(host, FIRST);
    const write = (words: string): string => errnoOf(() => host.write(file, words));
    const ROWS: readonly (readonly [string, string])[] = [
      ['0', 'EPERM'],
      ['0x483', 'EINVAL'],
      ['1155 ', 'EINVAL'],
      ['1155\n\n', 'EINVAL'],
      ['99999999999', 'ERANGE'],
      ['9', 'EIO'],
      ['1155\n', 'none'],
      ['1155', 'EPERM'],
      ['1156', 'EPERM'],
      ['0\n', 'none'],
    ];
    expect(ROWS.map(([words]) => [words, write(words)])).toEqual(ROWS);
    expect(errnoOf(() => host.write(file.replace('current', 'creatable'), '1'))).not.toBe('none');
  });

  it('parameters are taken while there is a type and nobody has it open', () => {
    const file = currentOf(host, FIRST).replace('current_vgpu_type', 'vgpu_params');
    expect(errnoOf(() => host.write(file, 'a=1'))).toBe('ENXIO');
    const device = create(FIRST, 'nvidia-1155', 1);
    expect(host.details(device).attributes).toContain('nvidia/vgpu_params');
    host.setAttribute(device, 'nvidia/vgpu_params', 'a=1');
    expect(host.readAttribute(device, 'nvidia/vgpu_params')).toBe('a=1');
    expect(errnoOf(() => host.setAttribute(device, 'nvidia/current_vgpu_type', '0'))).toBe(
      'EACCES',
    );
    expect(errnoOf(() => host.setAttribute(device, 'config', '0'))).toBe('EACCES');
    host.open([device], { domain: 'guest' });
    expect(errnoOf(() => host.setAttribute(device, 'nvidia/vgpu_params', 'b=1'))).toBe('EPERM');
  });

  it.each(['EPERM', 'EBUSY'])(
    '%s of a VM that is ending may pass, and leaves the device',
    (errno) => {
      const device = create(FIRST, 'nvidia-1155', 1);
      const write = vi.spyOn(host, 'write').mockImplementationOnce((path) => {
        throw new HostError(errno, path);
      });
      try {
        expect(() => host.remove(device)).toThrow(
          expect.objectContaining({ errno, mayPass: true }),
        );
      } finally {
        write.mockRestore();
      }
      expect(host.find(uuid(1))).toEqual(device);
    },
  );

  it('what a driver took without a word is read back', () => {
    const write = vi.spyOn(host, 'write').mockImplementation(() => undefined);
    try {
      expect(errnoOf(() => create(FIRST, 'nvidia-1155', 1))).toBe('EIO');
      write.mockRestore();
      const device = create(FIRST, 'nvidia-1155', 1);
      vi.spyOn(host, 'write').mockImplementation(() => undefined);
      expect(errnoOf(() => host.remove(device))).toBe('EIO');
      expect(host.find(uuid(1))).toEqual(device);
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('watching tells of each that comes and goes', async () => {
    const abort = new AbortController();
    const heard: string[] = [];
    const watch = host.watch(
      ({ action, parent, uuid: of }) => heard.push(`${action} ${parent} ${of}`),
      abort.signal,
    );
    await watch.ready;
    host.remove(create(FIRST, 'nvidia-1155', 1));
    await expect.poll(() => heard.length, { timeout: 60_000 }).toBe(2);
    abort.abort();
    expect(heard).toEqual([`add ${FIRST} ${uuid(1)}`, `remove ${FIRST} ${uuid(1)}`]);
  });

  it('a reboot takes types and uuids', () => {
    create(FIRST, 'nvidia-1155', 1);
    host.reset();
    expect(host.devices().items).toEqual([]);
    expect(host.find(uuid(1))).toBeUndefined();
    expect(offered(host, SECOND)).toHaveLength(23);
  });
});
