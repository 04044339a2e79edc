import type { Card } from '../../drivers/driver.ts';
import { driverForType } from '../../drivers/registry.ts';
import type { NodeDevice } from '../../nodedev/device.ts';
import { isUuid } from '../../nodedev/uuid.ts';
import type { BrokenRule, Diagnosis } from '../diagnosis.ts';
import { isGone } from '../errno.ts';
import {
  type Hardware,
  type Holder,
  type HostDevice,
  type HostDeviceDetails,
  HostError,
  type HostParent,
  type HostType,
  type Listing,
  type NumaNode,
  type OpenObstacle,
} from '../host.ts';
import {
  baseName,
  directoryName,
  isFileName,
  requireDecoded,
  resolveLink,
  type Tree,
} from '../tree.ts';
import { pathsAbove } from '../name-above.ts';
import { holdersOf } from './holders.ts';
import { parentsOfCard, physicalFunction, snapshotOf } from './card.ts';
import { describeComputer } from './computer.ts';
import { devicesByType, MANY_DEVICES } from './devices-by-type.ts';
import { diagnose } from './diagnose.ts';
import { HARDWARE, readNodeDevice } from './hardware.ts';
import { hostFacts } from './host-facts.ts';
import { readNumaNodes } from './numa.ts';
import {
  attributePath,
  BOOT_ID,
  BUSES,
  DEV_VFIO,
  isVendorEntry,
  MACHINE_ID,
  MDEV_BUS,
  MDEV_DEVICES,
  typePath,
} from './paths.ts';
import { readPciIds } from './pci-ids.ts';
import { subsystemOf } from './subsystem.ts';
import { findBrokenRules } from './udev-rules.ts';
import {
  iommuGroupOf,
  linkName,
  namesIfAny,
  order,
  readCount,
  readIfAny,
  readLine,
  readText,
  readTextIfAny,
} from './values.ts';
import { readTypeFiles } from './type-files.ts';

/** Errnos for an ordinary user. EPERM comes from the device cgroup of a container. */
const DENIED: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);

/**
 * The reading half of a host: it reads a kernel's sysfs below any root, and a simulated host's tree, which has the same
 * layout. A list opens only files whose content it returns.
 */
export class SysfsReader {
  protected readonly tree: Tree;
  #pciIds: string | undefined;

  constructor(tree: Tree) {
    this.tree = tree;
  }

  get root(): string | undefined {
    return this.tree.root;
  }

  /** The boot id. A tree without /proc (a test fixture) always has the same. */
  bootId(): string {
    return readIfAny(this.tree, BOOT_ID)?.trim() ?? 'none';
  }

  machineId(): string | undefined {
    const text = readIfAny(this.tree, MACHINE_ID);
    return text !== undefined && /^[0-9a-f]{32}$/.test(text) ? text : undefined;
  }

  hasVfio(): boolean {
    return this.tree.kind(`${DEV_VFIO}/vfio`) !== undefined;
  }

  parents(): Listing<HostParent> {
    return this.#collect(namesIfAny(this.tree, MDEV_BUS), (address) => this.parent(address));
  }

  parent(address: string): HostParent | undefined {
    const entry = `${MDEV_BUS}/${address}`;
    if (!isFileName(address)) return undefined;
    return this.#unlessGone(entry, () => {
      const path = this.#follow(entry);
      if (this.tree.kind(path) !== 'directory') throw new HostError('ENOENT', path);
      return { address, subsystem: subsystemOf(this.tree, path), path, framework: 'mdev' };
    });
  }

  describeComputer(): NodeDevice {
    return describeComputer(this.tree);
  }

  numaNodes(): readonly NumaNode[] {
    return readNumaNodes(this.tree);
  }

  hasDevice(address: string): boolean {
    if (!isFileName(address)) return false;
    return namesIfAny(this.tree, BUSES).some(
      (bus) => this.tree.kind(`${BUSES}/${bus}/devices/${address}`) !== undefined,
    );
  }

  hardware(): Listing<Hardware> {
    const listings = Object.entries(HARDWARE).map(([subsystem, isListed]) => {
      const devices = `${BUSES}/${subsystem}/devices`;
      return this.#collect(namesIfAny(this.tree, devices), (address) => {
        const entry = `${devices}/${address}`;
        const device = this.#unlessGone(entry, () => {
          return { address, subsystem, path: this.#follow(entry) };
        });
        return device && isListed(this.tree, device) ? device : undefined;
      });
    });
    return {
      items: listings.flatMap(({ items }) => items),
      unreadable: listings.flatMap(({ unreadable }) => unreadable),
    };
  }

  describeHardware(device: Hardware): NodeDevice {
    return readNodeDevice(this.tree, device, () => (this.#pciIds ??= readPciIds(this.tree)));
  }

  describeAbove({ path }: HostParent): readonly NodeDevice[] {
    const physical = physicalFunction(this.tree, { path });
    const paths = [...pathsAbove(path), ...(physical ? [...pathsAbove(physical), physical] : [])];
    return [...new Set(paths)].map((above) => {
      const subsystem = subsystemOf(this.tree, above);
      return this.describeHardware({ address: baseName(above), subsystem, path: above });
    });
  }

  types(parent: HostParent): Listing<HostType> {
    return this.#collect(namesIfAny(this.tree, `${parent.path}/mdev_supported_types`), (id) =>
      this.type(parent, id),
    );
  }

  type(parent: HostParent, id: string): HostType | undefined {
    if (!isFileName(id)) return undefined;
    const path = typePath(parent, id);
    const { tree } = this;
    return this.#unlessGone(path, () => ({
      id,
      name: readTextIfAny(tree, `${path}/name`),
      deviceApi: readText(tree, `${path}/device_api`),
      availableInstances: readCount(tree, `${path}/available_instances`),
      description: readTextIfAny(tree, `${path}/description`),
      get files() {
        return readTypeFiles(tree, path);
      },
    }));
  }

  card(parent: HostParent): Card {
    const parents = parentsOfCard(this.tree, parent, () => this.parents().items);
    const types = this.types(parent).items;
    // Most real cards' settings are in their driver and cannot be read, so the rules use the defaults.
    const settings =
      driverForType(types[0]?.id ?? '')?.settingsOfHost?.(hostFacts(this.tree)) ?? {};
    return snapshotOf(this.tree, { parents, types, settings }, (uuid) => this.#domainOf(uuid));
  }

  devices(parent?: HostParent): Listing<HostDevice> {
    const uuids = namesIfAny(this.tree, MDEV_DEVICES);
    const known =
      uuids.length < MANY_DEVICES ? undefined : devicesByType(this.tree, this.parents().items);
    const listing = this.#collect(uuids, (uuid) => {
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

  find(uuid: string): HostDevice | undefined {
    const name = uuid.toLowerCase();
    // First checked, because this is called for every new uuid, and a failed read takes much longer.
    const isThere = isUuid(name) && this.tree.kind(`${MDEV_DEVICES}/${name}`) !== undefined;
    return isThere ? this.#device(name) : undefined;
  }

  details(device: HostDevice): HostDeviceDetails {
    const { tree } = this;
    const names = tree.names(device.path);
    return {
      driver: linkName(tree, `${device.path}/driver`),
      iommuGroup: iommuGroupOf(tree, device.path),
      deviceNodes: this.#deviceNodes(device),
      attributes: names
        .filter(isVendorEntry)
        .flatMap((name) => this.#attributesAt(device, name))
        .toSorted(order),
    };
  }

  readAttribute(device: HostDevice, name: string): string {
    return readLine(this.tree, this.attributeFile(device, name));
  }

  holders(device: HostDevice): readonly Holder[] {
    return holdersOf(this.tree, this.#deviceNodes(device));
  }

  openObstacle(device: HostDevice): OpenObstacle | undefined {
    const { tree } = this;
    if (linkName(tree, `${device.path}/driver`) === undefined) return 'no-driver';
    if (this.#deviceNodes(device).length > 0) return undefined;
    return iommuGroupOf(tree, device.path) === undefined ? 'no-group' : 'no-node';
  }

  diagnosis(): Diagnosis {
    return diagnose(this.tree);
  }

  brokenRules(): readonly BrokenRule[] {
    return findBrokenRules(this.tree);
  }

  /** The file of an attribute. Links are refused, because they lead to other devices' files. */
  protected attributeFile(device: HostDevice, name: string): string {
    const path = attributePath(device, name);
    const folder = directoryName(path);
    if (folder !== device.path && this.tree.kind(folder) === 'link') {
      throw new HostError('EACCES', path);
    }
    return path;
  }

  /** The domain that has a device open; undefined also when this user must not see it. */
  #domainOf(uuid: string): string | undefined {
    const device = this.find(uuid);
    if (device === undefined) return undefined;
    try {
      return this.holders(device)[0]?.domain;
    } catch (error) {
      if (error instanceof HostError && DENIED.has(error.errno)) return undefined;
      throw error;
    }
  }

  #deviceNodes(device: HostDevice): readonly string[] {
    const { tree } = this;
    const group = iommuGroupOf(tree, device.path);
    const folder = `${device.path}/vfio-dev`;
    // Older kernels have none, and to be refused costs more than to look.
    const cdevs = tree.kind(folder) === 'directory' ? namesIfAny(tree, folder).toSorted(order) : [];
    return [
      ...(group === undefined ? [] : [`${DEV_VFIO}/${group}`]),
      ...cdevs.map((name) => `${DEV_VFIO}/devices/${name}`),
    ].filter((path) => tree.kind(path) !== undefined);
  }

  /** Reads a device from two links: that of the bus gives its path and so its parent, the other its type. */
  #device(uuid: string, only?: HostParent): HostDevice | undefined {
    const entry = `${MDEV_DEVICES}/${uuid}`;
    return this.#unlessGone(entry, () => {
      const path = this.#follow(entry);
      if (only !== undefined && directoryName(path) !== only.path) return undefined;
      if (!isUuid(uuid) || baseName(path) !== uuid) throw new HostError('EBADMSG', entry);
      const type = baseName(this.tree.readLink(`${path}/mdev_type`));
      const parent = baseName(directoryName(path));
      return { ref: { framework: 'mdev', parent, uuid }, type, path };
    });
  }

  #follow(path: string): string {
    return resolveLink(directoryName(path), this.tree.readLink(path));
  }

  /** The result of `read`; undefined when it fails because `entry`, which a removal removes first, is gone. */
  #unlessGone<T>(entry: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (isGone(error) && this.tree.kind(entry) === undefined) {
        requireDecoded(entry);
        return undefined;
      }
      throw error;
    }
  }

  /** Reads each entry by name. The errors of unreadable entries are collected, and entries that are gone are left out. */
  #collect<T>(names: readonly string[], read: (name: string) => T | undefined): Listing<T> {
    const items: T[] = [];
    const unreadable: HostError[] = [];
    for (const name of names.toSorted(order)) {
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

  #attributesAt(device: HostDevice, name: string): readonly string[] {
    const { tree } = this;
    const path = `${device.path}/${name}`;
    const kind = tree.kind(path);
    if (kind === 'file') return [name];
    if (kind !== 'directory') return [];
    return namesIfAny(tree, path)
      .filter((child) => !child.startsWith('.') && tree.kind(`${path}/${child}`) === 'file')
      .map((child) => `${name}/${child}`);
  }
}
