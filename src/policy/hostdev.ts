import { deviceClass } from '../nodedev/device-class.ts';
import type { ActiveDevice, HostPicture } from './picture.ts';
import * as reasons from './reasons.ts';
import type { Reason } from './verdict.ts';

/** A mediated device, as far as it matters for whether it gets a hostdev. */
export interface HostdevCandidate {
  readonly uuid: string;
  /** sysfs name of the parent. */
  readonly parent: string;
  /** Undefined: it is not known. */
  readonly deviceApi?: string | undefined;
  /** Whether it is active, and bound to no driver. */
  readonly isUnbound?: boolean | undefined;
}

/**
 * Why a device gets no `<hostdev>`, whatever domain asks: only devices of the class vfio that are bound to their driver do.
 * `hostdev`, claims and the question whether a domain may have a device ask it. Code: `device-unusable`
 */
export function noHostdev(device: HostdevCandidate): Reason | undefined {
  const { uuid, parent, deviceApi, isUnbound = false } = device;
  const of = deviceApi === undefined ? 'vfio' : deviceClass(deviceApi);
  if (of !== 'vfio') return reasons.ofOtherClass(uuid, of);
  return isUnbound ? reasons.cannotOpen(uuid, parent, 'no-driver') : undefined;
}

/** {@link noHostdev} of a device that is there. */
export const noHostdevOf = (device: ActiveDevice): Reason | undefined =>
  noHostdev({
    uuid: device.uuid,
    parent: device.parent,
    deviceApi: device.deviceApi,
    isUnbound: device.obstacle?.('group') === 'no-driver',
  });

/** {@link noHostdev} of those of these devices that are there, or defined. */
export const withoutHostdev = (picture: HostPicture, uuids: readonly string[]): readonly Reason[] =>
  uuids.flatMap((uuid) => {
    const active = picture.active(uuid);
    const reasonsOf =
      active === undefined ? picture.defined(uuid).map(noHostdev) : [noHostdevOf(active)];
    return reasonsOf.flatMap((reason) => reason ?? []);
  });
