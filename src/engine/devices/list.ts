import { physicalFunctionOf } from './functions.ts';
import { channelDeviceOf } from './channel-device.ts';
import { plainFunctionKind, shareOf } from '../../drivers/plain-functions.ts';
import { type Issue, NodedevError } from '../../errors.ts';
import type { NodeDevice } from '../../nodedev/device.ts';
import type { CapabilityName } from '../../nodedev/capability-names.ts';
import type {
  Hardware,
  Host,
  HostDevice,
  HostError,
  HostParent,
  Listing,
} from '../../host/host.ts';
import type { Context } from '../context.ts';
import type { DefinitionRef, StoredDefinition } from '../definitions/definitions.ts';
import { groupOf } from './groups.ts';
import {
  COMPUTER,
  COMPUTER_INFO,
  deviceInfo,
  deviceName,
  findHardware,
  findParent,
  hardwareInfo,
  type KnownDevice,
  nameOf,
  listedDevice,
  lookUpDevice,
  parentInfo,
  parentName,
  unknownDevice,
} from './inventory.ts';
import { tellMdevSupport } from '../wording/mdev-support.ts';
import { isForeign } from '../ownership/foreign.ts';
import { ownerOf } from '../ownership/owner.ts';
import type { StoreView } from '../store/store.ts';
import type { GroupOwner } from '../../policy/owner.ts';
import type { DeviceInfo, ListedDevice, ListFilter, ListResult } from '../listed-device.ts';

/**
 * `computer`, the parents, other hardware and the mediated devices, in that order; names sorted within. Definition files are opened
 * only when inactive devices are asked for. Where there can be no mediated devices, this is told.
 */
export function listDevices(
  context: Context,
  view: StoreView,
  filter: ListFilter,
): ListResult<ListedDevice> {
  const { state = 'active' } = filter;
  const { host, definitions } = context;
  const parents = host.parents();
  const active = host.devices();
  const { capabilities } = filter;
  const isForOthers = capabilities?.every((name) => OTHERS.has(name)) ?? false;
  if (state === 'active' && active.items.length === 0 && !isForOthers) {
    tellMdevSupport(context, parents);
  }
  const others = otherHardware(host, parents.items, { ...filter, state });
  const names = new Map(parents.items.map((parent) => [parent.address, parentName(parent)]));
  const refs = definitions.refs();
  const defined = new Set(refs.items.map(keyOf));
  const inactive =
    state === 'active'
      ? { items: [], problems: refs.problems }
      : inactiveDefinitions(context, active.items);
  const devices = [
    ...active.items.map((device) => ({ ref: device.ref, active: device, definition: undefined })),
    ...inactive.items.map((stored) => ({ ref: stored, active: undefined, definition: stored })),
  ].map((device): ListedDevice => {
    const info = listedDevice(view, device, names.get(device.ref.parent));
    return defined.size > 0 && defined.has(keyOf(device.ref))
      ? { ...info, persistent: true }
      : info;
  });
  const wanted = { ...filter, state };
  const shown =
    filter.details === true ? withDetails(context, view, devices, active.items) : devices;
  const all: readonly ListedDevice[] = [
    COMPUTER_INFO,
    ...parents.items.map(parentInfo),
    ...others.items.map((device) => hardwareInfo(device)),
    ...shown.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  ];
  return {
    items: all.filter((device) => matches(device, wanted)),
    problems: [
      ...[...parents.unreadable, ...others.unreadable, ...active.unreadable].map(problem),
      ...inactive.problems,
    ],
  };
}

/** Mediated devices with what only files say. A definition that cannot be read says nothing; it is among the problems. */
function withDetails(
  { host, definitions }: Context,
  view: StoreView,
  devices: readonly ListedDevice[],
  there: readonly HostDevice[],
): readonly ListedDevice[] {
  const byName = new Map(there.map((device) => [deviceName(device), device]));
  const autostarted = new Set(
    definitions
      .list(() => true)
      .items.filter(({ definition }) => definition.autostart)
      .map(nameOf),
  );
  const owners = new Map<string, GroupOwner | undefined>();
  const ownerFound = ({ name, uuid = '', group = uuid }: ListedDevice): GroupOwner | undefined => {
    if (!owners.has(group)) {
      const device = byName.get(name);
      owners.set(group, device && ownerOf(host, view, groupOf(host, view, device)));
    }
    return owners.get(group);
  };
  return devices.map((device) => ({
    ...device,
    owner: device.owner ?? ownerFound(device),
    autostart: autostarted.has(device.name),
  }));
}

/** @throws NodedevError `device-unknown`, `device-ambiguous`; `definition-invalid` and others for an unreadable definition */
export function nodeInfo(context: Context, view: StoreView, name: string): DeviceInfo {
  const { host } = context;
  const device = lookUpDevice(context, view, name);
  const parent = device === undefined ? findParent(host, name) : host.parent(device.ref.parent);
  const channelDevice = parent && channelDeviceOf(host, parent);
  if (device !== undefined) return { ...knownDeviceInfo(context, view, device), channelDevice };
  if (parent !== undefined) {
    return {
      ...parentInfo(parent),
      channelDevice,
      physicalFunction: physicalOf(host, parent)?.name,
    };
  }
  const other = findHardware(host, name);
  if (other !== undefined) return { ...hardwareInfo(other), ...plainFunctionInfo(host, other) };
  if (name === COMPUTER) return COMPUTER_INFO;
  throw unknownDevice(context, view, name);
}

/** The physical function of a virtual one. */
function physicalOf(host: Host, device: Hardware): NodeDevice | undefined {
  const physical = physicalFunctionOf(host, device);
  const found = physical === undefined ? undefined : findHardware(host, physical);
  return found && host.describeHardware(found);
}

function plainFunctionInfo(
  host: Host,
  device: Hardware,
): Pick<DeviceInfo, 'physicalFunction' | 'plainFunction' | 'share'> {
  const physical = physicalOf(host, device);
  if (physical === undefined) return {};
  const plainFunction = plainFunctionKind(physical.driver) ?? 'PCI device';
  const share = shareOf(host.facts(), physical.path ?? '', device.address);
  return {
    physicalFunction: physical.name,
    plainFunction,
    share: share.length > 0 ? share : undefined,
  };
}

/** The info of a device. For an inactive device an unreadable definition is an error. */
function knownDeviceInfo(context: Context, view: StoreView, device: KnownDevice): DeviceInfo {
  const { active, problem: unreadable } = device;
  if (unreadable !== undefined) {
    if (active === undefined) throw unreadable;
    context.report(warningOf(unreadable));
  }
  const info = deviceInfo(context.host, view, device);
  if (active === undefined) return info;
  return {
    ...info,
    deviceNodes: context.host.details(active).deviceNodes,
    unbound: context.host.openObstacle(active, 'group') === 'no-driver' ? true : undefined,
    owner: info.owner ?? ownerOf(context.host, view, groupOf(context.host, view, active)),
    foreign: knowsOwn(context) ? isForeign(view, active) : undefined,
    socket: context.host.attachedAt(active)?.socket,
  };
}

/** Whether what this program made can be told from what others did: its records there can be read. */
const knowsOwn = ({ host, store }: Context): boolean =>
  host.kind !== 'libvirt' && store.hiddenFiles().length === 0;

/** An error as a warning. */
export function warningOf({ code, message, hint, location }: NodedevError): Issue {
  return { code, message, hint, location, severity: 'warning' };
}

/** The error for one unreadable item of a list. */
export function problem(error: HostError): NodedevError {
  return new NodedevError('host-refused', `cannot read ${error.path}: ${error.errno}`, {
    hint: UNREADABLE[error.errno],
    cause: error,
  });
}

/** The meanings of errnos when reading. EBADMSG and ELOOP come from our own reader, ENODATA from what reads libvirt. */
const UNREADABLE: Readonly<Record<string, string | undefined>> = {
  EACCES: 'on a real host, run it as root',
  EBADMSG: 'the file does not say what the kernel says there',
  EIO: 'the driver could not tell; see the kernel log: `dmesg | tail -n 20`',
  ELOOP: 'a link stands where the kernel has none',
  ENODATA: 'libvirt lists it and does not tell it, so it is not known: see what virsh says of it',
  ENOENT: 'a file or what a link leads to is missing',
};

/** What hardware is that has nothing to do with mediated devices. */
const OTHERS: ReadonlySet<CapabilityName> = new Set(['pci', 'css', 'ap_card', 'ap_queue']);

/** The hardware that is no parent. It is read when the filter can let it through. */
function otherHardware(
  host: Host,
  parents: readonly HostParent[],
  { capabilities, state, persistent }: ListFilter,
): Listing<Hardware> {
  const isAskedFor = capabilities?.some((name) => OTHERS.has(name)) ?? true;
  if (!isAskedFor || state === 'inactive' || persistent === true) {
    return { items: [], unreadable: [] };
  }
  const { items, unreadable } = host.hardware();
  const paths = new Set(parents.map(({ path }) => path));
  return { items: items.filter(({ path }) => !paths.has(path)), unreadable };
}

/** A key of a definition. It is faster to make than a name, for look-ups among thousands. */
const keyOf = ({ parent, uuid }: DefinitionRef): string => `${parent}/${uuid}`;

/** Definitions whose device is not active under their parent. */
function inactiveDefinitions(
  { definitions }: Context,
  active: readonly HostDevice[],
): ListResult<StoredDefinition> {
  const keys = new Set(active.map((device) => keyOf(device.ref)));
  return definitions.list((ref) => !keys.has(keyOf(ref)));
}

function matches(device: ListedDevice, { capabilities, state, persistent }: ListFilter): boolean {
  if (state === 'active' && !device.active) return false;
  if (state === 'inactive' && device.active) return false;
  if (persistent !== undefined && device.persistent !== persistent) return false;
  return (
    capabilities === undefined || capabilities.some((name) => device.capabilities.includes(name))
  );
}
