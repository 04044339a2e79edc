import { criteriaOfAttributes } from '../../drivers/type-criteria.ts';
import { matchingTypes } from '../../drivers/matching-types.ts';
import type { Location } from '../../errors.ts';
import { NodedevError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import type { MdevCapability, NamedValue, NodeDevice } from '../../nodedev/device.ts';
import { locationOf } from '../../nodedev/location.ts';
import { parseMdevName } from '../../nodedev/names.ts';
import { checkAttributeName, checkDeviceName, checkGroupName } from './names.ts';
import { parentMissing, severalGroups, unsupportedDevice } from '../wording/request-messages.ts';
import { parentName } from './inventory.ts';
import { describedType, type TypeRequest, typeText } from './types-of-parent.ts';

/** One device to create or define, as a document describes it. It is not yet compared with a host. */
export interface DeviceRequest {
  /** Node device name or sysfs name. */
  readonly parent: string;
  readonly parentLocation?: Location | undefined;
  readonly type: TypeRequest;
  readonly typeLocation?: Location | undefined;
  /** Undefined: it will be generated. */
  readonly uuid: string | undefined;
  /** The uuid in the document's `<name>`, when that is a generated one: `mdev_UUID_PARENT`. */
  readonly namedUuid?: string | undefined;
  /** The document's `<name>`, unless it is just the device's own name in an old or new form. */
  readonly alias: string | undefined;
  readonly attributes: readonly NamedValue[];
  readonly params: string | undefined;
  readonly location?: Location | undefined;
}

/** A {@link DeviceRequest} for which a parent may still have to be found. */
export interface DesiredRequest extends Omit<DeviceRequest, 'parent'> {
  readonly parent: string | undefined;
}

/** The devices of one create or define: one group. */
export interface GroupRequest {
  /** Undefined: the first device's uuid names the group. */
  readonly group: string | undefined;
  /** Never empty. */
  readonly devices: readonly DeviceRequest[];
}

/**
 * The devices that documents ask for: one for each `<type>` of each document's mdev capability.
 *
 * @throws NodedevError `unsupported-device` (no mdev capability), `parent-missing`, `nodedev-invalid` (no document, two
 *   groups, a uuid for several devices, an unusable name), `attribute-invalid`, `criterion-invalid`
 */
export function groupRequest(host: Host, documents: readonly NodeDevice[]): GroupRequest {
  const { group, devices } = desiredGroup(documents);
  return {
    group,
    devices: devices.map((device) => {
      const { parent } = device;
      if (parent === undefined) throw withoutParent(host, device);
      return { ...device, parent };
    }),
  };
}

function withoutParent(host: Host, { type, parentLocation }: DesiredRequest): NodedevError {
  const offering = host
    .parents()
    .items.filter(
      (parent) => matchingTypes(host.types(parent).items.map(describedType), type).length > 0,
    );
  return parentMissing(typeText(type), offering.map(parentName), parentLocation);
}

/** As {@link groupRequest}, but documents may be without a parent. */
export function desiredGroup(documents: readonly NodeDevice[]): {
  readonly group: string | undefined;
  readonly devices: readonly DesiredRequest[];
} {
  const parts = documents.map((device) => ({ device, mdev: mdevOf(device) }));
  if (parts.length === 0) throw unsupportedDevice();
  const groups = new Set(parts.flatMap(({ mdev }) => mdev.group ?? []));
  const [group, ...others] = groups;
  if (others.length > 0) throw severalGroups([...groups], locationOf(parts[0]?.mdev));
  if (group !== undefined) {
    checkGroupName(group, locationOf(parts.find(({ mdev }) => mdev.group === group)?.mdev));
  }
  return { group, devices: parts.flatMap(({ device, mdev }) => deviceRequests(device, mdev)) };
}

function mdevOf(device: NodeDevice): MdevCapability {
  const mdev = device.capabilities.find((capability) => capability.kind === 'mdev');
  if (mdev === undefined) throw unsupportedDevice(locationOf(device));
  return mdev;
}

function deviceRequests(device: NodeDevice, mdev: MdevCapability): DesiredRequest[] {
  const parent = device.parent?.name;
  if (mdev.uuid !== undefined && mdev.types.length > 1) {
    throw new NodedevError(
      'nodedev-invalid',
      `one <uuid> is given for ${mdev.types.length} devices (one for each <type>)`,
      {
        location: locationOf(mdev),
        hint: 'leave <uuid> out, or write one document for each device',
      },
    );
  }
  const alias = aliasOf(device, mdev);
  if (alias !== undefined) checkDeviceName(alias, locationOf(device));
  for (const { name } of mdev.attributes) checkAttributeName(name, locationOf(mdev));
  return mdev.types.map((type) => ({
    parent: parent === '' ? undefined : parent,
    parentLocation: locationOf(device.parent ?? device),
    type: type.id ?? criteriaOfAttributes(type.attributes, locationOf(type)),
    typeLocation: locationOf(type),
    uuid: mdev.uuid,
    namedUuid: parseMdevName(device.name ?? '')?.uuid,
    alias,
    attributes: mdev.attributes,
    params: mdev.params,
    location: locationOf(mdev),
  }));
}

/** libvirt ignores the `<name>` of a new device. We keep it for look-ups, unless it is a generated name, as in dumps. */
function aliasOf(device: NodeDevice, { alias }: MdevCapability): string | undefined {
  const { name = '' } = device;
  const given = name === '' || parseMdevName(name) !== undefined ? undefined : name;
  if (given !== undefined && alias !== undefined && given !== alias) {
    throw new NodedevError('nodedev-invalid', `<name> is '${given}', but <alias> '${alias}'`, {
      location: locationOf(device),
      hint: 'leave one of them out',
    });
  }
  return given ?? alias;
}
