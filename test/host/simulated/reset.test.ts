import { expect, it } from 'vitest';
import { DiskTree } from '../../../src/host/disk-tree.ts';
import { HostError } from '../../../src/host/host.ts';
import { simulatedHostOn } from '../../../src/host/simulated/open.ts';
import { diskHost } from '../support/hosts.ts';

/** A tree in which one device cannot be read. */
class PartlyUnreadable extends DiskTree {
  isUnreadable = true;

  override readLink(path: string): string {
    if (this.isUnreadable && path.startsWith('/sys/bus/mdev/devices/'))
      throw new HostError('EBUSY', path);
    return super.readLink(path);
  }
}

it('a reset that cannot read a device fails, and leaves all of them', () => {
  const { host, dispose } = diskHost('kernel-samples');
  const parent = host.parent('mbochs');
  if (parent !== undefined)
    host.create(parent, 'mbochs-small', '00000000-1111-4222-8333-000000000001');
  const tree = new PartlyUnreadable(host.root ?? '');
  const boot = host.bootId();
  expect(() => simulatedHostOn(tree).reset()).toThrow(expect.objectContaining({ errno: 'EBUSY' }));
  expect([host.devices().items.length, host.bootId()]).toEqual([1, boot]);
  tree.isUnreadable = false;
  simulatedHostOn(tree).reset();
  expect(host.devices().items).toEqual([]);
  dispose();
});
