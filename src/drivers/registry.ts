import type { NamedValue } from '../nodedev/device.ts';
import { descriptionItems, descriptionProse } from './description.ts';
import type { CardType, Driver, FunctionFiles } from './driver.ts';
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

/** How many hosts have a driver that is not part of this package. */
const users = new Map<Driver, number>();

/**
 * Adds a driver that is not part of this package, for all hosts of this process, or counts one more host that has it.
 *
 * @returns a function that ends this: with the last one it is gone
 * @throws RangeError when another driver has its name
 */
export function registerDriver(driver: Driver): () => void {
  const count = users.get(driver) ?? 0;
  if (count === 0) {
    if (profileDriver(driver.name) !== undefined) {
      throw new RangeError(`there is a driver '${driver.name}' already`);
    }
    known.push(driver);
  }
  users.set(driver, count + 1);
  let isEnded = false;
  return () => {
    if (isEnded) return;
    isEnded = true;
    const left = (users.get(driver) ?? 1) - 1;
    users.set(driver, left);
    if (left > 0) return;
    users.delete(driver);
    known.splice(known.indexOf(driver), 1);
  };
}

/** The driver of this name (`nvidia`, `vfio_ccw`); undefined when its rules are not known. */
export function driverNamed(name: string): Driver | undefined {
  return known.find((driver) => driver.name === name);
}

/** The drivers that a profile may name: those whose rules are known, and the one for all others. */
export const profileDrivers = (): readonly Driver[] => [...known, generic];

/** The names that a profile's card may have, of drivers and of their functions with a type (`nvidia-vfio`). */
export const profileDriverNames = (): readonly string[] =>
  profileDrivers()
    .flatMap(({ name, functions }) => (functions === undefined ? [name] : [name, functions.name]))
    .toSorted();

/** The driver of one of these names. */
export const profileDriver = (name: string): Driver | undefined =>
  profileDrivers().find((driver) => driver.name === name || driver.functions?.name === name);

/** The files of the functions of this name (`nvidia-vfio`); undefined: it is no such name. */
export const functionsNamed = (name: string): FunctionFiles | undefined =>
  profileDrivers()
    .flatMap(({ functions }) => functions ?? [])
    .find((each) => each.name === name);

/**
 * The driver of a type id. The core names types `DRIVER-NAME` (drivers/vfio/mdev/mdev_sysfs.c). Undefined when its rules are
 * not known: then the kernel's counts are used, and nothing is predicted.
 */
export function driverForType(typeId: string): Driver | undefined {
  return known.find((driver) => typeId.startsWith(`${driver.name}-`));
}

/**
 * All that a type says: {@link Driver.attributes}, for an unknown driver the unchanged `key=value` and `key: value` items; what
 * is prose in its description, as `description`; then the other files of its directory, by their names.
 */
export function typeAttributes(type: CardType): readonly NamedValue[] {
  const { description } = type;
  const own = driverForType(type.id)?.attributes(type) ?? [];
  const items = own.length > 0 ? own : descriptionItems(description);
  const prose = own.length > 0 ? '' : descriptionProse(description);
  const said = prose === '' ? items : [...items, { name: 'description', value: prose }];
  const names = new Set(said.map(({ name }) => name));
  return [...said, ...(type.files ?? []).filter(({ name }) => !names.has(name))];
}
