import { pciAddressText } from '../address.ts';
import type { PciAddress } from '../../nodedev/device.ts';
import type { PciMachine } from './machine.ts';

/** Models of `<controller type='pci'>` that make a bus. */
export type PciModel =
  | 'pci-root'
  | 'pcie-root'
  | 'pci-bridge'
  | 'dmi-to-pci-bridge'
  | 'pcie-to-pci-bridge'
  | 'pcie-root-port'
  | 'pcie-switch-upstream-port'
  | 'pcie-switch-downstream-port'
  | 'pci-expander-bus'
  | 'pcie-expander-bus';

/** What goes into a slot: a conventional or Express endpoint, or a controller. */
export type Plug = 'pci' | 'pcie' | PciModel;

interface BusModel {
  readonly takes: readonly Plug[];
  /** Whether libvirt itself puts endpoints there. */
  readonly auto: boolean;
  readonly slots: readonly [first: number, last: number];
}

const BRIDGE_TAKES = ['pci', 'pci-bridge'] as const;
const PORT: BusModel = {
  takes: ['pcie', 'pcie-switch-upstream-port', 'pcie-to-pci-bridge'],
  auto: true,
  slots: [0, 0],
};

/** libvirt 9.0 to 12.8 src/conf/domain_addr.c: virDomainPCIAddressBusSetModel; formatdomain, "Controllers". */
const BUS_MODELS: Readonly<Record<PciModel, BusModel>> = {
  'pci-root': { takes: [...BRIDGE_TAKES, 'pci-expander-bus'], auto: true, slots: [1, 31] },
  'pcie-root': {
    takes: ['pcie', 'pcie-root-port', 'dmi-to-pci-bridge', 'pcie-expander-bus'],
    auto: false,
    slots: [1, 31],
  },
  'pci-bridge': { takes: BRIDGE_TAKES, auto: true, slots: [1, 31] },
  'dmi-to-pci-bridge': { takes: BRIDGE_TAKES, auto: false, slots: [0, 31] },
  'pcie-to-pci-bridge': { takes: BRIDGE_TAKES, auto: true, slots: [1, 31] },
  'pcie-root-port': PORT,
  'pcie-switch-downstream-port': PORT,
  'pcie-switch-upstream-port': {
    takes: ['pcie-switch-downstream-port'],
    auto: false,
    slots: [0, 31],
  },
  'pci-expander-bus': { takes: BRIDGE_TAKES, auto: true, slots: [0, 31] },
  'pcie-expander-bus': {
    takes: ['pcie-root-port', 'dmi-to-pci-bridge'],
    auto: false,
    slots: [0, 31],
  },
};

export function isPciModel(model: string | undefined): model is PciModel {
  return model !== undefined && Object.hasOwn(BUS_MODELS, model);
}

interface Bus {
  readonly model: PciModel;
  /** Those of the model, but of a port libvirt adds for one device only that one. */
  readonly takes: readonly Plug[];
}

/** Where something is: an address of a domain's own buses. */
export type PciSlot = Omit<PciAddress, 'domain'>;

/** Why something has no place: libvirt's sentence. */
export interface NoPlace<Holder> {
  readonly message: string;
  /** What is there already, when that is the reason. */
  readonly taken?: Holder;
}

const LAST_BUS = 255;

/**
 * A guest's PCI buses and what is on them, with libvirt's ways to find a place: further buses are added up to the one
 * that is named. `Holder` is what one wants to be told of who has an address.
 */
export class PciBuses<Holder> {
  readonly #machine: PciMachine;
  readonly #buses: Bus[] = [];
  readonly #taken = new Map<string, Holder>();
  /** Slots whose first function has a root port: more of them go into the others. */
  readonly #shared = new Set<string>();

  constructor(machine: PciMachine, models: ReadonlyMap<number, PciModel>) {
    this.#machine = machine;
    if (machine.root === undefined) return;
    const last = Math.max(0, ...models.keys());
    for (let index = 0; index <= last; index++) {
      this.#add(models.get(index) ?? (index === 0 ? machine.root : this.#filler()));
    }
  }

  get count(): number {
    return this.#buses.length;
  }

  model(bus: number): PciModel | undefined {
    return this.#buses[bus]?.model;
  }

  holder(slot: PciSlot): Holder | undefined {
    return this.#taken.get(keyOf(slot));
  }

  isSlotFree(bus: number, slot: number): boolean {
    return Array.from({ length: 8 }, (_, fn) => fn).every(
      (fn) => !this.#taken.has(keyOf({ bus, slot, function: fn })),
    );
  }

  /**
   * Gives a device the address written for it. Endpoints of both kinds go where endpoints of either kind go, and a
   * pci-bridge goes there, too. (libvirt src/conf/domain_addr.c: virDomainPCIAddressReserveAddr, …Validate)
   *
   * @param integrated goes onto bus 0 only
   */
  take(
    written: PciAddress,
    plug: Plug,
    holder: Holder,
    integrated = false,
  ): NoPlace<Holder> | undefined {
    const text = pciAddressText(written);
    if (this.#buses.length === 0) return { message: NO_BUSES };
    const grown = this.#grow(written.bus, plug);
    if (typeof grown === 'string') return { message: grown };
    if (written.domain !== 0) {
      return { message: `Invalid PCI address ${text}. Only PCI domain 0 is available` };
    }
    const slot = { ...written, bus: grown };
    const bus = this.#buses[slot.bus];
    const message = bus && unfit(bus, slot, plug, text, integrated);
    if (message !== undefined) return { message };
    const taken = this.holder(slot);
    if (taken !== undefined) {
      return { message: `Attempted double use of PCI Address ${text}`, taken };
    }
    this.put(slot, plug, holder);
    return undefined;
  }

  /** Without questions: what the machine itself puts there. */
  put(slot: PciSlot, plug: Plug, holder: Holder): void {
    if (plug === 'pcie-root-port' && this.isSlotFree(slot.bus, slot.slot)) {
      this.#shared.add(slotKey(slot.bus, slot.slot));
    }
    this.#taken.set(keyOf(slot), holder);
  }

  /**
   * The first free place, on a bus that is added when there is none; it stays free. A sentence when there can be none.
   * (libvirt src/conf/domain_addr.c: virDomainPCIAddressGetNextAddr)
   */
  next(plug: Plug): PciSlot | string {
    if (this.#buses.length === 0) return NO_BUSES;
    for (const [index, bus] of this.#buses.entries()) {
      const place = this.#freeOn(index, bus, plug);
      if (place !== undefined) return place;
    }
    const added = this.#grow(this.#buses.length, plug);
    if (typeof added === 'string') return added;
    const bus = this.#buses[added];
    return {
      bus: added,
      slot: bus === undefined ? 0 : BUS_MODELS[bus.model].slots[0],
      function: 0,
    };
  }

  #freeOn(index: number, bus: Bus, plug: Plug): PciSlot | undefined {
    const { auto, slots } = BUS_MODELS[bus.model];
    const isEndpoint = plug === 'pci' || plug === 'pcie';
    if (!bus.takes.includes(plug) || (isEndpoint && !auto)) return undefined;
    for (let slot = slots[0]; slot <= slots[1]; slot++) {
      if (this.isSlotFree(index, slot)) return { bus: index, slot, function: 0 };
      if (plug !== 'pcie-root-port' || !this.#shared.has(slotKey(index, slot))) continue;
      for (let fn = 0; fn < 8; fn++) {
        const place = { bus: index, slot, function: fn };
        if (!this.#taken.has(keyOf(place))) return place;
      }
    }
    return undefined;
  }

  /**
   * Adds buses up to `bus`, of the kind `plug` needs; returns the bus that is meant then, which is one further when a
   * conventional device comes to a guest with Express buses only. (virDomainPCIAddressSetGrow)
   */
  #grow(bus: number, plug: Plug): number | string {
    let add = bus - this.#buses.length + 1;
    if (add <= 0) return bus;
    if (bus > LAST_BUS || (plug !== 'pci' && !PORT.takes.includes(plug))) {
      return cannotAdd(plug);
    }
    if (plug !== 'pci') {
      for (; add > 0; add--) this.#add('pcie-root-port');
      return bus;
    }
    if (this.#machine.manyRoots) {
      for (; add > 0; add--) this.#add('pci-root');
      return bus;
    }
    let meant = bus;
    if (!this.#buses.some(({ takes }) => takes.includes('pci-bridge'))) {
      if (add === 1) meant++;
      this.#buses.push({ model: 'pcie-root-port', takes: ['pcie-to-pci-bridge'] });
      this.#add('pcie-to-pci-bridge');
    }
    while (this.#buses.length <= meant) this.#add('pci-bridge');
    return meant;
  }

  #add(model: PciModel): void {
    this.#buses.push({ model, takes: BUS_MODELS[model].takes });
  }

  /** What fills a gap in the indexes. (libvirt src/qemu/qemu_domain_address.c: qemuDomainPCIAddressSetCreate) */
  #filler(): PciModel {
    if (this.#machine.manyRoots) return 'pci-root';
    return this.#machine.root === 'pcie-root' ? 'pcie-root-port' : 'pci-bridge';
  }
}

export const NO_BUSES = 'No PCI buses available';

const NAMES: Partial<Readonly<Record<Plug, string>>> = {
  pci: 'standard PCI device',
  pcie: 'PCI Express device',
  'pci-bridge': 'standard PCI device',
};

function unfit(
  { model, takes }: Bus,
  address: PciSlot,
  plug: Plug,
  text: string,
  integrated: boolean,
): string | undefined {
  if (integrated && address.bus !== 0) {
    return `The device at PCI address ${text} needs to be an integrated device (bus=0)`;
  }
  const isEndpoint = plug === 'pci' || plug === 'pcie' || plug === 'pci-bridge';
  const takesEndpoints = takes.includes('pci') || takes.includes('pcie');
  if (!takes.includes(plug) && !(isEndpoint && takesEndpoints)) {
    return `The device at PCI address ${text} cannot be plugged into the PCI controller with index='${address.bus}'. It requires a controller that accepts a ${NAMES[plug] ?? plug}.`;
  }
  const [first, last] = BUS_MODELS[model].slots;
  if (address.slot < first) return `Invalid PCI address ${text}. slot must be >= ${first}`;
  if (address.slot > last) return `Invalid PCI address ${text}. slot must be <= ${last}`;
  return undefined;
}

/** libvirt before 12 says "a PCI slot" here. */
function cannotAdd(plug: Plug): string {
  const model = plug === 'pci' ? 'pci-bridge' : plug === 'pcie' ? 'pcie-root-port' : plug;
  return `a PCIe slot is needed to connect a PCI controller model='${model}', but none is available, and it cannot be automatically added`;
}

function slotKey(bus: number, slot: number): string {
  return `${bus}:${slot}`;
}

function keyOf({ bus, slot, function: fn }: PciSlot): string {
  return `${slotKey(bus, slot)}.${fn}`;
}
