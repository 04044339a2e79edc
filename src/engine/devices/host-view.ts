import type { DomainRef } from '../../domain/domain-ref.ts';
import type { ActiveDevice, HostView } from '../../domain/host-view.ts';
import { driverForType } from '../../drivers/registry.ts';
import type { Host, HostDevice } from '../../host/host.ts';
import type { Context } from '../context.ts';
import { type Group, groupOf, lookUpGroup } from './groups.ts';
import { groupNameOf, knownDevice, lookUpDevice } from './inventory.ts';
import { ownerOf } from '../ownership/owner.ts';
import type { StoreView } from '../store/store.ts';

/** The answers about this host for the rules of domains. They are valid as long as `view`. */
export function hostView(context: Context, view: StoreView): HostView {
  const { host, definitions } = context;
  return {
    hasVfio: host.hasVfio(),
    active: (uuid) => {
      const device = host.find(uuid);
      return device === undefined ? undefined : describe(context, view, device);
    },
    // Unreadable definitions are left out; `doctor` and `list --all` report them.
    defined: (uuid) =>
      definitions.find(uuid).flatMap((ref) => {
        const definition = knownDevice(context, ref)?.definition;
        return definition === undefined
          ? []
          : [{ parent: ref.parent, type: definition.definition.type }];
      }),
    uuidOf: (name) => lookUpDevice(context, view, name)?.ref.uuid,
    groupMembers: (name) => {
      const group = lookUpGroup(context, view, name);
      return [
        ...(group?.active.map(({ ref }) => ref.uuid) ?? []),
        ...(group?.inactive.map(({ ref }) => ref.uuid) ?? []),
      ];
    },
  };
}

function describe(context: Context, view: StoreView, device: HostDevice): ActiveDevice {
  const { host } = context;
  const { uuid, parent } = device.ref;
  const hostParent = host.parent(parent);
  const type = hostParent && host.type(hostParent, device.type);
  const name = groupNameOf(view, device);
  const group = name === undefined ? undefined : lookUpGroup(context, view, name);
  const members = (group?.active.length ?? 0) + (group?.inactive.length ?? 0);
  return {
    uuid,
    parent,
    type: device.type,
    typeName: type?.name,
    deviceApi: type?.deviceApi,
    // A device that was created without a group is in a group with the device's uuid as its name.
    group: group?.name === uuid && members === 1 ? undefined : group?.name,
    requiresGroup: driverForType(device.type)?.requiresGroup === true,
    owner: userOf(host, view, device, group),
  };
}

/** The domain that uses or owns the device. One that only names it in its configuration does not count: domains may share it. */
function userOf(
  host: Host,
  view: StoreView,
  device: HostDevice,
  group: Group | undefined,
): DomainRef | undefined {
  const owner = ownerOf(host, view, group ?? groupOf(host, view, device));
  return owner?.by === 'defined' ? undefined : owner;
}
