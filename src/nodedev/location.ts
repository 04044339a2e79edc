import type { Location } from '../errors.ts';

/**
 * The locations of objects that were read from a document. They are kept beside the objects, so that a device that a
 * program built and one that was read can be equal.
 */
const LOCATIONS = new WeakMap<object, Location>();

/** The location of the element that a device, capability, type or parent reference was read from. */
export function locationOf(value: object | undefined): Location | undefined {
  return value === undefined ? undefined : LOCATIONS.get(value);
}

export function rememberLocation(value: object, location: Location | undefined): void {
  if (location !== undefined) LOCATIONS.set(value, location);
}
