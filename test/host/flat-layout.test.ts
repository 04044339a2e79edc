import { afterAll, describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { HostError, type HostParent } from '../../src/host/host.ts';
import type { SimulatedHost } from '../../src/host/simulated/host.ts';
import { createMemoryHost } from '../../src/host/simulated/memory.ts';
import { openSimulatedHost } from '../../src/host/simulated/open.ts';
import { readSampleProfile, sampleProfiles } from '../../src/host/simulated/samples.ts';
import { SysfsHost } from '../../src/host/sysfs/host.ts';
import { formatTable, readTable } from '../../src/host/sysfs/type-table.ts';
import { MemoryTree } from '../../src/host/memory-tree.ts';
import { SysfsReader } from '../../src/host/sysfs/reader.ts';
import { file, link } from '../../src/host/tree.ts';
import { diskHost } from './support/hosts.ts';

const FIRST = '00000000-1111-4222-8333-00000000000a';
const SECOND = '00000000-1111-4222-8333-000000000002';
const CARD = '0000:86:00.0';

/** The example of the series' thread: a Tesla M60, as the vendor meant to show it (the RFC for libvirt, August 2016). */
const THREAD = `# vgpu_type_id, vgpu_type, max_instance, num_heads, frl_config, framebuffer, max_resolution
11      ,"GRID M60-0B",      16,       2,      45,     512M,    2560x1600
12      ,"GRID M60-0Q",      16,       2,      60,     512M,    2560x1600
13      ,"GRID M60-1B",       8,       2,      45,    1024M,    2560x1600
14      ,"GRID M60-1Q",       8,       2,      60,    1024M,    2560x1600
15      ,"GRID M60-2B",       4,       2,      45,    2048M,    2560x1600
16      ,"GRID M60-2Q",       4,       4,      60,    2048M,    2560x1600
17      ,"GRID M60-4Q",       2,       4,      60,    4096M,    3840x2160
18      ,"GRID M60-8Q",       1,       4,      60,    8192M,    3840x2160
`;

/** A tree that nobody simulates, with one GPU whose driver offers this table. */
function treeWith(table: string): MemoryTree {
  const tree = new MemoryTree();
  const path = `/sys/devices/pci0000:80/${CARD}`;
  for (const folder of [path, '/sys/class/mdev_bus', '/sys/bus/mdev/devices']) {
    tree.ensureDirectory(folder);
  }
  tree.plant(`${path}/driver`, link('../../../bus/pci/drivers/nvidia'));
  tree.plant(`${path}/mdev_supported_types`, file(table));
  tree.plant(`/sys/class/mdev_bus/${CARD}`, link(`../../devices/pci0000:80/${CARD}`));
  return tree;
}

const parentOf = (host: Pick<SysfsReader, 'parent'>, address = CARD): HostParent => {
  const parent = host.parent(address);
  if (parent === undefined) throw new Error(address);
  return parent;
};

function errnoOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof HostError) return error.errno;
    throw error;
  }
}

describe('the table of the thread', () => {
  it('is read on any tree, with counts by the rules of the driver', () => {
    const tree = treeWith(THREAD);
    const host = new SysfsReader(tree);
    const parent = parentOf(host);
    const counts = () => host.types(parent).items.map((type) => type.availableInstances);
    expect(host.types(parent).items.map(({ id, name }) => [id, name])).toEqual(
      ['0B', '0Q', '1B', '1Q', '2B', '2Q', '4Q', '8Q'].map((name, index) => [
        `nvidia-${index + 11}`,
        `GRID M60-${name}`,
      ]),
    );
    expect(host.type(parent, 'nvidia-16')).toEqual({
      id: 'nvidia-16',
      name: 'GRID M60-2Q',
      deviceApi: 'vfio-pci',
      availableInstances: 4,
      description:
        'num_heads=4, frl_config=60, framebuffer=2048M, max_resolution=2560x1600, max_instance=4',
    });
    expect(counts()).toEqual([16, 16, 8, 8, 4, 4, 2, 1]);
    tree.ensureDirectory(`${parent.path}/${FIRST}`);
    tree.plant(`${parent.path}/${FIRST}/mdev_type`, file('16\n'));
    tree.plant(
      `/sys/bus/mdev/devices/${FIRST}`,
      link(`../../../devices/pci0000:80/${CARD}/${FIRST}`),
    );
    expect(host.find(FIRST)).toMatchObject({ type: 'nvidia-16' });
    expect(counts()).toEqual([0, 0, 0, 0, 3, 3, 0, 0]);
  });

  it.each([
    ['no header', THREAD.replace('#', '')],
    ['nothing', ''],
    ['a missing cell', THREAD.replace(',       2,      45,     512M', ',       2,     512M')],
    ['a quote that does not end', THREAD.replace('-0B"', '-0B')],
    ['a quote inside a cell', THREAD.replace('512M', '5"12M')],
    ['two columns of one name', THREAD.replace('num_heads', 'max_instance')],
    ['an id that is a path', THREAD.replace('11', '../11')],
    ['an id that is none', THREAD.replace('11 ', '')],
    [
      'a count that is none',
      THREAD.replaceAll('max_instance', 'available_instances').replace('16', '-1'),
    ],
  ])('with %s is refused, and the file named', (_, table) => {
    const host = new SysfsReader(treeWith(table));
    expect(() => host.types(parentOf(host))).toThrow(/^EBADMSG: .*\/mdev_supported_types$/);
  });

  it('of a driver that nobody knows is refused without counts', () => {
    const host = new SysfsReader(treeWith(THREAD.replaceAll(/^1/gm, 'other-1')));
    expect(errnoOf(() => host.types(parentOf(host)))).toBe('EBADMSG');
    const counted = THREAD.replace('max_instance', 'available_instances');
    const known = new SysfsReader(treeWith(counted.replaceAll(/^1/gm, 'other-1')));
    expect(known.type(parentOf(known), 'other-11')?.availableInstances).toBe(16);
  });
});

it('gives every table back', () => {
  const word = fc.stringMatching(/^[a-z_]{1,8}$/);
  const cell = fc.string({ unit: 'grapheme' }).map((text) => text.trim());
  const tables = fc
    .uniqueArray(word, { minLength: 2, maxLength: 5 })
    .chain((columns) =>
      fc
        .array(fc.array(cell, { minLength: columns.length, maxLength: columns.length }))
        .map((rows) => ({ columns, rows })),
    );
  fc.assert(
    fc.property(tables, (table) => {
      expect(readTable(formatTable(table))).toEqual(table);
    }),
  );
});

const flatProfiles = sampleProfiles().filter((name) => {
  try {
    createMemoryHost(readSampleProfile(name), { layout: 'v7' });
    return true;
  } catch {
    return false;
  }
});

it('is there for all hosts but those whose functions take types', () => {
  const others = sampleProfiles().filter((name) => !flatProfiles.includes(name));
  expect(flatProfiles.length).toBeGreaterThan(10);
  for (const name of others) {
    expect(() => createMemoryHost(readSampleProfile(name), { layout: 'v7' })).toThrow(
      'Functions with a type need a newer kernel than v7: 6.1',
    );
  }
});

describe.each(flatProfiles)('%s in the flat layout', (name) => {
  it('offers, makes and removes the same devices with the same descriptions', () => {
    const profile = readSampleProfile(name);
    const [flat, other] = [{ layout: 'v7' as const }, {}].map((options) =>
      createMemoryHost(profile, options),
    );
    if (flat === undefined || other === undefined) throw new Error('two hosts');
    const seen = (host: SimulatedHost) =>
      host
        .parents()
        .items.map((parent) => [
          parent,
          host.types(parent).items.map((type) => ({ ...type, files: undefined })),
          host.devices(parent),
        ]);
    expect(seen(flat)).toEqual(seen(other));
    // Of a card's functions two show what the neighbours do.
    for (const parent of flat.parents().items.slice(0, 2)) {
      for (const type of flat.types(parent).items) {
        if (type.availableInstances === 0) continue;
        for (const host of [flat, other]) host.create(parent, type.id, FIRST);
        expect(seen(flat)).toEqual(seen(other));
        for (const host of [flat, other]) host.remove(parentDevice(host));
      }
    }
    expect(seen(flat)).toEqual(seen(other));
  });
});

const parentDevice = (host: SimulatedHost, uuid = FIRST) => {
  const device = host.find(uuid);
  if (device === undefined) throw new Error('no device');
  return device;
};

describe('a simulated GPU in the flat layout', () => {
  const { host, dispose } = diskHost('nvidia-m60', 'v7');
  afterAll(dispose);
  const { path } = parentOf(host);
  const write = (name: string, words: string) =>
    errnoOf(() => host.write(`${path}/${name}`, words));
  const online = () => host.write(`${path}/${FIRST}/online`, '1');

  it.each([
    ['a number of the table', `${FIRST}:vgpu_type_id=18`, undefined],
    ['a newline', `${FIRST}:vgpu_type_id=18\n`, undefined],
    ['any case', `${FIRST.toUpperCase()}:vgpu_type_id=18`, undefined],
    ['an id of today', `${FIRST}:vgpu_type_id=nvidia-18`, undefined],
    ['what follows a uuid', `${FIRST} x:vgpu_type_id=18`, undefined],
    ['no params', FIRST, 'EINVAL'],
    ['empty params', `${FIRST}:`, 'EINVAL'],
    ['another key', `${FIRST}:type_id=18`, 'EINVAL'],
    ['another type', `${FIRST}:vgpu_type_id=19999`, 'EINVAL'],
    ['two params', `${FIRST}:vgpu_type_id=18,x=1`, 'EINVAL'],
    ['no uuid', ':vgpu_type_id=18', 'EINVAL'],
    ['35 characters', `${FIRST.slice(1)}:vgpu_type_id=18`, 'EINVAL'],
  ])('mdev_create takes %s: %s', (_, words, errno) => {
    expect(write('mdev_create', words)).toBe(errno);
    expect(write('mdev_destroy', FIRST)).toBe(errno === undefined ? undefined : 'ENODEV');
    expect(host.devices().items).toEqual([]);
  });

  it('says that a uuid exists before it looks at the params, and then that there is no room', () => {
    expect(write('mdev_create', `${FIRST}:vgpu_type_id=22`)).toBe(undefined);
    expect(write('mdev_create', `${FIRST}:nonsense`)).toBe('EEXIST');
    expect(write('mdev_create', `${SECOND}:nonsense`)).toBe('EINVAL');
    expect(write('mdev_create', `${SECOND}:vgpu_type_id=22`)).toBe('ENOSPC');
    expect(write('mdev_destroy', SECOND)).toBe('ENODEV');
    expect(write('mdev_destroy', 'nonsense')).toBe('EINVAL');
    expect(write('mdev_destroy', `${FIRST}\n`)).toBe(undefined);
  });

  it('opens a device that is online, which then stays', () => {
    host.write(`${path}/mdev_create`, `${FIRST}:vgpu_type_id=18`);
    const device = parentDevice(host);
    const open = () => errnoOf(() => host.open([device], { domain: 'guest' }));
    expect(open()).toBe('ENXIO');
    for (const words of ['yes', '-1', '', '\n', '0x', '4294967296']) {
      expect(write(`${FIRST}/online`, words)).toBe(words === '' ? undefined : 'EINVAL');
    }
    expect(write(`${FIRST}/online`, '1\n')).toBe(undefined);
    expect(open()).toBe(undefined);
    expect(write(`${FIRST}/online`, '0')).toBe('EBUSY');
    expect(write(`${FIRST}/online`, '1')).toBe(undefined);
    expect(write('mdev_destroy', FIRST)).toBe('EBUSY');
    host.close({ domain: 'guest' });
    expect(write(`${FIRST}/online`, '0')).toBe(undefined);
    expect(open()).toBe('ENXIO');
    host.remove(device);
    expect(errnoOf(online)).toBe('ENOENT');
  });

  it('is brought online when it is created, and goes again when that fails', () => {
    host.create(parentOf(host), 'nvidia-18', FIRST);
    expect(errnoOf(() => host.open([parentDevice(host)], { domain: 'guest' }))).toBe(undefined);
    host.close({ domain: 'guest' });
    host.remove(parentDevice(host));
    const real = new SysfsHost(host.root);
    const refused = Object.assign(real, {
      write: (entry: string, words: string) => {
        if (entry.endsWith('/online')) throw new HostError('EIO', entry);
        host.write(entry, words);
      },
    });
    expect(errnoOf(() => refused.create(parentOf(host), 'nvidia-18', FIRST))).toBe('EIO');
    expect(host.devices().items).toEqual([]);
  });

  it('stays so for the next process, and is what it says after a reset', () => {
    const next = openSimulatedHost(host.root ?? '');
    next.create(parentOf(next), 'nvidia-18', FIRST);
    expect(host.type(parentOf(host), 'nvidia-18')?.availableInstances).toBe(3);
    next.reset();
    expect(host.type(parentOf(host), 'nvidia-18')?.availableInstances).toBe(4);
    expect(host.devices().items).toEqual([]);
  });

  it('says which of its files another program wrote to in vain', () => {
    const root = new SysfsHost(host.root);
    root.write(`${path}/mdev_create`, `${FIRST}:vgpu_type_id=18`);
    expect(host.unanswered()).toEqual([`${path}/mdev_create`]);
    expect(host.forgetUnanswered()).toEqual([`${path}/mdev_create`]);
    expect(host.unanswered()).toEqual([]);
  });
});
