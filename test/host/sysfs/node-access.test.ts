import { describe, expect, it } from 'vitest';
import { MemoryTree } from '../../../src/host/memory-tree.ts';
import { accessObstacle } from '../../../src/host/sysfs/node-access.ts';
import { directoryName, type EntryAccess, file } from '../../../src/host/tree.ts';

const NODE = '/dev/vfio/7';

/** A tree whose device file has an owner. */
class OwnedTree extends MemoryTree {
  readonly #access: EntryAccess;

  constructor(access: EntryAccess, files: Readonly<Record<string, string>>) {
    super();
    this.#access = access;
    for (const [path, text] of Object.entries({ [NODE]: '', ...files })) {
      this.ensureDirectory(directoryName(path));
      this.plant(path, file(text));
    }
  }

  override access(path: string): EntryAccess | undefined {
    return path === NODE ? this.#access : super.access(path);
  }
}

const PASSWD = 'root:x:0:0::/root:/bin/sh\nlibvirt-qemu:x:64055:109::/:/bin/false\n';
const GROUP = 'kvm:x:104:\nlibvirt-qemu:x:109:\n';
const LEFT = 'dynamic_ownership = 0\nuser = "libvirt-qemu"\ngroup = "kvm"\n';

describe('who may open the file of a device', () => {
  it.each([
    ['as udev makes it', 0o600, 0, 0, undefined, undefined],
    ['mode 0000', 0o000, 0, 0, undefined, 'node-mode'],
    ['read only', 0o400, 0, 0, undefined, 'node-mode'],
    ['for the group only', 0o060, 0, 104, undefined, 'node-mode'],
    ['libvirt changes the owner', 0o600, 0, 0, '#dynamic_ownership = 0\n', undefined],
    ['libvirt changes it in words', 0o600, 0, 0, 'dynamic_ownership = 1\n', undefined],
    ['libvirt leaves root', 0o600, 0, 0, LEFT, 'node-owner'],
    ['libvirt leaves another group', 0o660, 0, 109, LEFT, 'node-owner'],
    ["libvirt leaves QEMU's own group", 0o660, 0, 104, LEFT, undefined],
    ["libvirt leaves QEMU's own user", 0o600, 64_055, 0, LEFT, undefined],
    ['libvirt leaves a file for all', 0o666, 0, 0, LEFT, undefined],
    ['numbers', 0o600, 0, 0, 'user = "+107"\ndynamic_ownership=0\n', 'node-owner'],
    ['QEMU runs as root', 0o600, 0, 0, 'user = "root"\ndynamic_ownership=0\n', undefined],
    ['a user nobody knows', 0o600, 0, 0, 'user = "who"\ndynamic_ownership=0\n', undefined],
    ['the default user, which the build decides', 0o600, 0, 0, 'dynamic_ownership=0', undefined],
  ] as const)('%s', (_, mode, uid, gid, conf, expected) => {
    const tree = new OwnedTree(
      { mode, uid, gid },
      {
        '/etc/passwd': PASSWD,
        '/etc/group': GROUP,
        ...(conf === undefined ? {} : { '/etc/libvirt/qemu.conf': conf }),
      },
    );
    expect(accessObstacle(tree, NODE)).toBe(expected);
  });

  it('is not judged where qemu.conf may not be read', () => {
    const tree = new OwnedTree({ mode: 0o600, uid: 0, gid: 0 }, {});
    tree.ensureDirectory('/etc/libvirt');
    tree.plant('/etc/libvirt/qemu.conf', file(LEFT, 0));
    expect(accessObstacle(tree, NODE)).toBeUndefined();
  });
});
