import { NodedevError } from '../errors.ts';
import type { Host, HostError } from '../host/host.ts';
import type { Context } from './context.ts';
import {
  COMPUTER,
  deviceInfo,
  findParent,
  knownNames,
  lookUpDevice,
  parentInfo,
} from './inventory.ts';
import { requireMdevSupport } from './mdev-support.ts';
import { deviceUnknown } from './messages.ts';
import type { StoreView } from './store.ts';
import type { DeviceInfo, ListFilter, ListResult } from './types.ts';

/**
 * `computer`, the parents and the mediated devices, in that order; names sorted within.
 *
 * @throws NodedevError `no-mdev-support` when active devices are asked for where there can be none
 */
export function listDevices(
  host: Host,
  view: StoreView,
  filter: ListFilter,
): ListResult<DeviceInfo> {
  const parents = host.parents();
  const byAddress = new Map(parents.items.map((parent) => [parent.address, parent]));
  const devices = host.devices();
  if ((filter.state ?? 'active') === 'active' && devices.items.length === 0) {
    requireMdevSupport(host, parents);
  }
  const all = [
    COMPUTER_INFO,
    ...parents.items.map(parentInfo),
    ...devices.items.map((device) => deviceInfo(device, byAddress.get(device.ref.parent), view)),
  ];
  return {
    items: all.filter((info) => matches(info, filter)),
    problems: [...parents.unreadable, ...devices.unreadable].map(problem),
  };
}

/** @throws NodedevError `device-unknown`, `device-ambiguous` */
export function nodeInfo(context: Context, view: StoreView, name: string): DeviceInfo {
  const { host } = context;
  const device = lookUpDevice(context, view, name);
  if (device !== undefined) return deviceInfo(device, host.parent(device.ref.parent), view);
  const parent = findParent(host, name);
  if (parent !== undefined) return parentInfo(parent);
  if (name === COMPUTER) return COMPUTER_INFO;
  throw deviceUnknown(name, knownNames(host, view));
}

/** One unreadable item of a listing, as an error that stands beside the readable ones. */
export function problem(error: HostError): NodedevError {
  return new NodedevError('host-refused', `cannot read ${error.path}: ${error.errno}`, {
    hint: UNREADABLE[error.errno],
    cause: error,
  });
}

/** What the errnos of reading mean; EBADMSG and ELOOP are our own reader's. */
const UNREADABLE: Readonly<Record<string, string | undefined>> = {
  EACCES: 'run it as root',
  EBADMSG: 'the file does not say what the kernel says there',
  EIO: 'the driver could not tell; see the kernel log: `dmesg | tail -n 20`',
  ELOOP: 'a link stands where the kernel has none',
  ENOENT: 'a file or what a link leads to is missing',
};

const COMPUTER_INFO: DeviceInfo = {
  name: COMPUTER,
  capabilities: ['system'],
  active: true,
  persistent: true,
  autostart: true,
};

function matches(
  info: DeviceInfo,
  { capabilities, state = 'active', persistent }: ListFilter,
): boolean {
  if (state === 'active' && !info.active) return false;
  if (state === 'inactive' && info.active) return false;
  if (persistent !== undefined && info.persistent !== persistent) return false;
  return (
    capabilities === undefined || capabilities.some((name) => info.capabilities.includes(name))
  );
}
