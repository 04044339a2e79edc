import type { HostEvent } from '../host.ts';
import { baseName, directoryName } from '../tree.ts';
import { type DeviceFacts, VFIO_MAJOR } from './device-tree.ts';

/** A kernel's message about a device (Documentation/ABI/testing/sysfs-uevent), without its sequence number. */
export interface Uevent {
  readonly action: string;
  /** sysfs path without `/sys`. */
  readonly devpath: string;
  readonly subsystem: string;
  /** Further `KEY=value` lines. */
  readonly properties: readonly string[];
}

/** What a creation says: the device, its VFIO group, its VFIO device, and that its driver took it. */
export function ueventsOfCreation(device: DeviceFacts): readonly Uevent[] {
  const devpath = devpathOf(device);
  return [
    mdevUevent('add', devpath),
    groupUevent('add', device),
    vfioDeviceUevent('add', device),
    { ...mdevUevent('bind', devpath), properties: [`DRIVER=${device.driver}`] },
  ];
}

export function ueventsOfRemoval(device: DeviceFacts): readonly Uevent[] {
  const devpath = devpathOf(device);
  return [
    vfioDeviceUevent('remove', device),
    groupUevent('remove', device),
    mdevUevent('unbind', devpath),
    mdevUevent('remove', devpath),
  ];
}

/** What a driver's refusal says: the core had made the device before the driver was asked. */
export function ueventsOfRefusal(parentPath: string, uuid: string): readonly Uevent[] {
  const devpath = `${parentPath}/${uuid}`.slice('/sys'.length);
  return [mdevUevent('add', devpath), mdevUevent('remove', devpath)];
}

function devpathOf({ parentPath, uuid }: DeviceFacts): string {
  return `${parentPath}/${uuid}`.slice('/sys'.length);
}

function mdevUevent(action: string, devpath: string): Uevent {
  return { action, devpath, subsystem: 'mdev', properties: [] };
}

function groupUevent(action: string, { group }: DeviceFacts): Uevent {
  return {
    action,
    devpath: `/devices/virtual/vfio/${group}`,
    subsystem: 'vfio',
    properties: [`MAJOR=${VFIO_MAJOR}`, `MINOR=${group}`, `DEVNAME=vfio/${group}`],
  };
}

function vfioDeviceUevent(action: string, device: DeviceFacts): Uevent {
  const devpath = `${devpathOf(device)}/vfio-dev/vfio${device.index}`;
  return { action, devpath, subsystem: 'vfio-dev', properties: [] };
}

/** A uevent as it stands in the log: the kernel's lines, `TIME` (ours: ms since the epoch), an empty line. */
export function formatUevent(uevent: Uevent, sequence: number, time: number): string {
  return [
    `${uevent.action}@${uevent.devpath}`,
    `ACTION=${uevent.action}`,
    `DEVPATH=${uevent.devpath}`,
    `SUBSYSTEM=${uevent.subsystem}`,
    ...uevent.properties,
    `SEQNUM=${sequence}`,
    `TIME=${time}`,
    '\n',
  ].join('\n');
}

/** Reads one record of the log; undefined when it is none. */
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
      case 'change':
        return { action, parent, uuid, time };
      default:
        return undefined;
    }
  }
}

/** A parent tells with `change` that its types have come or are going (MDEV_STATE, drivers/vfio/mdev/mdev_core.c). */
function parentEvent(uevent: Uevent, time: number): HostEvent | undefined {
  const isParent = uevent.properties.some((line) => line.startsWith('MDEV_STATE='));
  if (uevent.action !== 'change' || !isParent) return undefined;
  return { action: 'change', parent: baseName(uevent.devpath), time };
}
