import type { HostEvent } from './host.ts';
import { baseName, directoryName } from './tree.ts';

/** A kernel's message about a device (Documentation/ABI/testing/sysfs-uevent), without its sequence number. */
export interface Uevent {
  readonly action: string;
  /** sysfs path without `/sys`. */
  readonly devpath: string;
  readonly subsystem: string;
  /** Further `KEY=value` lines. */
  readonly properties: readonly string[];
}

/**
 * Reads one record: a line that sums it up, then `KEY=value` lines, as the log of a simulated host and `udevadm monitor`
 * have it. Undefined when it is none. `time` is 0 where the record has none.
 */
export function parseUevent(record: string): (Uevent & { readonly time: number }) | undefined {
  const lines = record.split('\n').slice(1);
  const value = (key: string) =>
    lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);
  const action = value('ACTION');
  const devpath = value('DEVPATH');
  const subsystem = value('SUBSYSTEM');
  const time = Number(value('TIME'));
  if (action === undefined || devpath === undefined || subsystem === undefined) return undefined;
  return { action, devpath, subsystem, properties: lines, time: Number.isFinite(time) ? time : 0 };
}

/**
 * Makes host events of uevents, for one follower. A device is there once its driver has taken it (`bind`); one that
 * was added and removed without that never came to be, and nobody is told.
 */
export class UeventReader {
  readonly #unbound = new Set<string>();

  read(uevent: Uevent, time: number): HostEvent | undefined {
    const { action, devpath, subsystem } = uevent;
    if (subsystem !== 'mdev') return parentEvent(uevent, time);
    const uuid = baseName(devpath);
    const parent = baseName(directoryName(devpath));
    switch (action) {
      case 'add':
        this.#unbound.add(uuid);
        return undefined;
      case 'bind':
        this.#unbound.delete(uuid);
        return { action: 'add', parent, uuid, time };
      case 'remove':
        return this.#unbound.delete(uuid) ? undefined : { action, parent, uuid, time };
      default:
        return undefined;
    }
  }
}

/** A parent tells with `change` that its types have come or have gone (MDEV_STATE, drivers/vfio/mdev/mdev_core.c). */
function parentEvent(uevent: Uevent, time: number): HostEvent | undefined {
  const state = uevent.properties.find((line) => line.startsWith('MDEV_STATE='));
  if (uevent.action !== 'change' || state === undefined) return undefined;
  const action = state.endsWith('=registered') ? 'add' : 'remove';
  return { action, parent: baseName(uevent.devpath), time };
}
