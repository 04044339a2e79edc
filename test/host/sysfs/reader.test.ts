import { describe, expect, it } from 'vitest';
import type { HostError } from '../../../src/host/host.ts';
import { MemoryTree } from '../../../src/host/memory-tree.ts';
import { SysfsReader } from '../../../src/host/sysfs/reader.ts';
import { directory, directoryName, file, link } from '../../../src/host/tree.ts';

const GPU = '/sys/devices/pci0000:80/0000:80:02.0/0000:86:00.0';
const A = 'aaaaaaaa-1111-4222-8333-000000000001';
const B = 'bbbbbbbb-1111-4222-8333-000000000002';

/** A host with one GPU, two types and two devices, as little as can be read. */
function gpuTree(): MemoryTree {
  const tree = new MemoryTree();
  const put = (path: string, branch: Parameters<MemoryTree['plant']>[1]): void => {
    tree.ensureDirectory(directoryName(path));
    tree.plant(path, branch);
  };
  const type = directory([
    ['available_instances', file('3\n')],
    ['create', file('', 0o200)],
    ['device_api', file('vfio-pci\n')],
    ['devices', directory()],
  ]);
  put(`${GPU}/mdev_supported_types/nvidia-11`, type);
  put(`${GPU}/mdev_supported_types/nvidia-12`, type);
  put(
    '/sys/class/mdev_bus/0000:86:00.0',
    link('../../devices/pci0000:80/0000:80:02.0/0000:86:00.0'),
  );
  for (const uuid of [B, A]) {
    put(`${GPU}/${uuid}/mdev_type`, link('../mdev_supported_types/nvidia-11'));
    put(
      `/sys/bus/mdev/devices/${uuid}`,
      link(`../../../devices/pci0000:80/0000:80:02.0/0000:86:00.0/${uuid}`),
    );
  }
  return tree;
}

const uuidsOf = (reader: SysfsReader): readonly string[] =>
  reader.devices().items.map(({ ref }) => ref.uuid);

const failures = (listing: { readonly unreadable: readonly HostError[] }): readonly string[] =>
  listing.unreadable.map((error) => `${error.errno} ${error.path}`);

/** A tree in which something happens just before a call reaches it. */
class DisturbedTree extends MemoryTree {
  before: ((call: string, path: string) => void) | undefined;

  override readLink(path: string): string {
    this.before?.('readLink', path);
    return super.readLink(path);
  }

  override read(path: string): string {
    this.before?.('read', path);
    return super.read(path);
  }
}

function disturbedTree(): DisturbedTree {
  const tree = new DisturbedTree();
  const plain = gpuTree();
  for (const name of plain.names('/')) {
    tree.plant(`/${name}`, copyOf(plain, `/${name}`));
  }
  return tree;
}

function copyOf(tree: MemoryTree, path: string): Parameters<MemoryTree['plant']>[1] {
  const kind = tree.kind(path);
  if (kind === 'link') return link(tree.readLink(path));
  if (kind === 'directory') {
    return directory(tree.names(path).map((name) => [name, copyOf(tree, `${path}/${name}`)]));
  }
  return path.endsWith('/create') ? file('', 0o200) : file(tree.read(path));
}

describe('a listing gives what can be read, and beside it what cannot', () => {
  it('a device that vanishes meanwhile is simply gone', () => {
    const tree = disturbedTree();
    tree.before = (_, path) => {
      if (path !== `${GPU}/${A}/mdev_type`) return;
      tree.before = undefined;
      tree.prune(`/sys/bus/mdev/devices/${A}`);
      tree.prune(`${GPU}/${A}`);
    };
    expect(new SysfsReader(tree).devices()).toMatchObject({
      items: [{ ref: { uuid: B } }],
      unreadable: [],
    });
  });

  it('a type, and a parent, that vanish meanwhile are gone too', () => {
    const tree = disturbedTree();
    tree.before = (call, path) => {
      if (call !== 'read' || !path.endsWith('nvidia-11/device_api')) return;
      tree.before = undefined;
      tree.prune(`${GPU}/mdev_supported_types/nvidia-11`);
    };
    const reader = new SysfsReader(tree);
    const [parent] = reader.parents().items;
    const types = parent && reader.types(parent);
    expect(types).toMatchObject({ items: [{ id: 'nvidia-12' }], unreadable: [] });
    tree.before = (_, path) => {
      if (path !== '/sys/class/mdev_bus/0000:86:00.0') return;
      tree.before = undefined;
      tree.prune(path);
    };
    expect(reader.parents()).toEqual({ items: [], unreadable: [] });
  });

  it('a dangling link is reported', () => {
    const tree = gpuTree();
    tree.prune(`${GPU}/${A}`);
    const reader = new SysfsReader(tree);
    expect(uuidsOf(reader)).toEqual([B]);
    expect(failures(reader.devices())).toEqual([`ENOENT ${GPU}/${A}/mdev_type`]);
    expect(reader.find(A)).toBeUndefined();
    tree.prune(GPU);
    expect(failures(reader.parents())).toEqual([`ENOENT ${GPU}`]);
  });

  it('a device whose parent has its type no more is reported, and not found', () => {
    const tree = gpuTree();
    tree.prune(`${GPU}/mdev_supported_types/nvidia-11`);
    const reader = new SysfsReader(tree);
    expect(uuidsOf(reader)).toEqual([]);
    expect(failures(reader.devices())).toEqual(
      [A, B].map((uuid) => `ENOENT ${GPU}/${uuid}/mdev_type`),
    );
    expect(reader.find(A)).toBeUndefined();
  });

  it('an entry of the bus that is no link, no uuid, or leads elsewhere is reported', () => {
    const tree = gpuTree();
    const bus = '/sys/bus/mdev/devices';
    tree.plant(`${bus}/${A.replace('a', 'c')}`, directory());
    tree.plant(`${bus}/not-a-uuid`, link(`../../../devices/x/not-a-uuid`));
    tree.plant(`${bus}/${A.replace('a', 'd')}`, link(`../../../devices/x/${B}`));
    const reader = new SysfsReader(tree);
    expect(uuidsOf(reader)).toEqual([A, B]);
    expect(failures(reader.devices())).toEqual([
      `EINVAL ${bus}/${A.replace('a', 'c')}`,
      `EBADMSG ${bus}/${A.replace('a', 'd')}`,
      `EBADMSG ${bus}/not-a-uuid`,
    ]);
  });

  it.each([
    ['', 'EBADMSG'],
    ['many\n', 'EBADMSG'],
    ['-1\n', 'EBADMSG'],
    ['1e3\n', 'EBADMSG'],
    ['99999999999999999999\n', 'EBADMSG'],
  ])('available_instances %j: %s', (text, errno) => {
    const tree = gpuTree();
    tree.replace(`${GPU}/mdev_supported_types/nvidia-11/available_instances`, text);
    const reader = new SysfsReader(tree);
    const [parent] = reader.parents().items;
    const types = parent && reader.types(parent);
    expect(types?.items.map(({ id }) => id)).toEqual(['nvidia-12']);
    expect(types && failures(types)).toEqual([
      `${errno} ${GPU}/mdev_supported_types/nvidia-11/available_instances`,
    ]);
  });

  it('an unreadable file costs its own item only', () => {
    const tree = gpuTree();
    tree.prune(`${GPU}/mdev_supported_types/nvidia-11/device_api`);
    tree.plant(`${GPU}/mdev_supported_types/nvidia-11/device_api`, file('vfio-pci\n', 0o200));
    const reader = new SysfsReader(tree);
    const [parent] = reader.parents().items;
    expect(parent && failures(reader.types(parent))).toEqual([
      `EACCES ${GPU}/mdev_supported_types/nvidia-11/device_api`,
    ]);
  });

  it('a link that climbs out of the root stays in it', () => {
    const tree = gpuTree();
    tree.plant('/sys/class/mdev_bus/x', link('../../../../../../etc/x'));
    tree.ensureDirectory('/etc/x');
    expect(new SysfsReader(tree).parent('x')?.path).toBe('/etc/x');
  });
});

describe('a listing is cheap', () => {
  it('opens no file and reads two links for each device', () => {
    const tree = disturbedTree();
    const calls: string[] = [];
    tree.before = (call, path) => calls.push(`${call} ${path.replace(/^.*\//, '')}`);
    new SysfsReader(tree).devices();
    expect(calls).toEqual([
      `readLink ${A}`,
      'readLink mdev_type',
      `readLink ${B}`,
      'readLink mdev_type',
    ]);
  });

  it('finds one device without looking at another', () => {
    const tree = disturbedTree();
    const calls: string[] = [];
    tree.before = (_, path) => calls.push(path);
    expect(new SysfsReader(tree).find(A.toUpperCase())?.type).toBe('nvidia-11');
    expect(calls).toEqual([`/sys/bus/mdev/devices/${A}`, `${GPU}/${A}/mdev_type`]);
  });
});

describe('a tree made by hand may lack much', () => {
  it('the subsystem link: the place says what it is', () => {
    const reader = new SysfsReader(gpuTree());
    const [parent] = reader.parents().items;
    expect(parent?.subsystem).toBe('pci');
    expect(parent && reader.describeHardware(parent)).toMatchObject({
      name: 'pci_0000_86_00_0',
      parent: { name: 'pci_0000_80_02_0' },
      capabilities: [
        { kind: 'pci', domain: 0, bus: 0x86, slot: 0, function: 0, numaNode: undefined },
      ],
    });
  });

  it.each([
    ['/sys/devices/css0/0.0.0052', 'css', 'css_0_0_0052'],
    ['/sys/devices/vfio_ap/matrix', 'matrix', 'ap_matrix'],
    ['/sys/devices/virtual/mtty/mtty', 'mtty', 'mtty_mtty'],
  ])('%s is of %s', (path, subsystem, name) => {
    const tree = new MemoryTree();
    tree.ensureDirectory(path);
    tree.ensureDirectory('/sys/class/mdev_bus');
    const address = path.slice(path.lastIndexOf('/') + 1);
    tree.plant(`/sys/class/mdev_bus/${address}`, link(`../..${path.slice('/sys'.length)}`));
    const reader = new SysfsReader(tree);
    const parent = reader.parent(address);
    expect(parent?.subsystem).toBe(subsystem);
    expect(parent && reader.describeHardware(parent)).toMatchObject({
      name,
      parent: { name: 'computer' },
    });
  });

  it('devices without group, driver and attributes have no such details', () => {
    const reader = new SysfsReader(gpuTree());
    const device = reader.find(A);
    expect(device && reader.details(device)).toEqual({
      driver: undefined,
      iommuGroup: undefined,
      deviceNodes: [],
      attributes: [],
    });
    expect(device && reader.holders(device)).toEqual([]);
    expect(reader.bootId()).toBe('none');
  });
});

it.each([
  ['4dea22b31d52d8f32516782e98ab3fa0\n', '4dea22b31d52d8f32516782e98ab3fa0'],
  ['uninitialized\n', undefined],
  ['', undefined],
  [undefined, undefined],
])('machine-id %j is %s', (text, id) => {
  const tree = gpuTree();
  if (text !== undefined) tree.plant('/etc', directory([['machine-id', file(text, 0o444)]]));
  expect(new SysfsReader(tree).machineId()).toBe(id);
});

describe('an attribute behind a link belongs to another device', () => {
  it('is not opened', () => {
    const tree = gpuTree();
    tree.plant(`${GPU}/${A}/other`, link(`../${B}`));
    tree.plant(`${GPU}/${B}/secret`, file('x\n', 0o644));
    const reader = new SysfsReader(tree);
    const device = reader.find(A);
    expect(device && reader.details(device).attributes).toEqual([]);
    expect(() => device && reader.readAttribute(device, 'other/secret')).toThrow(/^EACCES/);
  });
});
