import type { Card } from '../../drivers/driver.ts';
import { driverForType } from '../../drivers/registry.ts';
import type { NodeDevice } from '../../nodedev/device.ts';
import type { HostFacts } from '../../drivers/host-facts.ts';
import type { BrokenRule, Diagnosis } from '../diagnosis.ts';
import {
  type Hardware,
  type AttachedSocket,
  type Holder,
  type HostDevice,
  type HostDeviceDetails,
  HostError,
  type HostParent,
  type HostType,
  type Listing,
  type NodeKind,
  type NumaNode,
  type OpenObstacle,
  type SetupCard,
  takesType,
} from '../host.ts';
import { isFileName, resolveLink, type Tree } from '../tree.ts';
import { holdersOf, isFree } from './holders.ts';
import { parentsOfCard, snapshotOf } from './card.ts';
import { describeComputer } from './computer.ts';
import { diagnose } from './diagnose.ts';
import { collect, type DeviceFramework, unlessGone } from './framework.ts';
import { FunctionFramework } from './function-framework.ts';
import { HARDWARE, readNodeDevice } from './hardware.ts';
import { ListedTypes } from './listed-types.ts';
import { hostFacts } from './host-facts.ts';
import { MdevFramework } from './mdev-framework.ts';
import { readNumaNodes } from './numa.ts';
import { deviceNodes, groupNode, nodeKind } from './device-nodes.ts';
import { accessObstacle } from './node-access.ts';
import { BUSES, DEV_VFIO, MACHINE_ID } from './paths.ts';
import { readPciIds } from './pci-ids.ts';
import { readSetupCard } from './setup-card.ts';
import { findBrokenRules } from './udev-rules.ts';
import {
  iommuGroupOf,
  linkName,
  namesIfAny,
  order,
  readBootId,
  readIfAny,
  readLine,
} from './values.ts';

/** Errnos for an ordinary user. EPERM comes from the device cgroup of a container. */
const DENIED: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);

/**
 * The reading half of a host: it reads a kernel's sysfs below any root, and a simulated host's tree, which has the same
 * layout. What offers, names and finds devices is each framework's ({@link DeviceFramework}).
 */
export class SysfsReader {
  protected readonly tree: Tree;
  readonly #frameworks: readonly DeviceFramework[];
  protected readonly listed: ListedTypes;
  #pciIds: string | undefined;

  constructor(tree: Tree) {
    this.tree = tree;
    this.listed = new ListedTypes(tree);
    this.#frameworks = [
      new MdevFramework(tree, this.listed),
      new FunctionFramework(tree, this.listed),
    ];
  }

  /** Makes the files of types that programs of this host have known; whether there are any. */
  async prepare(): Promise<boolean> {
    return await this.listed.prepare();
  }

  get root(): string | undefined {
    return this.tree.root;
  }

  bootId(): string {
    return readBootId(this.tree);
  }

  machineId(): string | undefined {
    const text = readIfAny(this.tree, MACHINE_ID);
    return text !== undefined && /^[0-9a-f]{32}$/.test(text) ? text : undefined;
  }

  hasVfio(): boolean {
    return this.tree.kind(`${DEV_VFIO}/vfio`) !== undefined;
  }

  parents(): Listing<HostParent> {
    const [first, ...others] = this.#frameworks.map((framework) => framework.parents());
    return others.reduce((all, more) => merged(all, more, byAddress), first ?? EMPTY);
  }

  parent(address: string): HostParent | undefined {
    return firstOf(this.#frameworks, (framework) => framework.parent(address));
  }

  setupCard(address: string): SetupCard | undefined {
    return readSetupCard(this.tree, address);
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
      return collect(namesIfAny(this.tree, devices), (address) => {
        const entry = `${devices}/${address}`;
        const device = unlessGone(this.tree, entry, () => {
          const path = resolveLink(devices, this.tree.readLink(entry));
          return { address, subsystem, path };
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

  types(parent: HostParent): Listing<HostType> {
    return this.frameworkOf(parent).types(parent);
  }

  type(parent: HostParent, id: string): HostType | undefined {
    return this.frameworkOf(parent).type(parent, id);
  }

  card(parent: HostParent): Card {
    const framework = this.frameworkOf(parent);
    const parents = parentsOfCard(this.tree, parent, () => framework.parents().items);
    // Mediated devices' parents offer the same types. What a function shows changes with its neighbours.
    const types = takesType(parent)
      ? [
          ...new Map(
            parents.flatMap((one) => this.types(one).items).map((type) => [type.id, type]),
          ).values(),
        ]
      : this.types(parent).items;
    return snapshotOf(
      framework,
      {
        parents,
        types,
        isFunctions: takesType(parent) ? true : undefined,
        // Most real cards' settings are in their driver and cannot be read, so the rules use the defaults.
        settings: driverForType(types[0]?.id ?? '')?.settingsOfHost?.(hostFacts(this.tree)) ?? {},
      },
      (uuid) => this.#domainOf(uuid),
    );
  }

  devices(parent?: HostParent): Listing<HostDevice> {
    if (parent !== undefined) return this.frameworkOf(parent).devices(parent);
    const [first, ...others] = this.#frameworks.map((framework) => framework.devices());
    return others.reduce((all, more) => merged(all, more, byParent), first ?? EMPTY);
  }

  find(uuid: string): HostDevice | undefined {
    const name = uuid.toLowerCase();
    return firstOf(this.#frameworks, (framework) => framework.find(name));
  }

  details(device: HostDevice): HostDeviceDetails {
    const { tree } = this;
    return {
      driver: linkName(tree, `${device.path}/driver`),
      iommuGroup: iommuGroupOf(tree, device.path),
      deviceNodes: deviceNodes(tree, device),
      attributes: this.frameworkOf(device.ref).attributes(device),
    };
  }

  readAttribute(device: HostDevice, name: string): string {
    return readLine(this.tree, this.attributeFile(device, name));
  }

  /** No device of a real host is: its kernel gives it to VMs. */
  attachedAt(_device: HostDevice): AttachedSocket | undefined {
    return undefined;
  }

  holders(device: HostDevice): readonly Holder[] {
    const { tree } = this;
    const group = groupNode(tree, device);
    // Nearly all are not open, and their other files need not be looked for.
    if (group !== undefined && isFree(tree, group)) return [];
    return holdersOf(tree, deviceNodes(tree, device));
  }

  openObstacle(device: HostDevice, opened: NodeKind): OpenObstacle | undefined {
    const { tree } = this;
    if (linkName(tree, `${device.path}/driver`) === undefined) return 'no-driver';
    const nodes = deviceNodes(tree, device);
    const node = nodes.find((path) => nodeKind(path) === opened);
    if (node !== undefined) return accessObstacle(tree, node);
    if (nodes.length > 0) return opened === 'group' ? 'own-only' : 'group-only';
    return iommuGroupOf(tree, device.path) === undefined ? 'no-group' : 'no-node';
  }

  facts(): HostFacts {
    return hostFacts(this.tree);
  }

  diagnosis(): Diagnosis {
    return { ...diagnose(this.tree), unread: this.listed.problems() };
  }

  brokenRules(): readonly BrokenRule[] {
    return findBrokenRules(this.tree);
  }

  /** The file of an attribute. */
  protected attributeFile(device: HostDevice, name: string): string {
    return this.frameworkOf(device.ref).attributeFile(device, name);
  }

  /** What is on no bus of its own, so that only looks show what comes and goes. */
  protected offBus(): {
    readonly parents: readonly HostParent[];
    readonly devices: readonly HostDevice[];
  } {
    const others = this.#frameworks.filter(({ name }) => name !== 'mdev');
    return {
      parents: others.flatMap((framework) => framework.parents().items),
      devices: others.flatMap((framework) => framework.devices().items),
    };
  }

  /** What a parent or device belongs to. */
  protected frameworkOf({ framework: name }: Pick<HostParent, 'framework'>): DeviceFramework {
    const framework = this.#frameworks.find((one) => one.name === name);
    if (framework === undefined) throw new Error(`no framework ${name}`);
    return framework;
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
}

const EMPTY = { items: [], unreadable: [] };

const byAddress = (a: HostParent, b: HostParent): number => order(a.address, b.address);
const byParent = (a: HostDevice, b: HostDevice): number =>
  order(a.ref.parent, b.ref.parent) || order(a.ref.uuid, b.ref.uuid);

/** Two sorted lists as one. Most hosts have one framework, and a long list is not sorted again. */
function merged<T>(
  one: Listing<T>,
  other: Listing<T>,
  compare: (a: T, b: T) => number,
): Listing<T> {
  if (other.items.length === 0 && other.unreadable.length === 0) return one;
  return {
    items: [...one.items, ...other.items].toSorted(compare),
    unreadable: [...one.unreadable, ...other.unreadable],
  };
}

function firstOf<T>(
  frameworks: readonly DeviceFramework[],
  ask: (framework: DeviceFramework) => T | undefined,
): T | undefined {
  for (const framework of frameworks) {
    const answer = ask(framework);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
