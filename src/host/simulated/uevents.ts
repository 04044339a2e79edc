import { FUNCTION_TYPE, FUNCTION_UUID, type Uevent } from '../uevent.ts';
import { type DevicePlace, VFIO_MAJOR } from './device-tree.ts';

/** The uevents of a creation: of the device, its VFIO group, its VFIO device, and of the binding of its driver. */
export function ueventsOfCreation(device: DevicePlace): readonly Uevent[] {
  const devpath = devpathOf(device);
  return [
    mdevUevent('add', devpath),
    groupUevent('add', device),
    vfioDeviceUevent('add', device),
    { ...mdevUevent('bind', devpath), properties: [`DRIVER=${device.driver}`] },
  ];
}

export function ueventsOfRemoval(device: DevicePlace): readonly Uevent[] {
  const devpath = devpathOf(device);
  return [
    vfioDeviceUevent('remove', device),
    groupUevent('remove', device),
    mdevUevent('unbind', devpath),
    mdevUevent('remove', devpath),
  ];
}

/**
 * Of a function that was given a type, or lost it. The kernel has no message for this; on a simulated host this one, which is
 * ours, stands for what a look at the files shows.
 */
export function ueventOfFunction(action: 'add' | 'remove', path: string, uuid: string): Uevent {
  const properties = [`${FUNCTION_TYPE}=${action}`, `${FUNCTION_UUID}=${uuid}`];
  return { action: 'change', devpath: path.slice('/sys'.length), subsystem: 'pci', properties };
}

/** The uevents when a driver refuses a device: the core has created it before it asks the driver. */
export function ueventsOfRefusal(parentPath: string, uuid: string): readonly Uevent[] {
  const devpath = `${parentPath}/${uuid}`.slice('/sys'.length);
  return [mdevUevent('add', devpath), mdevUevent('remove', devpath)];
}

function devpathOf({ parentPath, uuid }: DevicePlace): string {
  return `${parentPath}/${uuid}`.slice('/sys'.length);
}

function mdevUevent(action: string, devpath: string): Uevent {
  return { action, devpath, subsystem: 'mdev', properties: [] };
}

function groupUevent(action: string, { group }: DevicePlace): Uevent {
  return {
    action,
    devpath: `/devices/virtual/vfio/${group}`,
    subsystem: 'vfio',
    properties: [`MAJOR=${VFIO_MAJOR}`, `MINOR=${group}`, `DEVNAME=vfio/${group}`],
  };
}

function vfioDeviceUevent(action: string, device: DevicePlace): Uevent {
  const devpath = `${devpathOf(device)}/vfio-dev/vfio${device.index}`;
  return { action, devpath, subsystem: 'vfio-dev', properties: [] };
}

/** A uevent for the log: the kernel's lines, our own `TIME` (ms since the epoch), and an empty line. */
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
