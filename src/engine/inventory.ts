import type { Host, HostDevice, HostParent } from '../host/host.ts';
import { mdevName, nodeDeviceName, nodeDeviceSuffix, parseMdevName } from '../nodedev/names.ts';
import type { Context } from './context.ts';
import { deviceAmbiguous, deviceUnknown } from './messages.ts';
import type { StoreView } from './store.ts';
import type { DeviceInfo } from './types.ts';

/** The root of every host's device tree, as libvirt calls it. */
export const COMPUTER = 'computer';

export const parentName = (parent: HostParent): string =>
  nodeDeviceName(parent.subsystem, parent.address);

export const deviceName = (device: HostDevice): string =>
  mdevName(device.ref.uuid, device.ref.parent);

/** A parent by node device name or sysfs name (`0000:86:00.0`). */
export function findParent(host: Host, name: string): HostParent | undefined {
  return host.parent(name) ?? host.parents().items.find((parent) => parentName(parent) === name);
}

/**
 * An active mediated device by name, old name (`mdev_<uuid>`), bare uuid, or the name it was created with.
 *
 * @throws NodedevError `device-unknown`, `device-ambiguous`
 */
export function findDevice(context: Context, view: StoreView, name: string): HostDevice {
  const device = lookUpDevice(context, view, name);
  if (device !== undefined) return device;
  throw deviceUnknown(name, knownNames(context.host, view));
}

/** As {@link findDevice}, but undefined when there is none. */
export function lookUpDevice(
  { host }: Context,
  view: StoreView,
  name: string,
): HostDevice | undefined {
  const parsed = parseMdevName(name);
  if (parsed !== undefined) {
    const device = host.find(parsed.uuid);
    if (device === undefined) return undefined;
    const suffix = nodeDeviceSuffix(device.ref.parent);
    return (parsed.parentSuffix ?? suffix) === suffix ? device : undefined;
  }
  const found = view
    .devices()
    .filter((record) => record.alias === name)
    .flatMap((record) => host.find(record.uuid) ?? []);
  if (found.length > 1) throw deviceAmbiguous(name, found.map(deviceName));
  return found[0];
}

export function deviceInfo(
  device: HostDevice,
  parent: HostParent | undefined,
  view: StoreView,
): DeviceInfo {
  const record = view.device(device.ref.uuid);
  const group = record === undefined ? undefined : view.group(record.group);
  return {
    name: deviceName(device),
    capabilities: ['mdev'],
    parent: parent === undefined ? undefined : parentName(parent),
    active: true,
    persistent: false,
    autostart: false,
    uuid: device.ref.uuid,
    parentAddress: device.ref.parent,
    type: device.type,
    group: record?.group,
    owner: group?.owner,
    alias: record?.alias,
  };
}

export function parentInfo(parent: HostParent): DeviceInfo {
  const kind = PARENT_CAPABILITIES[parent.subsystem];
  return {
    name: parentName(parent),
    capabilities: kind === undefined ? ['mdev_types'] : [kind, 'mdev_types'],
    parent: grandparentName(parent),
    active: true,
    persistent: true,
    autostart: true,
  };
}

/** What a parent hangs below: the PCI bridge above it, or the host itself. The sysfs path tells without reading. */
function grandparentName(parent: HostParent): string {
  const above = parent.path.split('/').at(-2) ?? '';
  return PCI_ADDRESS.test(above) ? nodeDeviceName('pci', above) : COMPUTER;
}

const PCI_ADDRESS = /^[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/u;

/** The capability a parent of this subsystem has besides its types (libvirt, src/node_device/node_device_udev.c). */
const PARENT_CAPABILITIES: Readonly<Record<string, string | undefined>> = {
  pci: 'pci',
  css: 'css',
  matrix: 'ap_matrix',
};

/** Every name a look-up understands, for near misses. */
export function knownNames(host: Host, view: StoreView): string[] {
  return [
    COMPUTER,
    ...host.parents().items.map(parentName),
    ...host.devices().items.map(deviceName),
    ...view.devices().flatMap((record) => record.alias ?? []),
  ];
}
