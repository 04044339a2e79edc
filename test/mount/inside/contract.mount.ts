import { closeSync, existsSync, openSync } from 'node:fs';
import { describe, it } from 'vitest';
import type { HostDevice } from '../../../src/host/host.ts';
import { SysfsHost } from '../../../src/host/sysfs/host.ts';
import { hostContract } from '../../host/contract.ts';

/** This machine's /sys, as on a real host. The kernel sends no message about it, so that regular looks take their place. */
const host = new SysfsHost('/', { udevadm: '/nonexistent' });

/** Opens a device's VFIO group, as QEMU does first. */
function hold(device: HostDevice): () => void {
  const descriptor = openSync(`/dev/vfio/${host.details(device).iommuGroup}`, 'r+');
  return () => closeSync(descriptor);
}

/** `sim init --layout v7`. */
const flat = existsSync('/sys/class/mdev_bus/mtty/mdev_create');
const old = flat ? { driver: 'vfio_mdev', full: 'ENOSPC' } : undefined;

hostContract(
  `a simulated host as this machine${flat ? ', in the flat layout' : ''}`,
  { host, write: (path, words) => host.write(path, words), hold, flat, old },
  { describe, it },
);
