import type { Host, HostDevice, HostParent } from '../host/host.ts';
import { mdevName, nodeDeviceName, nodeDeviceSuffix, parseMdevName } from '../nodedev/names.ts';
import type { Context } from './context.ts';
import type { DefinitionRef, StoredDefinition } from './definitions.ts';
import { deviceAmbiguous, deviceUnknown } from './messages.ts';
import type { StoreView } from './store.ts';
import type { DeviceInfo, DomainRef, ListedDevice } from './types.ts';

/** The root of every host's device tree, as libvirt calls it. */
export const COMPUTER = 'computer';

/** A mediated device: active, defined, or both. */
export interface KnownDevice {
  readonly ref: DefinitionRef;
  readonly active: HostDevice | undefined;
  readonly definition: StoredDefinition | undefined;
}

/** libvirt calls sysfs's `matrix` `ap_matrix`; every other parent is named by its subsystem and sysfs name. */
export const parentName = ({
  subsystem,
  address,
}: Pick<HostParent, 'subsystem' | 'address'>): string =>
  subsystem === 'matrix' ? 'ap_matrix' : nodeDeviceName(subsystem, address);

export const nameOf = ({ parent, uuid }: DefinitionRef): string => mdevName(uuid, parent);

export const deviceName = (device: HostDevice): string => nameOf(device.ref);

/** A parent by node device name or sysfs name (`0000:86:00.0`). */
export function findParent(host: Host, name: string): HostParent | undefined {
  return host.parent(name) ?? host.parents().items.find((parent) => parentName(parent) === name);
}

/**
 * A mediated device by name, old name (`mdev_<uuid>`), bare uuid, or the name it was created with.
 *
 * @throws NodedevError `device-unknown`, `device-ambiguous`
 */
export function findDevice(context: Context, view: StoreView, name: string): KnownDevice {
  const device = lookUpDevice(context, view, name);
  if (device !== undefined) return device;
  throw deviceUnknown(name, knownNames(context, view));
}

/** As {@link findDevice}, but undefined when there is none. */
export function lookUpDevice(
  context: Context,
  view: StoreView,
  name: string,
): KnownDevice | undefined {
  const parsed = parseMdevName(name);
  const refs = parsed === undefined ? refsOfAlias(view, name) : refsOfUuid(context, parsed.uuid);
  const suffix = parsed?.parentSuffix;
  const fitting = refs.filter(
    ({ parent }) => suffix === undefined || nodeDeviceSuffix(parent) === suffix,
  );
  const known = fitting.flatMap((ref) => knownDevice(context, ref) ?? []);
  // One uuid may be defined under several parents: the active one is meant.
  const meant = parsed === undefined ? [] : known.filter(({ active }) => active !== undefined);
  const candidates = meant.length > 0 ? meant : known;
  if (candidates.length > 1)
    throw deviceAmbiguous(
      name,
      candidates.map(({ ref }) => nameOf(ref)),
    );
  return candidates[0];
}

/** What there is of a device under this parent; undefined: nothing. */
export function knownDevice(
  { host, definitions }: Context,
  ref: DefinitionRef,
): KnownDevice | undefined {
  const found = host.find(ref.uuid);
  const active = found?.ref.parent === ref.parent ? found : undefined;
  const definition = definitions.read(ref);
  return active === undefined && definition === undefined
    ? undefined
    : { ref: { parent: ref.parent, uuid: ref.uuid }, active, definition };
}

/** What a listing tells of a device. `parent`: node device name, undefined when the parent is gone. */
export function listedDevice(
  view: StoreView,
  { ref, active, definition }: KnownDevice,
  parent: string | undefined,
): ListedDevice {
  const record = active === undefined ? undefined : view.device(ref.uuid);
  const saved = view.definition(ref);
  const group = record?.group ?? saved?.group;
  return {
    name: nameOf(ref),
    capabilities: ['mdev'],
    parent: parent ?? COMPUTER,
    active: active !== undefined,
    persistent: definition !== undefined,
    uuid: ref.uuid,
    parentAddress: ref.parent,
    type: active?.type ?? definition?.definition.type,
    group,
    owner: group === undefined ? undefined : claimedOwner(view, group),
    alias: record?.alias ?? saved?.alias,
  };
}

export function deviceInfo(host: Host, view: StoreView, device: KnownDevice): DeviceInfo {
  const parent = host.parent(device.ref.parent);
  return {
    ...listedDevice(view, device, parent === undefined ? undefined : parentName(parent)),
    autostart: device.definition?.definition.autostart ?? false,
  };
}

/** The domain a group was claimed for. */
export const claimedOwner = (view: StoreView, group: string): DomainRef | undefined =>
  view.activeGroup(group)?.owner ?? view.persistentOwner(group);

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

export const COMPUTER_INFO: DeviceInfo = {
  name: COMPUTER,
  capabilities: ['system'],
  active: true,
  persistent: true,
  autostart: true,
};

/** Every name a look-up understands, for near misses. */
export function knownNames({ host, definitions }: Context, view: StoreView): string[] {
  return [
    COMPUTER,
    ...host.parents().items.map(parentName),
    ...host.devices().items.map(deviceName),
    ...definitions.refs().map(nameOf),
    ...[...view.devices(), ...view.definitions()].flatMap((record) => record.alias ?? []),
  ];
}

function refsOfAlias(view: StoreView, name: string): DefinitionRef[] {
  const refs = new Map(
    [...view.devices(), ...view.definitions()]
      .filter((record) => record.alias === name)
      .map((record): [string, DefinitionRef] => [nameOf(record), record]),
  );
  return [...refs.values()];
}

function refsOfUuid({ host, definitions }: Context, uuid: string): DefinitionRef[] {
  const active = host.find(uuid)?.ref;
  const defined = definitions.find(uuid).filter(({ parent }) => parent !== active?.parent);
  return [...(active === undefined ? [] : [active]), ...defined];
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
