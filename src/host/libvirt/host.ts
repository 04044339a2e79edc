import type { ToolAnswer } from '../../drivers/card-setup.ts';
import type { Card } from '../../drivers/driver.ts';
import type { HostFacts } from '../../drivers/host-facts.ts';
import type { NodeDevice } from '../../nodedev/device.ts';
import type { BrokenRule, Diagnosis } from '../diagnosis.ts';
import {
  type Hardware,
  type Host,
  type HostDevice,
  type HostDeviceDetails,
  HostError,
  type HostEvent,
  type HostParent,
  type HostType,
  type HostWatch,
  type Listing,
} from '../host.ts';
import { BusTracker, type BusState } from '../sysfs/bus-tracker.ts';
import { order } from '../sysfs/values.ts';
import { compareIds } from '../../drivers/type-order.ts';
import type { DomainText } from '../domain-text.ts';
import {
  activeOf,
  byAddress,
  byParent,
  hardwareOf,
  type LibvirtParent,
  parentOf,
  sysfsNameOf,
  typesOf,
  withoutTypes,
} from './devices.ts';
import { type LibvirtDefinition, type LibvirtSnapshot, readSnapshot } from './snapshot.ts';

/** Milliseconds for which a look is new enough for the next question: one command asks several. A slow look is so for as long as it took. */
const NEW_ENOUGH = 1000;
/** Milliseconds between two looks for events. */
const POLL_INTERVAL = 2000;

/**
 * A host as the libvirt there tells it, through virsh, to be read only. It keeps what the last {@link refresh} found, since all other
 * methods of a host are synchronous. What libvirt does not say is not known: who has a device open, a driver's attributes, the host's
 * files; functions that take a type are no parents to it.
 */
export class LibvirtHost implements Host {
  readonly kind = 'libvirt';
  readonly root = undefined;
  readonly #uri: string;
  #snapshot: LibvirtSnapshot = { devices: [], defined: [], unreadable: [], domains: undefined };
  #parents: readonly LibvirtParent[] = [];
  #devices: readonly HostDevice[] = [];
  #pending: Promise<void> | undefined;
  #newUntil = Number.NEGATIVE_INFINITY;
  #onRead: (defined: readonly LibvirtDefinition[]) => void = () => undefined;

  /** @param uri libvirt's: `qemu:///system` */
  constructor(uri: string) {
    this.#uri = uri;
  }

  /**
   * Asks libvirt again, unless the last answer is new.
   * @throws NodedevError `libvirt-failed`
   */
  refresh(force = false): Promise<void> {
    if (performance.now() < this.#newUntil && !force) return Promise.resolve();
    this.#pending ??= this.#read().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #read(): Promise<void> {
    const began = performance.now();
    this.#snapshot = await readSnapshot(this.#uri);
    this.#newUntil = performance.now() + Math.max(NEW_ENOUGH, performance.now() - began);
    this.#parents = this.#snapshot.devices.flatMap(parentOf).toSorted(byAddress);
    this.#devices = this.#snapshot.devices.flatMap(activeOf).toSorted(byParent);
    this.#onRead(this.#snapshot.defined);
  }

  /** Tells the definitions that libvirt shows, after each look. */
  follow(listener: (defined: readonly LibvirtDefinition[]) => void): void {
    this.#onRead = listener;
  }

  domainTexts(): readonly DomainText[] {
    return this.#snapshot.domains ?? [];
  }

  /** Addresses of functions of GPUs that are no parents to libvirt, so that their types are not known. */
  untold(): readonly string[] {
    return this.#snapshot.devices.flatMap((device) => {
      const pci = device.capabilities.find(({ kind }) => kind === 'pci');
      if (pci?.kind !== 'pci' || pci.class?.startsWith('0x03') !== true) return [];
      const isFunction = pci.capabilities.some(({ kind }) => kind === 'phys_function');
      return isFunction && typesOf(device) === undefined ? [sysfsNameOf(device)] : [];
    });
  }

  /** None is known: only its own store would ask whether it is the same boot. */
  bootId(): string {
    return this.#uri;
  }

  machineId(): undefined {
    return undefined;
  }

  /** Not known, and so nothing is said against it. */
  hasVfio(): boolean {
    return true;
  }

  parents(): Listing<HostParent> {
    return { items: this.#parents, unreadable: this.#snapshot.unreadable };
  }

  parent(address: string): HostParent | undefined {
    return this.#parents.find((parent) => parent.address === address);
  }

  describeComputer(): NodeDevice {
    const computer = this.#snapshot.devices.find(({ name }) => name === 'computer');
    return computer ?? { name: 'computer', devnodes: [], capabilities: [], extra: [] };
  }

  numaNodes(): readonly [] {
    return [];
  }

  hasDevice(address: string): boolean {
    return this.#snapshot.devices.some((device) => sysfsNameOf(device) === address);
  }

  hardware(): Listing<Hardware> {
    const buses = new Set(['ap', 'css', 'pci']);
    const items = this.#snapshot.devices
      .flatMap(hardwareOf)
      .filter(({ subsystem }) => buses.has(subsystem))
      .toSorted((a, b) => order(a.subsystem, b.subsystem) || byAddress(a, b));
    return { items, unreadable: [] };
  }

  describeHardware({ path }: Hardware): NodeDevice {
    const device = this.#snapshot.devices.find((one) => one.path === path);
    if (device === undefined) throw new HostError('ENOENT', path);
    return { ...device, capabilities: device.capabilities.flatMap(withoutTypes) };
  }

  types({ address }: HostParent): Listing<HostType> {
    const parent = this.#parents.find((one) => one.address === address);
    const types = parent?.types ?? [];
    return { items: types.toSorted((a, b) => compareIds(a.id, b.id)), unreadable: [] };
  }

  type(parent: HostParent, id: string): HostType | undefined {
    return this.types(parent).items.find((type) => type.id === id);
  }

  card(parent: HostParent): Card {
    const physical = this.#parents.find(({ address }) => address === parent.address)?.physical;
    const parents =
      physical === undefined
        ? [parent.address]
        : this.#parents.flatMap((one) => (one.physical === physical ? one.address : []));
    return {
      parents,
      types: this.types(parent).items,
      settings: {}, // libvirt tells none
      devices: this.#devices
        .filter(({ ref }) => parents.includes(ref.parent))
        .map(({ ref, type }) => ({ uuid: ref.uuid, parent: ref.parent, type })),
    };
  }

  devices(parent?: HostParent): Listing<HostDevice> {
    const items =
      parent === undefined
        ? this.#devices
        : this.#devices.filter(({ ref }) => ref.parent === parent.address);
    return { items, unreadable: [] };
  }

  find(uuid: string): HostDevice | undefined {
    const name = uuid.toLowerCase();
    return this.#devices.find(({ ref }) => ref.uuid === name);
  }

  details({ path }: HostDevice): HostDeviceDetails {
    const device = this.#snapshot.devices.find((one) => one.path === path);
    const mdev = device?.capabilities.find(({ kind }) => kind === 'mdev');
    return {
      driver: device?.driver,
      iommuGroup: mdev?.kind === 'mdev' ? mdev.iommuGroup?.number : undefined,
      deviceNodes: [],
      attributes: [],
    };
  }

  readAttribute(device: HostDevice, name: string): never {
    throw new HostError('EACCES', `${device.path}/${name}`);
  }

  /** libvirt does not say who has a device open: not known, which is not free. */
  holders({ path }: HostDevice): never {
    throw new HostError('EACCES', path);
  }

  attachedAt(): undefined {
    return undefined;
  }

  openObstacle(): undefined {
    return undefined;
  }

  create({ path }: HostParent): never {
    throw new HostError('EROFS', path);
  }

  remove({ path }: HostDevice): never {
    throw new HostError('EROFS', path);
  }

  setAttribute({ path }: HostDevice): never {
    throw new HostError('EROFS', path);
  }

  setupCard(): undefined {
    return undefined;
  }

  hasTool(): boolean {
    return false;
  }

  runTool(): ToolAnswer {
    return { status: undefined, output: 'libvirt runs no programs' };
  }

  facts(): HostFacts {
    return {
      exists: () => false,
      read: () => undefined,
      names: () => [],
      link: () => undefined,
    };
  }

  diagnosis(): Diagnosis {
    return { sysfs: true, core: true, obstacles: [], frameworks: [], unread: [] };
  }

  brokenRules(): readonly BrokenRule[] {
    return [];
  }

  /** By looks: of `nodedev-event` only the names would be known. A look that fails is repaired by the next one. */
  watch(listener: (event: HostEvent) => void, signal: AbortSignal): HostWatch {
    const tracker = new BusTracker(this.#state(), (event) => {
      if (!signal.aborted) listener(event);
    });
    const timer = setInterval(() => {
      this.refresh(true).then(
        () => tracker.look(this.#state(), false),
        () => undefined,
      );
    }, POLL_INTERVAL);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    if (signal.aborted) clearInterval(timer);
    return { source: 'poll', ready: Promise.resolve() };
  }

  #state(): BusState {
    return {
      parents: new Set(this.#parents.map(({ address }) => address)),
      devices: new Map(this.#devices.map(({ ref }) => [ref.uuid, { parent: ref.parent }])),
    };
  }
}
