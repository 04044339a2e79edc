import type { DeviceAttribute } from '../../drivers/driver.ts';
import { DEV_VFIO, IOMMU_GROUPS, MDEV_DEVICES, MDEV_DRIVERS } from '../sysfs/paths.ts';
import { flatType } from './flat-table.ts';
import {
  type Branch,
  directory,
  file,
  LazyDirectory,
  link,
  linkTo,
  relativeLink,
} from '../tree.ts';

/** The major number of VFIO groups in Debian's 6.1. Any number would do. */
export const VFIO_MAJOR = 246;

/** The major number of devices' own nodes in the capture of 6.12. */
const CDEV_MAJOR = 253;

/** Where a device's files are. */
export interface DevicePlace {
  readonly uuid: string;
  readonly parentPath: string;
  readonly type: string;
  /** The mdev driver it is bound to; undefined: it is unbound, and then has neither group nor index. */
  readonly driver?: string | undefined;
  /** Number of its IOMMU group, and so of its VFIO group; undefined: it has a node of its own only. */
  readonly group?: number | undefined;
  /** Number of its `vfio-dev`; a kernel before 6.1 has none. */
  readonly index?: number | undefined;
  /** Whether it has a node of its own, below `/dev/vfio/devices`. */
  readonly cdev?: boolean | undefined;
  /** Whether it has the files of the flat layout. */
  readonly flat?: boolean | undefined;
}

/** The facts from which a device's files are made. */
export interface DeviceFacts extends DevicePlace {
  readonly attributes: readonly DeviceAttribute[];
}

/** The files of runtime power management of a device without it (Debian 6.1). All devices share them. */
export const POWER = directory([
  ['async', file('disabled\n', 0o644)],
  // In the kernel, reading it gives EIO.
  ['autosuspend_delay_ms', file('', 0o644)],
  ['control', file('auto\n', 0o644)],
  ['runtime_active_kids', file('0\n')],
  ['runtime_active_time', file('0\n')],
  ['runtime_enabled', file('disabled\n')],
  ['runtime_status', file('unsupported\n')],
  ['runtime_suspended_time', file('0\n')],
  ['runtime_usage', file('0\n')],
]);

const REMOVE = file('', 0o200);
const EMPTY_UEVENT = file('', 0o644);
export const DEVICE_NODE = file('', 0o600);
/** Where devices' own nodes are. */
export const OWN_NODES = `${DEV_VFIO}/devices`;
const GROUP_NAME = file('vfio-noiommu\n');
const GROUP_TYPE = file('unknown\n', 0o644);
const EMPTY = file('');
const CLASS_VFIO = link('../../../../class/vfio');

/**
 * The paths of a device's files, in the order in which they are created. They are removed in reverse order. The link on the
 * bus is the last one: without it there is no device, so that remains of an interrupted change are recognised.
 */
export function devicePaths(device: DevicePlace): readonly string[] {
  return Object.values(pathsOf(device));
}

function pathsOf({ uuid, parentPath, type, driver, group, index, cdev, flat }: DevicePlace) {
  return {
    device: `${parentPath}/${uuid}`,
    ...(group === undefined
      ? {}
      : {
          iommuGroup: `${IOMMU_GROUPS}/${group}`,
          vfioGroup: `/sys/devices/virtual/vfio/${group}`,
          vfioGroupLink: `/sys/class/vfio/${group}`,
        }),
    ...(index === undefined ? {} : { vfioDeviceLink: `/sys/class/vfio-dev/vfio${index}` }),
    ...(group === undefined ? {} : { node: `${DEV_VFIO}/${group}` }),
    ...(cdev === true ? { ownNode: `${OWN_NODES}/vfio${index}` } : {}),
    ...(flat === true
      ? {}
      : { typeLink: `${parentPath}/mdev_supported_types/${type}/devices/${uuid}` }),
    ...(driver === undefined ? {} : { driverLink: `${MDEV_DRIVERS}/${driver}/${uuid}` }),
    busLink: `${MDEV_DEVICES}/${uuid}`,
  };
}

/** The files of a device at their {@link devicePaths}, as in Linux 6.1. */
export function deviceBranches(device: DeviceFacts): readonly (readonly [string, Branch])[] {
  const { uuid, group = 0, index } = device;
  const at = pathsOf(device);
  const path = at.device;
  return [
    [at.device, deviceDirectory(device, path)],
    ...optional(at.iommuGroup, () => groupDirectory(group, uuid, path)),
    ...optional(at.vfioGroup, () => vfioDirectory(group)),
    ...optional(at.vfioGroupLink, () => link(`../../devices/virtual/vfio/${group}`)),
    ...optional(at.vfioDeviceLink, (own) => linkTo(own, `${path}/vfio-dev/vfio${index}`)),
    ...optional(at.node, () => DEVICE_NODE),
    ...optional(at.ownNode, () => DEVICE_NODE),
    ...optional(at.typeLink, () => link(`../../../${uuid}`)),
    ...optional(at.driverLink, (own) => linkTo(own, path)),
    [at.busLink, linkTo(at.busLink, path)],
  ];
}

const optional = (
  at: string | undefined,
  branch: (at: string) => Branch,
): readonly (readonly [string, Branch])[] => (at === undefined ? [] : [[at, branch(at)]]);

const deviceDirectory = (device: DeviceFacts, path: string): Branch =>
  new LazyDirectory(() => deviceEntries(device, path));

/** What is in a device's directory. */
export function deviceEntries(
  device: DeviceFacts,
  path: string,
): readonly (readonly [string, Branch])[] {
  const { index, driver } = device;
  const up = relativeLink(`${path}/driver`, '/sys/');
  return [
    ...(driver === undefined ? [] : [['driver', link(`${up}bus/mdev/drivers/${driver}`)] as const]),
    ...(device.group === undefined
      ? []
      : [['iommu_group', link(`${up}kernel/iommu_groups/${device.group}`)] as const]),
    ...(device.flat === true
      ? flatEntries(device)
      : ([
          ['mdev_type', link(`../mdev_supported_types/${device.type}`)],
          ['remove', REMOVE],
        ] as const)),
    ['power', POWER],
    ['subsystem', link(`${up}bus/mdev`)],
    ['uevent', file(driverLine(driver), 0o644)],
    ...attributeEntries(device.attributes),
    ...(index === undefined ? [] : [vfioDevEntry(device, index, up)]),
  ];
}

/** What a device's `uevent` says of its driver. */
export const driverLine = (driver: string | undefined): string =>
  driver === undefined ? '' : `DRIVER=${driver}\n`;

function flatEntries({ type }: DevicePlace): readonly (readonly [string, Branch])[] {
  return [
    ['mdev_type', file(flatType(type))],
    ['online', file('0\n', 0o644)],
  ];
}

function vfioDevEntry(
  { uuid, cdev }: DeviceFacts,
  index: number,
  up: string,
): readonly [string, Branch] {
  const entries: (readonly [string, Branch])[] = [
    ['device', link(`../../../${uuid}`)],
    ['power', POWER],
    ['subsystem', link(`../../${up}class/vfio-dev`)],
    ...(cdev === true ? ownNodeFiles(index) : [['uevent', EMPTY_UEVENT] as const]),
  ];
  return ['vfio-dev', new LazyDirectory(() => [[`vfio${index}`, directory(entries)]])];
}

/** The files of a `vfio-dev` that has a node. */
export const ownNodeFiles = (index: number): readonly (readonly [string, Branch])[] => [
  ['uevent', file(`${cdevProperties(index).join('\n')}\n`, 0o644)],
  ['dev', file(`${CDEV_MAJOR}:${index}\n`)],
];

/** What the kernel says of a device's own node. */
export const cdevProperties = (index: number): readonly string[] => [
  `MAJOR=${CDEV_MAJOR}`,
  `MINOR=${index}`,
  `DEVNAME=vfio/devices/vfio${index}`,
];

/** The driver's attributes: `matrix` is in the device's directory, `vendor/memory` in a directory of it. */
function attributeEntries(attributes: readonly DeviceAttribute[]): readonly [string, Branch][] {
  const entries: [string, Branch][] = [];
  const folders = new Map<string, [string, Branch][]>();
  for (const { name, value, mode } of attributes) {
    const leaf = file(value === '' ? '' : `${value}\n`, mode);
    const slash = name.indexOf('/');
    if (slash < 0) {
      entries.push([name, leaf]);
      continue;
    }
    const folder = folders.get(name.slice(0, slash)) ?? [];
    folder.push([name.slice(slash + 1), leaf]);
    folders.set(name.slice(0, slash), folder);
  }
  for (const [name, children] of folders) entries.push([name, directory(children)]);
  return entries;
}

function groupDirectory(group: number, uuid: string, path: string): Branch {
  const member = `${IOMMU_GROUPS}/${group}/devices/${uuid}`;
  return new LazyDirectory(() => [
    ['devices', directory([[uuid, linkTo(member, path)]])],
    ['name', GROUP_NAME],
    ['reserved_regions', EMPTY],
    ['type', GROUP_TYPE],
  ]);
}

function vfioDirectory(group: number): Branch {
  return new LazyDirectory(() => [
    ['dev', file(`${VFIO_MAJOR}:${group}\n`)],
    ['power', POWER],
    ['subsystem', CLASS_VFIO],
    ['uevent', file(`MAJOR=${VFIO_MAJOR}\nMINOR=${group}\nDEVNAME=vfio/${group}\n`, 0o644)],
  ]);
}
