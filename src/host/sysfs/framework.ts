import type { CardDevice } from '../../drivers/driver.ts';
import { isGone } from '../errno.ts';
import {
  type Framework,
  type HostDevice,
  HostError,
  type HostParent,
  type HostType,
  type Listing,
} from '../host.ts';
import { requireDecoded, type Tree } from '../tree.ts';
import { order } from './values.ts';

/** Where a card's parents are. */
export type CardParent = Pick<HostParent, 'address' | 'path'>;

/** Writes a text to a file of the host. */
export type WriteFile = (path: string, words: string) => void;

/**
 * What offers, creates, names, finds and removes devices. There is one implementation for each {@link Framework}; all that
 * a host says about parents, types and devices comes from them, and nothing above this interface knows their files.
 */
export interface DeviceFramework {
  readonly name: Framework;
  /** As the methods of `Host`. */
  parents(): Listing<HostParent>;
  parent(address: string): HostParent | undefined;
  types(parent: HostParent): Listing<HostType>;
  type(parent: HostParent, id: string): HostType | undefined;
  devices(parent?: HostParent): Listing<HostDevice>;
  find(uuid: string): HostDevice | undefined;
  /** The devices of a card, by its parents. */
  cardDevices(parents: readonly CardParent[]): readonly CardDevice[];
  /** Names of the driver's own attributes of a device. */
  attributes(device: HostDevice): readonly string[];
  /** The file of an attribute; EACCES for a name that may not be one. */
  attributeFile(device: HostDevice, name: string): string;
  create(parent: HostParent, type: string, uuid: string, write: WriteFile): void;
  /** Removes a device that nobody holds open. */
  remove(device: HostDevice, write: WriteFile): void;
}

/** The result of `read`; undefined when it fails because `entry`, which a removal removes first, is gone. */
export function unlessGone<T>(tree: Tree, entry: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isGone(error) && tree.kind(entry) === undefined) {
      requireDecoded(entry);
      return undefined;
    }
    throw error;
  }
}

/** Reads each entry by name, in this order. The errors of unreadable entries are collected, and entries that are gone are left out. */
export function collect<T>(
  names: readonly string[],
  read: (name: string) => T | undefined,
  compare = order,
): Listing<T> {
  const items: T[] = [];
  const unreadable: HostError[] = [];
  for (const name of names.toSorted(compare)) {
    try {
      const item = read(name);
      if (item !== undefined) items.push(item);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      unreadable.push(error);
    }
  }
  return { items, unreadable };
}
