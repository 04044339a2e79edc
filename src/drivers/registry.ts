import type { NamedValue } from '../nodedev/device.ts';
import { descriptionItems } from './description.ts';
import type { CardType, Driver } from './driver.ts';
import { generic } from './generic/driver.ts';
import { i915 } from './i915/driver.ts';
import { mbochs } from './mbochs/driver.ts';
import { mdpy } from './mdpy/driver.ts';
import { mtty } from './mtty/driver.ts';
import { nvidia } from './nvidia/driver.ts';
import { vfioAp } from './vfio-ap/driver.ts';
import { vfioCcw } from './vfio-ccw/driver.ts';

const known: Driver[] = [nvidia, i915, vfioAp, vfioCcw, mtty, mdpy, mbochs];

/** All drivers whose rules are known. Obstacles of a host are reported in this order. */
export const drivers: readonly Driver[] = known;

/**
 * Adds a driver that is not part of this package, for all hosts of this process. Its name must not be taken.
 *
 * @returns a function that removes it
 */
export function registerDriver(driver: Driver): () => void {
  if (profileDriver(driver.name) !== undefined) {
    throw new RangeError(`there is a driver '${driver.name}' already`);
  }
  known.push(driver);
  return () => {
    known.splice(known.indexOf(driver), 1);
  };
}

/** The driver of this name (`nvidia`, `vfio_ccw`); undefined when its rules are not known. */
export function driverNamed(name: string): Driver | undefined {
  return known.find((driver) => driver.name === name);
}

/** The drivers that a profile may name: those whose rules are known, and the one for all others. */
export const profileDrivers = (): readonly Driver[] => [...known, generic];

/** That of this name. */
export const profileDriver = (name: string): Driver | undefined =>
  profileDrivers().find((driver) => driver.name === name);

/**
 * The driver of a type id. The core names types `DRIVER-NAME` (drivers/vfio/mdev/mdev_sysfs.c). Undefined when its rules are
 * not known: then the kernel's counts are used, and nothing is predicted.
 */
export function driverForType(typeId: string): Driver | undefined {
  return known.find((driver) => typeId.startsWith(`${driver.name}-`));
}

/** {@link Driver.attributes}; for an unknown driver the unchanged `key=value` and `key: value` items. */
export function typeAttributes(type: CardType): readonly NamedValue[] {
  return driverForType(type.id)?.attributes(type) ?? descriptionItems(type.description);
}
