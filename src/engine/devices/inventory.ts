import { NodedevError } from '../../errors.ts';
import {
  type Hardware,
  type Host,
  type HostDevice,
  type HostParent,
  takesType,
} from '../../host/host.ts';
import { nameAbove } from '../../host/name-above.ts';
import type { DomainRef } from '../../policy/domain-ref.ts';
import type { CapabilityName } from '../../nodedev/capability-names.ts';
import {
  addressOf,
  mdevName,
  nodeDeviceName,
  nodeDeviceSuffix,
  parseMdevName,
  sysfsName,
} from '../../nodedev/names.ts';
import type { Context } from '../context.ts';
import type {
  DefinitionRef,
  DefinitionStore,
  StoredDefinition,
} from '../definitions/definitions.ts';
import {
  deviceAmbiguous,
  deviceUnknown,
  groupNoDevice,
  functionChanged,
  notMediated,
} from '../wording/messages.ts';
import type { DeviceRecord } from '../store/records.ts';
import type { StoreView } from '../store/store.ts';
import type { DeviceInfo, ListedDevice } from '../listed-device.ts';
import type { GroupOwner } from '../../policy/owner.ts';

/** libvirt's name for the root of a host's device tree. */
export const COMPUTER = 'computer';

/** A mediated device: active, defined, or both. */
export interface KnownDevice {
  readonly ref: DefinitionRef;
  readonly active: HostDevice | undefined;
  readonly definition: StoredDefinition | undefined;
  /** Why its existing definition cannot be read. */
  readonly problem?: NodedevError | undefined;
}

/** A parent's node device name. */
export const parentName = ({
  subsystem,
  address,
}: Pick<HostParent, 'subsystem' | 'address'>): string => nodeDeviceName(subsystem, address);

export const nameOf = ({ parent, uuid }: DefinitionRef): string => mdevName(uuid, parent);

export const deviceName = (device: HostDevice): string => nameOf(device.ref);

/** A parent by node device name or sysfs name (`0000:86:00.0`), or another spelling of that (`00000000:86:00.0`). */
export function findParent(host: Host, written: string): HostParent | undefined {
  const name = sysfsName(written);
  const parent = host.parent(addressOf(name));
  if (parent !== undefined && (parent.address === name || parentName(parent) === name)) {
    return parent;
  }
  return host.parents().items.find((candidate) => parentName(candidate) === name);
}

/** Which device is taken when a uuid is active under one parent and defined under others. */
export type PreferredState = 'active' | 'defined';

/**
 * A mediated device by name, old name (`mdev_<uuid>`), bare uuid, or the name it was created with.
 *
 * @param says what is said of a device that is not mediated
 * @throws NodedevError `device-unknown`, `device-ambiguous`, `unsupported-device` (a parent)
 */
export function findDevice(
  context: Context,
  view: StoreView,
  name: string,
  meant: PreferredState = 'active',
  says?: Parameters<typeof notMediated>[1],
): KnownDevice {
  const device = lookUpDevice(context, view, name, meant);
  if (device !== undefined) return device;
  const { host } = context;
  const isOther = name === COMPUTER || (findParent(host, name) ?? findHardware(host, name));
  if (isOther)
    throw notMediated(name, name === COMPUTER && says === 'undefined' ? undefined : says);
  throw unknownDevice(context, view, name);
}

/** The error for a name that no device has: of a function that another program changed, with what it has now. */
export function unknownDevice(context: Context, view: StoreView, name: string): NodedevError {
  const { uuid } = parseMdevName(name) ?? refsOfAlias(view, name)[0] ?? {};
  const record = uuid === undefined ? undefined : view.device(uuid);
  const change = record && functionChange(context.host, record);
  if (record === undefined || change === undefined) {
    const isGroup = view.activeGroup(name) !== undefined || view.definitionsOf(name).length > 0;
    return isGroup ? groupNoDevice(name) : deviceUnknown(name, knownNames(context, view));
  }
  return functionChanged(name, record.parent, change.now);
}

/** What became of a function that we gave a type: what it has now, undefined for none. Undefined: it has what we gave it. */
export function functionChange(
  host: Host,
  { parent: address, type, uuid }: Pick<DeviceRecord, 'parent' | 'type' | 'uuid'>,
): { readonly now: string | undefined } | undefined {
  const parent = host.parent(address);
  if (parent === undefined || !takesType(parent)) return undefined;
  const now = host.devices(parent).items[0];
  return now?.type === type && now.ref.uuid === uuid ? undefined : { now: now?.type };
}

/** As {@link findDevice}, but undefined when there is none. */
export function lookUpDevice(
  context: Context,
  view: StoreView,
  name: string,
  meant: PreferredState = 'active',
): KnownDevice | undefined {
  const parsed = parseMdevName(name);
  const found = parsed && context.host.find(parsed.uuid);
  const refs =
    parsed === undefined ? refsOfAlias(view, name) : refsOfUuid(context, parsed.uuid, found?.ref);
  const suffix = parsed?.parentSuffix;
  const fitting = refs.filter(
    ({ parent }) => suffix === undefined || nodeDeviceSuffix(parent) === suffix,
  );
  const known = fitting.flatMap((ref) => knownDevice(context, ref, found) ?? []);
  const isMeant = meant === 'active' ? isActive : isDefined;
  const preferred = parsed === undefined ? [] : known.filter(isMeant);
  const candidates = preferred.length > 0 ? preferred : known;
  if (candidates.length > 1)
    throw deviceAmbiguous(
      name,
      candidates.map(({ ref }) => nameOf(ref)),
    );
  return candidates[0];
}

/**
 * The device of this uuid under this parent, active, defined (also unreadably) or both; undefined: there is none.
 *
 * @param found the active device of this uuid, if it was looked up already
 */
export function knownDevice(
  { host, definitions }: Context,
  { parent, uuid }: DefinitionRef,
  found = host.find(uuid),
): KnownDevice | undefined {
  const active = found?.ref.parent === parent ? found : undefined;
  const device = {
    ref: { parent, uuid },
    active,
    ...readDefinition(definitions, { parent, uuid }),
  };
  return isActive(device) || isDefined(device) ? device : undefined;
}

function readDefinition(
  definitions: DefinitionStore,
  ref: DefinitionRef,
): Pick<KnownDevice, 'definition' | 'problem'> {
  try {
    return { definition: definitions.read(ref) };
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    return { definition: undefined, problem: error };
  }
}

const isActive = ({ active }: KnownDevice): boolean => active !== undefined;

/** Whether it is defined, also by an unreadable definition, which can be removed. */
export const isDefined = ({ definition, problem }: KnownDevice): boolean =>
  definition !== undefined || problem !== undefined;

/** The record of an active device; undefined when another program made it, perhaps after removing one of ours. */
export function recordOf(view: StoreView, { ref, type }: HostDevice): DeviceRecord | undefined {
  const record = view.device(ref.uuid);
  return record?.parent === ref.parent && record.type === type ? record : undefined;
}

/** A device as `list` returns it. `parent`: node device name, undefined when the parent is gone. */
export function listedDevice(
  view: StoreView,
  device: KnownDevice,
  parent: string | undefined,
): ListedDevice {
  const { ref, active, definition } = device;
  const record = active && recordOf(view, active);
  const saved = view.definition(ref);
  const group = record?.group ?? saved?.group;
  return {
    name: nameOf(ref),
    capabilities: ['mdev'],
    parent: parent ?? COMPUTER,
    active: isActive(device),
    persistent: isDefined(device),
    uuid: ref.uuid,
    parentAddress: ref.parent,
    type: active?.type ?? definition?.definition.type,
    group,
    owner: group === undefined ? undefined : claimedOwner(view, group),
    alias: record?.alias ?? saved?.alias,
  };
}

/** The {@link DeviceInfo} of these devices. */
export function deviceInfos(
  host: Host,
  view: StoreView,
  devices: readonly KnownDevice[],
): DeviceInfo[] {
  const nameOfParent = parentNames(host);
  return devices.map((device) => deviceInfo(host, view, device, nameOfParent));
}

export function deviceInfo(
  host: Host,
  view: StoreView,
  device: KnownDevice,
  nameOfParent = parentNames(host),
): DeviceInfo {
  return {
    ...listedDevice(view, device, nameOfParent(device.ref.parent)),
    autostart: device.definition?.definition.autostart ?? false,
  };
}

/** A function that returns the node device name of a parent, undefined for one that is gone. It looks up each name once. */
export function parentNames(host: Host): (address: string) => string | undefined {
  const names = new Map<string, string | undefined>();
  return (address) => {
    if (!names.has(address)) {
      const parent = host.parent(address);
      names.set(address, parent && parentName(parent));
    }
    return names.get(address);
  };
}

/** The domain a group was claimed for, else the one it is lent to. */
export function claimedDomain(view: StoreView, group: string): DomainRef | undefined {
  const record = view.activeGroup(group);
  const domain = record?.owner ?? view.persistentOwner(group) ?? record?.lentTo;
  return domain && { name: domain.name, uuid: domain.uuid };
}

/** {@link claimedDomain} as an owner. */
export function claimedOwner(view: StoreView, group: string): GroupOwner | undefined {
  const domain = claimedDomain(view, group);
  return domain && { ...domain, by: 'claim' };
}

/** The name of a device's group; undefined for a device that another program made. */
export const groupNameOf = (view: StoreView, device: HostDevice): string | undefined =>
  recordOf(view, device)?.group ?? view.definition(device.ref)?.group;

/** A PCI, css or ap device, parent or not, by node device name or sysfs name, in any spelling. */
export function findHardware(host: Host, written: string): Hardware | undefined {
  const name = sysfsName(written);
  return host
    .hardware()
    .items.find((device) => parentName(device) === name || device.address === name);
}

export const parentInfo = (parent: HostParent): DeviceInfo => hardwareInfo(parent, ['mdev_types']);

/** What is known of hardware without reading it. To libvirt it is no persistent device (9.0 and 12.8). */
export function hardwareInfo(device: Hardware, others: readonly CapabilityName[] = []): DeviceInfo {
  const kind =
    device.subsystem === 'ap'
      ? device.address.startsWith('card')
        ? 'ap_card'
        : 'ap_queue'
      : HARDWARE_CAPABILITIES[device.subsystem];
  return {
    name: parentName(device),
    capabilities: kind === undefined ? others : [kind, ...others],
    parent: nameAbove(device.path),
    active: true,
    persistent: false,
    autostart: false,
  };
}

export const COMPUTER_INFO: DeviceInfo = {
  name: COMPUTER,
  capabilities: ['system'],
  active: true,
  persistent: true,
  autostart: true,
};

/** All names that a look-up accepts, for suggestions of similar names. */
export function knownNames({ host, definitions }: Context, view: StoreView): string[] {
  return [
    COMPUTER,
    ...new Set([...host.parents().items, ...host.hardware().items].map(parentName)),
    ...host.devices().items.map(deviceName),
    ...definitions.refs().items.map(nameOf),
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

function refsOfUuid(
  { definitions }: Context,
  uuid: string,
  active: DefinitionRef | undefined,
): DefinitionRef[] {
  const elsewhere = definitions.find(uuid).filter(({ parent }) => parent !== active?.parent);
  return [...(active === undefined ? [] : [active]), ...elsewhere];
}

/** What a device of this subsystem is (libvirt, src/node_device/node_device_udev.c); a device of ap is one of two. */
const HARDWARE_CAPABILITIES: Readonly<Record<string, CapabilityName | undefined>> = {
  pci: 'pci',
  css: 'css',
  matrix: 'ap_matrix',
};
