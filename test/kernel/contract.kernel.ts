import { closeSync, openSync } from 'node:fs';
import { describe, it } from 'vitest';
import type { HostDevice } from '../../src/host/host.ts';
import { SysfsHost } from '../../src/host/sysfs/host.ts';
import { hostContract } from '../host/contract.ts';

const host = new SysfsHost('/');

/** Opens a device's VFIO group, as QEMU does first. */
function hold(device: HostDevice): () => void {
  const descriptor = openSync(`/dev/vfio/${host.details(device).iommuGroup}`, 'r+');
  return () => closeSync(descriptor);
}

hostContract(
  'a real kernel',
  { host, write: (path, words) => host.write(path, words), hold },
  { describe, it },
);
