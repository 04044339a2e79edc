import type { Location } from '../errors.ts';

/**
 * Where the objects of a document stood in it, kept beside them: a device that was built by a program and one that was
 * read stay equal, and messages about the second can still say line and column.
 */
const locations = new WeakMap<object, Location>();

/** Of the element an object was read from (a device, capability, type or parent reference); undefined for built ones. */
export function locationOf(value: object | undefined): Location | undefined {
  return value === undefined ? undefined : locations.get(value);
}

export function rememberLocation(value: object, location: Location | undefined): void {
  if (location !== undefined) locations.set(value, location);
}
