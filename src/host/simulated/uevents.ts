import { FUNCTION_TYPE, FUNCTION_UUID, type Uevent } from '../uevent.ts';
import { cdevProperties, type DevicePlace, VFIO_MAJOR } from './device-tree.ts';
import type { SimulatedCard } from './profile.ts';

/** The uevents of a creation: of the device, its VFIO group, its VFIO device, and of the binding of its driver. */
export function ueventsOfCreation(device: DevicePlace): readonly Uevent[] {
  return [mdevUevent('add', devpathOf(device)), ...ueventsOfBinding(device)];
}

/** The uevents when the driver of a device is bound: its probe makes it a VFIO device. Of an unbound one there are none. */
export function ueventsOfBinding(device: DevicePlace): readonly Uevent[] {
  const { driver } = device;
  if (driver === undefined) return [];
  return [
    ...groupUevents('add', device),
    ...vfioDeviceUevents('add', device),
    { ...mdevUevent('bind', devpathOf(device)), properties: [`DRIVER=${driver}`] },
  ];
}

/** Likewise when it is unbound: the reverse. */
export function ueventsOfUnbinding(device: DevicePlace): readonly Uevent[] {
  if (device.driver === undefined) return [];
  return [
    ...vfioDeviceUevents('remove', device),
    ...groupUevents('remove', device),
    mdevUevent('unbind', devpathOf(device)),
  ];
}

export function ueventsOfRemoval(device: DevicePlace): readonly Uevent[] {
  return [...ueventsOfUnbinding(device), mdevUevent('remove', devpathOf(device))];
}

/**
 * Of a function that was given a type, or lost it; without uuid, of one that was bound to the driver, or unbound. The kernel has no message for this; on a simulated host this one, which is
 * ours, stands for what a look at the files shows.
 */
export function ueventOfFunction(action: 'add' | 'remove', path: string, uuid?: string): Uevent {
  const of = uuid === undefined ? [] : [`${FUNCTION_UUID}=${uuid}`];
  const properties = [`${FUNCTION_TYPE}=${action}`, ...of];
  return { action: 'change', devpath: path.slice('/sys'.length), subsystem: 'pci', properties };
}

/** Hardware that comes or goes, or is bound or unbound. */
export interface Moving {
  /** Below /sys/devices. */
  readonly path: string;
  readonly subsystem: string;
  readonly what: 'device' | 'driver';
  /** The driver it is bound to. */
  readonly driver?: string | undefined;
}

/**
 * The uevents of hardware that comes: of the device, of its becoming a parent (a class's device: `add`, then `change` with
 * MDEV_STATE, seen on Linux 6.1), and of the binding of its driver (really_probe in drivers/base/dd.c).
 */
export function ueventsOfArrival(
  moving: Moving,
  card: SimulatedCard | undefined,
): readonly Uevent[] {
  return [
    ...(moving.what === 'device' ? [hardwareUevent('add', moving)] : []),
    ...ueventsOfParent('add', moving, card),
    ...bindingUevents('bind', moving),
  ];
}

/** Likewise of hardware that goes: the reverse. */
export function ueventsOfDeparture(
  moving: Moving,
  card: SimulatedCard | undefined,
): readonly Uevent[] {
  return [
    ...ueventsOfParent('remove', moving, card),
    ...bindingUevents('unbind', moving),
    ...(moving.what === 'device' ? [hardwareUevent('remove', moving)] : []),
  ];
}

/** Of the core for a parent of mediated devices; of a function, for which the kernel has none, our own. */
function ueventsOfParent(
  action: 'add' | 'remove',
  moving: Moving,
  card: SimulatedCard | undefined,
): readonly Uevent[] {
  if (card === undefined) return [];
  if (card.functions !== undefined) return [ueventOfFunction(action, moving.path)];
  const state = action === 'add' ? 'registered' : 'unregistered';
  return [{ ...hardwareUevent('change', moving), properties: [`MDEV_STATE=${state}`] }];
}

const bindingUevents = (action: string, moving: Moving): readonly Uevent[] =>
  moving.driver === undefined
    ? []
    : [{ ...hardwareUevent(action, moving), properties: [`DRIVER=${moving.driver}`] }];

const hardwareUevent = (action: string, { path, subsystem }: Moving): Uevent => ({
  action,
  devpath: path.slice('/sys'.length),
  subsystem,
  properties: [],
});

/** Whether a uevent of the log, which has more lines, is this one. */
export const isSameUevent = (one: Uevent, inLog: Uevent): boolean =>
  one.action === inLog.action &&
  one.devpath === inLog.devpath &&
  one.properties.every((line) => inLog.properties.includes(line));

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

function groupUevents(action: string, { group }: DevicePlace): readonly Uevent[] {
  if (group === undefined) return [];
  return [
    {
      action,
      devpath: `/devices/virtual/vfio/${group}`,
      subsystem: 'vfio',
      properties: [`MAJOR=${VFIO_MAJOR}`, `MINOR=${group}`, `DEVNAME=vfio/${group}`],
    },
  ];
}

function vfioDeviceUevents(action: string, device: DevicePlace): readonly Uevent[] {
  const { index, cdev } = device;
  if (index === undefined) return [];
  const devpath = `${devpathOf(device)}/vfio-dev/vfio${index}`;
  const properties = cdev === true ? cdevProperties(index) : [];
  return [{ action, devpath, subsystem: 'vfio-dev', properties }];
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
