import type { NamedValue } from '../nodedev/device.ts';
import { descriptionItems } from './description.ts';
import type { CardType, Driver } from './driver.ts';
import { i915 } from './i915.ts';
import { mbochs } from './mbochs.ts';
import { mdpy } from './mdpy.ts';
import { mtty } from './mtty.ts';
import { nvidia } from './nvidia.ts';
import { vfioAp } from './vfio-ap.ts';
import { vfioCcw } from './vfio-ccw.ts';

/** Every driver whose rules are known. */
export const drivers: readonly Driver[] = [i915, mbochs, mdpy, mtty, nvidia, vfioAp, vfioCcw];

/** The driver of this name (`nvidia`, `vfio_ccw`); undefined when its rules are not known. */
export function driverNamed(name: string): Driver | undefined {
  return drivers.find((driver) => driver.name === name);
}

/**
 * The driver a type id belongs to: the core names types `DRIVER-NAME` (drivers/vfio/mdev/mdev_sysfs.c).
 * Undefined when its rules are not known: such types are used as the kernel shows them, and nothing is predicted.
 */
export function driverForType(typeId: string): Driver | undefined {
  return drivers.find((driver) => typeId.startsWith(`${driver.name}-`));
}

/** {@link Driver.attributes}; for an unknown driver the `key=value` and `key: value` items as the kernel gives them. */
export function typeAttributes(type: CardType): readonly NamedValue[] {
  return driverForType(type.id)?.attributes(type) ?? descriptionItems(type.description);
}
