import { v5 as namedUuid } from 'uuid';
import { describedTypes } from '../../drivers/described-types.ts';
import type { CardDevice, Driver, FunctionFiles, NumberedType } from '../../drivers/driver.ts';
import { drivers } from '../../drivers/registry.ts';
import { isUuid } from '../../nodedev/uuid.ts';
import {
  type HostDevice,
  HostError,
  type HostParent,
  type HostType,
  type Listing,
} from '../host.ts';
import { isGone } from '../errno.ts';
import { directoryName, resolveLink, type Tree } from '../tree.ts';
import {
  type CardParent,
  collect,
  type DeviceFramework,
  unlessGone,
  type WriteFile,
} from './framework.ts';
import {
  forgetIdentity,
  type FunctionIdentity,
  keepIdentity,
  readIdentities,
  readIdentity,
} from './function-identities.ts';
import { ListedTypes } from './listed-types.ts';
import { attributePath } from './paths.ts';
import { parsePciAddress } from './pci-address.ts';
import {
  linkName,
  namesIfAny,
  order,
  readBootId,
  readCount,
  readIfAny,
  readLinkIfAny,
  readText,
} from './values.ts';

const PCI = '/sys/bus/pci';
/** The name space of uuids on a host without a boot id. */
const NO_BOOT = '00000000-0000-0000-0000-000000000000';

/**
 * Functions that get a type from their driver's files (`Driver.functions`). Each virtual function is a parent for one device,
 * and that device is the function itself. A device that we created has the uuid it was created with; one that another
 * program made has a uuid made from the boot, the function and its type, so that it is the same at every look.
 */
export class FunctionFramework implements DeviceFramework {
  readonly name = 'vfio-variant';
  readonly #tree: Tree;
  readonly #listed: ListedTypes;

  constructor(tree: Tree, listed = new ListedTypes(tree)) {
    this.#tree = tree;
    this.#listed = listed;
  }

  parents(): Listing<HostParent> {
    const names = filesOfDrivers().flatMap(({ boundTo }) =>
      namesIfAny(this.#tree, `${PCI}/drivers/${boundTo}`),
    );
    return collect(names, (address) => this.parent(address));
  }

  parent(address: string): HostParent | undefined {
    const entry = `${PCI}/devices/${address}`;
    if (parsePciAddress(address) === undefined) return undefined;
    return unlessGone(this.#tree, entry, () => {
      const target = readLinkIfAny(this.#tree, entry);
      if (target === undefined) return undefined;
      const path = resolveLink(directoryName(entry), target);
      const files = this.#filesAt(path);
      if (files === undefined || this.#tree.kind(`${path}/${files.current}`) !== 'file') {
        return undefined;
      }
      // Some drivers give the physical function these files, too, but types are for virtual ones.
      const physicalFunction = linkName(this.#tree, `${path}/physfn`);
      return physicalFunction === undefined
        ? undefined
        : { address, subsystem: 'pci', path, framework: this.name, physicalFunction };
    });
  }

  /**
   * What it could take now, what it has, and what the host's files or tables know of its board; sorted by number. A function whose
   * own type cannot be read takes none.
   */
  types(parent: HostParent): Listing<HostType> {
    const files = this.#filesOf(parent);
    const { items: found, unreadable: odd } = collect([parent.path], (path) => ({
      number: this.#current(path, files),
    }));
    const current = found[0]?.number;
    const { items: offered, unreadable: unlisted } = this.#offered(parent.path, files);
    const device = readIfAny(this.#tree, `${parent.path}/device`) ?? '';
    const listed = this.#listed.of(driverWith(files), parent.path);
    const known = new Map<number, NumberedType>();
    if (current) known.set(current, { number: current });
    const inFile = [...listed.values()].map(({ id, name }) => ({
      number: files.numberOf(id) ?? 0,
      name,
    }));
    for (const type of [...files.boardTypes(device), ...inFile, ...offered]) {
      known.set(type.number, { ...type, name: type.name ?? known.get(type.number)?.name });
    }
    const all = [...known.values()].toSorted((a, b) => a.number - b.number);
    const free = new Set(current === 0 ? offered.map(({ number }) => number) : []);
    const items = all.map((type) => ({
      id: files.idOf(type.number),
      name: type.name,
      deviceApi: 'vfio-pci',
      availableInstances: free.has(type.number) ? 1 : 0,
      files: [],
    }));
    return {
      items: describedTypes(driverWith(files), items, listed),
      unreadable: [...odd, ...unlisted],
    };
  }

  type(parent: HostParent, id: string): HostType | undefined {
    return this.types(parent).items.find((type) => type.id === id);
  }

  devices(parent?: HostParent): Listing<HostDevice> {
    const parents = parent === undefined ? this.parents() : { items: [parent], unreadable: [] };
    if (parents.items.length === 0)
      return parents.unreadable.length === 0 ? NONE : { ...parents, items: [] };
    const boot = readBootId(this.#tree);
    const known = new Map(readIdentities(this.#tree, boot).map((one) => [one.parent, one]));
    const byAddress = new Map(parents.items.map((one) => [one.address, one]));
    const listing = collect([...byAddress.keys()], (address) => {
      const one = byAddress.get(address);
      return one && this.#deviceAt(one, this.#filesOf(one), boot, known.get(address));
    });
    return { ...listing, unreadable: [...parents.unreadable, ...listing.unreadable] };
  }

  find(uuid: string): HostDevice | undefined {
    const identity = readIdentity(this.#tree, uuid, readBootId(this.#tree));
    const parent = identity && this.parent(identity.parent);
    if (parent !== undefined) {
      const device = this.#deviceAt(
        parent,
        this.#filesOf(parent),
        readBootId(this.#tree),
        identity,
      );
      return device?.ref.uuid === uuid ? device : undefined;
    }
    // Only a uuid that is made from names can be that of another program's device.
    return isUuid(uuid) && uuid[14] === '5'
      ? this.devices().items.find(({ ref }) => ref.uuid === uuid)
      : undefined;
  }

  /** A function whose type cannot be read is told by {@link types} and {@link devices}. */
  cardDevices(parents: readonly CardParent[]): readonly CardDevice[] {
    const boot = readBootId(this.#tree);
    const known = new Map(readIdentities(this.#tree, boot).map((one) => [one.parent, one]));
    const byAddress = new Map(parents.map((one) => [one.address, one]));
    const { items } = collect([...byAddress.keys()], (address) => {
      const parent = byAddress.get(address);
      const files = parent && this.#filesAt(parent.path);
      return files && this.#deviceAt(parent, files, boot, known.get(address));
    });
    return items.map(({ ref, type }) => ({ uuid: ref.uuid, parent: ref.parent, type }));
  }

  attributes({ path }: HostDevice): readonly string[] {
    return (this.#filesAt(path)?.attributes ?? [])
      .filter((name) => this.#tree.kind(`${path}/${name}`) === 'file')
      .toSorted(order);
  }

  attributeFile(device: HostDevice, name: string): string {
    const path = attributePath(device, name);
    if (this.#filesAt(device.path)?.attributes.includes(name) !== true) {
      // A function's directory has files of others, which an attribute must not reach.
      throw new HostError(this.#tree.kind(path) === undefined ? 'ENOENT' : 'EACCES', path);
    }
    return path;
  }

  /** The identity comes first, so that the device never has another uuid than it is created with. */
  create(parent: HostParent, type: string, uuid: string, write: WriteFile): void {
    const files = this.#filesOf(parent);
    const file = `${parent.path}/${files.current}`;
    const number = files.numberOf(type);
    const written = number === undefined ? type : String(number);
    if (number === undefined) throw new HostError('ENOENT', file, { written });
    if (this.find(uuid) !== undefined) throw new HostError('EEXIST', file, { written });
    if (this.#current(parent.path, files) !== 0) throw new HostError('EPERM', file, { written });
    keepIdentity(this.#tree, { uuid, parent: parent.address, type }, readBootId(this.#tree));
    try {
      write(file, written);
    } catch (error) {
      if (this.#current(parent.path, files) !== number) forgetIdentity(this.#tree, uuid);
      throw error;
    }
    const now = this.#current(parent.path, files);
    if (now !== number) {
      forgetIdentity(this.#tree, uuid);
      throw new HostError('EIO', file, { written });
    }
  }

  /** A function is used again by others: what it has now is read first, so that only the meant device loses its type. */
  remove(device: HostDevice, write: WriteFile): void {
    const { parent: address, uuid } = device.ref;
    const parent = this.parent(address);
    const files = this.#filesAt(device.path);
    const file = `${device.path}/${files?.current ?? ''}`;
    const now = parent && this.devices(parent).items[0];
    if (files === undefined || now?.ref.uuid !== uuid || now.type !== device.type) {
      throw new HostError('ENOENT', file, { written: '0' });
    }
    try {
      write(file, '0');
    } catch (error) {
      throw isClosing(error)
        ? new HostError(error.errno, file, { written: '0', mayPass: true, cause: error.cause })
        : error;
    }
    if (this.#current(device.path, files) !== 0) throw new HostError('EIO', file, { written: '0' });
    forgetIdentity(this.#tree, uuid);
  }

  #deviceAt(
    { address, path }: CardParent,
    files: FunctionFiles,
    boot: string,
    known: FunctionIdentity | undefined,
  ): HostDevice | undefined {
    const number = unlessGone(this.#tree, path, () => this.#current(path, files)) ?? 0;
    if (number === 0) return undefined;
    const type = files.idOf(number);
    const isKnown = known?.type === type && known.parent === address;
    const uuid = isKnown
      ? known.uuid
      : namedUuid(`${address} ${type}`, isUuid(boot) ? boot : NO_BOOT);
    return { ref: { framework: this.name, parent: address, uuid }, type, path };
  }

  #current(path: string, { current }: FunctionFiles): number {
    return readCount(this.#tree, `${path}/${current}`);
  }

  /** The list of a function; an empty one where the driver cannot say (it then refuses to be read). */
  #offered(path: string, files: FunctionFiles): Listing<NumberedType> {
    try {
      return {
        items: files.parse(readText(this.#tree, `${path}/${files.offered}`)),
        unreadable: [],
      };
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      const isEmpty = isGone(error) || error.errno === 'EINVAL';
      return { items: [], unreadable: isEmpty ? [] : [error] };
    }
  }

  #filesAt(path: string): FunctionFiles | undefined {
    const bound = linkName(this.#tree, `${path}/driver`);
    return bound === undefined
      ? undefined
      : filesOfDrivers().find(({ boundTo }) => boundTo === bound);
  }

  #filesOf({ path }: CardParent): FunctionFiles {
    const files = this.#filesAt(path);
    if (files === undefined) throw new HostError('ENODEV', path);
    return files;
  }
}

const NONE: Listing<HostDevice> = { items: [], unreadable: [] };

const driverWith = (files: FunctionFiles): Driver | undefined =>
  drivers.find(({ functions }) => functions === files);

const filesOfDrivers = (): readonly FunctionFiles[] =>
  drivers.flatMap(({ functions }) => functions ?? []);

/** EPERM: a VM has it open, or ends; EBUSY: what served the VM has not ended yet. */
const isClosing = (error: unknown): error is HostError =>
  error instanceof HostError &&
  error.holders.length === 0 &&
  ['EPERM', 'EBUSY'].includes(error.errno);
