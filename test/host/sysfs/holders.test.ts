import { describe, expect, it } from 'vitest';
import { HostError } from '../../../src/host/host.ts';
import { MemoryTree } from '../../../src/host/memory-tree.ts';
import { holdersOf } from '../../../src/host/sysfs/holders.ts';
import { directoryName, file, link } from '../../../src/host/tree.ts';

/** A host on which opening some files fails. */
class BusyTree extends MemoryTree {
  readonly failures = new Map<string, string>();

  override probe(path: string): void {
    const errno = this.failures.get(path);
    if (errno !== undefined) throw new HostError(errno, path);
    super.probe(path);
  }
}

function host(): BusyTree {
  const tree = new BusyTree();
  const put = (path: string, branch: Parameters<MemoryTree['plant']>[1]): void => {
    tree.ensureDirectory(directoryName(path));
    tree.plant(path, branch);
  };
  put('/dev/vfio/12', file('', 0o600));
  put('/dev/vfio/devices/vfio0', file('', 0o600));
  put('/proc/10/fd/3', link('/dev/null'));
  put('/proc/77/comm', file('qemu-system-x86\n'));
  put('/proc/77/fd/25', link('/dev/vfio/12'));
  put('/proc/78/fd/3', link('/dev/vfio/devices/vfio0'));
  put('/proc/self', link('10'));
  put(
    '/run/libvirt/qemu/guest one.xml',
    file("<!--\nx\n-->\n<domstatus state='running' pid='77'>\n</domstatus>"),
  );
  put('/run/libvirt/qemu/broken.xml', file('<domstatus'));
  put('/run/libvirt/qemu/secret.xml', file("<domstatus pid='78'/>", 0o200));
  return tree;
}

const QEMU = { pid: 77, command: 'qemu-system-x86', domain: 'guest one' };

describe('who holds a device open', () => {
  it('nobody, when its group can be opened: no process is looked at', () => {
    const tree = host();
    tree.prune('/proc');
    expect(holdersOf(tree, ['/dev/vfio/12'])).toEqual([]);
  });

  it('the process, its command and its libvirt domain, when the group is busy', () => {
    const tree = host();
    tree.failures.set('/dev/vfio/12', 'EBUSY');
    expect(holdersOf(tree, ['/dev/vfio/12'])).toEqual([QEMU]);
  });

  it('also through the device file of newer kernels', () => {
    const tree = host();
    tree.failures.set('/dev/vfio/12', 'EBUSY');
    expect(holdersOf(tree, ['/dev/vfio/12', '/dev/vfio/devices/vfio0'])).toEqual([
      QEMU,
      { pid: 78, command: undefined, domain: undefined },
    ]);
    expect(holdersOf(tree, ['/dev/vfio/devices/vfio0'])).toMatchObject([{ pid: 78 }]);
  });

  it('somebody, when no process can be found', () => {
    const tree = host();
    tree.failures.set('/dev/vfio/12', 'EBUSY');
    tree.prune('/proc/77');
    expect(holdersOf(tree, ['/dev/vfio/12'])).toEqual([{}]);
  });

  it('QEMU in a mount namespace of its own', () => {
    const tree = host();
    tree.failures.set('/dev/vfio/12', 'EBUSY');
    tree.prune('/proc/77/fd/25');
    tree.plant('/proc/77/fd/25', link('/vfio/12'));
    expect(holdersOf(tree, ['/dev/vfio/12'])).toEqual([QEMU]);
  });

  it('not the holder of another group whose number ends alike', () => {
    const tree = host();
    tree.failures.set('/dev/vfio/2', 'EBUSY');
    tree.plant('/dev/vfio/2', file(''));
    expect(holdersOf(tree, ['/dev/vfio/2'])).toEqual([{}]);
  });

  it.each(['ENOENT', 'ENODEV'])('nobody, when the group has gone: %s', (errno) => {
    const tree = host();
    tree.failures.set('/dev/vfio/12', errno);
    expect(holdersOf(tree, ['/dev/vfio/12'])).toEqual([]);
  });

  it('is not known to a user who may not ask: EACCES', () => {
    const tree = host();
    tree.failures.set('/dev/vfio/12', 'EACCES');
    expect(() => holdersOf(tree, ['/dev/vfio/12'])).toThrow(/^EACCES/);
  });
});
