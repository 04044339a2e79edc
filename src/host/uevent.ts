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
 * Reads one record of the log of a simulated host or of `udevadm monitor`: a line with a summary, then `KEY=value` lines.
 * Undefined when it is no record. `time` is 0 when the record has none.
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
 * Turns uevents into host events, for one listener. A device exists when its driver is bound (`bind`). One that is added
 * and removed without that was refused, and is not reported.
 */
export class UeventReader {
  readonly #unbound = new Set<string>();
  /** Those whose driver has left them, which are still there. */
  readonly #left = new Set<string>();

  read(uevent: Uevent, time: number): HostEvent | undefined {
    const { action, devpath, subsystem } = uevent;
    if (subsystem !== 'mdev') return functionEvent(uevent, time) ?? parentEvent(uevent, time);
    const uuid = baseName(devpath);
    const parent = baseName(directoryName(devpath));
    switch (action) {
      case 'add':
        this.#unbound.add(uuid);
        return undefined;
      case 'bind':
        this.#unbound.delete(uuid);
        if (this.#left.delete(uuid)) return undefined;
        return { action: 'add', parent, uuid, time };
      case 'unbind':
        this.#left.add(uuid);
        return undefined;
      case 'remove':
        this.#left.delete(uuid);
        return this.#unbound.delete(uuid) ? undefined : { action, parent, uuid, time };
      default:
        return undefined;
    }
  }
}

/** What a simulated host says of a function that was given a type or lost it; without uuid, that came or went as a parent. */
export const FUNCTION_TYPE = 'VIRT_NODEDEV_FUNCTION';
export const FUNCTION_UUID = 'VIRT_NODEDEV_UUID';

function functionEvent({ properties, devpath }: Uevent, time: number): HostEvent | undefined {
  const valueOf = (key: string): string | undefined =>
    properties.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);
  const [action, uuid] = [valueOf(FUNCTION_TYPE), valueOf(FUNCTION_UUID)];
  if (action !== 'add' && action !== 'remove') return undefined;
  return { action, parent: baseName(devpath), uuid, time };
}

/** A parent reports with `change` that its types were added or removed (MDEV_STATE, drivers/vfio/mdev/mdev_core.c). */
function parentEvent(uevent: Uevent, time: number): HostEvent | undefined {
  const state = uevent.properties.find((line) => line.startsWith('MDEV_STATE='));
  if (uevent.action !== 'change' || state === undefined) return undefined;
  const action = state.endsWith('=registered') ? 'add' : 'remove';
  return { action, parent: baseName(uevent.devpath), time };
}
