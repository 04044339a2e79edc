import { describedTypes } from '../../drivers/described-types.ts';
import type { CardDevice } from '../../drivers/driver.ts';
import { driverForType } from '../../drivers/registry.ts';
import { isUuid } from '../../nodedev/uuid.ts';
import {
  type HostDevice,
  HostError,
  type HostParent,
  type HostType,
  type Listing,
} from '../host.ts';
import { baseName, directoryName, isFileName, resolveLink, type Tree } from '../tree.ts';
import { devicesByType, MANY_DEVICES, typesOfDevices } from './devices-by-type.ts';
import {
  type CardParent,
  collect,
  type DeviceFramework,
  unlessGone,
  type WriteFile,
} from './framework.ts';
import { snapshotOf } from './card.ts';
import { DirectoryLayout } from './directory-layout.ts';
import { FlatLayout } from './flat-layout.ts';
import { ListedTypes } from './listed-types.ts';
import { isFlat, type MdevLayout, typeOfDevice } from './mdev-layout.ts';
import { attributePath, isVendorEntry, MDEV_BUS, MDEV_DEVICES } from './paths.ts';
import { keepsRoom } from './room-of-unbound.ts';
import { subsystemOf } from './subsystem.ts';
import { namesIfAny, order } from './values.ts';

/** The kernel's mediated device core (Documentation/driver-api/vfio-mediated-device.rst). It opens only files whose content is asked for. */
export class MdevFramework implements DeviceFramework {
  readonly name = 'mdev';
  readonly #tree: Tree;
  readonly #listed: ListedTypes;
  readonly #directories: MdevLayout;
  readonly #flat: MdevLayout;

  constructor(tree: Tree, listed = new ListedTypes(tree)) {
    this.#tree = tree;
    this.#listed = listed;
    this.#directories = new DirectoryLayout(tree);
    this.#flat = new FlatLayout(tree, (parent, types, type) => {
      const card = { parents: [parent], types, settings: {} };
      const snapshot = snapshotOf(this, card, () => undefined);
      return driverForType(type.id)?.available(snapshot, parent.address, type);
    });
  }

  parents(): Listing<HostParent> {
    return collect(namesIfAny(this.#tree, MDEV_BUS), (address) => this.parent(address));
  }

  parent(address: string): HostParent | undefined {
    const entry = `${MDEV_BUS}/${address}`;
    if (!isFileName(address)) return undefined;
    return unlessGone(this.#tree, entry, () => {
      const path = this.#follow(entry);
      if (this.#tree.kind(path) !== 'directory') throw new HostError('ENOENT', path);
      return { address, subsystem: subsystemOf(this.#tree, path), path, framework: this.name };
    });
  }

  types(parent: HostParent): Listing<HostType> {
    const listing = this.#layoutOf(parent.path).types(parent);
    const driver = driverForType(listing.items[0]?.id ?? '');
    const listed = this.#listed.of(driver, parent.path);
    return { ...listing, items: describedTypes(driver, listing.items, listed) };
  }

  /** The others are read only where what it lacks is worked out from all names. */
  type(parent: HostParent, id: string): HostType | undefined {
    const type = this.#layoutOf(parent.path).type(parent, id);
    if (type === undefined) return undefined;
    const driver = driverForType(id);
    const listed = this.#listed.of(driver, parent.path);
    const [described] = describedTypes(driver, [type], listed);
    const isByNames = Object.values(described?.sources ?? {}).includes('name');
    return isByNames ? this.types(parent).items.find((each) => each.id === id) : described;
  }

  devices(parent?: HostParent): Listing<HostDevice> {
    const uuids = namesIfAny(this.#tree, MDEV_DEVICES);
    const known =
      uuids.length < MANY_DEVICES ? undefined : devicesByType(this.#tree, this.parents().items);
    const listing = collect(uuids, (uuid) => {
      const device = known?.get(uuid);
      if (device === undefined) return this.#device(uuid, parent);
      return parent === undefined || device.ref.parent === parent.address ? device : undefined;
    });
    // The names are already sorted by uuid, and sorting is stable.
    return {
      ...listing,
      items: listing.items.toSorted((a, b) => order(a.ref.parent, b.ref.parent)),
    };
  }

  /** Not one that has no type yet: while the kernel makes a device, the link to it comes last. A list tells it. */
  find(uuid: string): HostDevice | undefined {
    // First checked, because this is called for every new uuid, and a failed read takes much longer.
    const isThere = isUuid(uuid) && this.#tree.kind(`${MDEV_DEVICES}/${uuid}`) !== undefined;
    return isThere ? this.#device(uuid, undefined, false) : undefined;
  }

  /** Every directory in a parent counts as a device, also without a link on the bus, but not what has given its place back. */
  cardDevices(parents: readonly CardParent[]): readonly CardDevice[] {
    const tree = this.#tree;
    return parents.flatMap(({ address, path }) => {
      const uuids = tree.names(path).filter(isUuid);
      const known = uuids.length < MANY_DEVICES ? undefined : typesOfDevices(tree, path);
      return uuids.flatMap((uuid) => {
        const type = known?.get(uuid) ?? typeOfDevice(tree, `${path}/${uuid}`);
        const isBound = tree.kind(`${path}/${uuid}/driver`) !== undefined;
        const isThere = type !== undefined && (isBound || keepsRoom(tree, type));
        return isThere ? [{ uuid, parent: address, type }] : [];
      });
    });
  }

  attributes(device: HostDevice): readonly string[] {
    return this.#tree
      .names(device.path)
      .filter(isVendorEntry)
      .flatMap((name) => this.#attributesAt(device, name))
      .toSorted(order);
  }

  /** Links are refused, because they lead to other devices' files. */
  attributeFile(device: HostDevice, name: string): string {
    const path = attributePath(device, name);
    const folder = directoryName(path);
    if (folder !== device.path && this.#tree.kind(folder) === 'link') {
      throw new HostError('EACCES', path);
    }
    return path;
  }

  create(parent: HostParent, type: string, uuid: string, write: WriteFile): void {
    this.#layoutOf(parent.path).create(parent, type, uuid, write);
  }

  remove(device: HostDevice, write: WriteFile): void {
    this.#layoutOf(directoryName(device.path)).remove(device, write);
  }

  /** Reads a device from two links: that of the bus gives its path and so its parent, the other its type. */
  #device(uuid: string, only?: HostParent, isListed = true): HostDevice | undefined {
    const entry = `${MDEV_DEVICES}/${uuid}`;
    return unlessGone(this.#tree, entry, () => {
      const path = this.#follow(entry);
      if (only !== undefined && directoryName(path) !== only.path) return undefined;
      if (!isUuid(uuid) || baseName(path) !== uuid) throw new HostError('EBADMSG', entry);
      const type = typeOfDevice(this.#tree, path);
      if (type === undefined && !isListed) return undefined;
      if (type === undefined) throw new HostError('ENOENT', `${path}/mdev_type`);
      const parent = baseName(directoryName(path));
      return { ref: { framework: this.name, parent, uuid }, type, path };
    });
  }

  #layoutOf(parentPath: string): MdevLayout {
    return isFlat(this.#tree, parentPath) ? this.#flat : this.#directories;
  }

  #follow(path: string): string {
    return resolveLink(directoryName(path), this.#tree.readLink(path));
  }

  #attributesAt(device: HostDevice, name: string): readonly string[] {
    const path = `${device.path}/${name}`;
    const kind = this.#tree.kind(path);
    if (kind === 'file') return [name];
    if (kind !== 'directory') return [];
    return namesIfAny(this.#tree, path)
      .filter((child) => !child.startsWith('.') && this.#tree.kind(`${path}/${child}`) === 'file')
      .map((child) => `${name}/${child}`);
  }
}
