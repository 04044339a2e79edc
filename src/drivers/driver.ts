import type { NamedValue, PciCapability } from '../nodedev/device.ts';
import type { HostFacts, Obstacle } from './host-facts.ts';
import type { RefusalCause } from './refusal-cause.ts';
import type { TypeFact, TypeName } from './type-fact.ts';
import type { VmRule } from './vm-rule.ts';

/** A setting of a card; a profile's `<setting name value>`. */
export interface DriverSetting {
  readonly name: string;
  readonly default: string;
  /** The words it takes; undefined: a decimal number from 1. */
  readonly words?: readonly string[] | undefined;
}

/** What a driver's rules look at: one physical card and everything on it. A snapshot; rules never change it. */
export interface Card {
  /** sysfs names of the parents that share the card: one, or the SR-IOV virtual functions of one GPU. */
  readonly parents: readonly string[];
  /** The types each of its parents offers. */
  readonly types: readonly CardType[];
  readonly devices: readonly CardDevice[];
  /** Only settings the driver declares (`Driver.settings`); what is not here has its default. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface CardType {
  /** Directory name: `nvidia-18`. */
  readonly id: string;
  readonly name?: string | undefined;
  readonly deviceApi: string;
  /** As the kernel gives it. */
  readonly description?: string | undefined;
}

export interface CardDevice {
  readonly uuid: string;
  readonly parent: string;
  readonly type: string;
  /** The domain that holds it open, if one does. */
  readonly holder?: string | undefined;
}

/**
 * All there is to know of one vendor's kernel driver: facts, sentences, and rules as pure functions. Sources stand in
 * each driver's docstring. What is optional is for vendors that have it.
 */
export interface Driver {
  /** What its type ids start with, as the core makes them of the module's name: `nvidia`, `vfio_ccw`. */
  readonly name: string;
  /** What its devices are bound to: the name below `/sys/bus/mdev/drivers`. */
  readonly mdevDriver: string;
  /** The subsystem its parents are in, in sysfs: `pci`, `css`. */
  readonly subsystem: string;
  /** What a person loads who wants its devices, in words; undefined: nothing to propose. */
  readonly loads?: string | undefined;
  readonly settings: readonly DriverSetting[];
  /** True when several devices of one VM must be in one group, because the driver commits them together. */
  readonly requiresGroup: boolean;
  /** The sysfs attribute of a device that takes `<params>`, relative to the device; undefined: takes none. */
  readonly paramsAttribute?: string | undefined;
  /** True when the guest's screen is shown through DMA buffers, for which QEMU needs OpenGL. */
  readonly displaysByDmabuf?: boolean | undefined;
  /** What its types have that other vendors' have not; all have what {@link TypeFacts} names. */
  readonly facts?: readonly TypeFact[] | undefined;
  /** What the name of one of its types says; undefined for a name it does not understand. */
  readName?(name: string): TypeName | undefined;
  /** What several of its devices in one VM must have in common. */
  readonly vmRule?: VmRule | undefined;
  /** What its errnos mean, the particular before the general; what is not here means what it means with all drivers. */
  readonly refusals?: readonly RefusalCause[] | undefined;
  /** What is missing on a host whose hardware could have its devices, and has none. */
  obstacles?(host: HostFacts): readonly Obstacle[];
  /** Instances of `type` that could still be created on `parent`. */
  available(card: Card, parent: string, type: CardType): number;
  /** The errno a write to `create` fails with, or undefined when it succeeds. Uuid checks are the kernel core's. */
  refusal(card: Card, parent: string, type: CardType): string | undefined;
  /**
   * The part of an empty card one device of `type` takes, above 0. On one card they never add up to more than 1: with
   * this, a number of cards can be proven too small. What fits is up to {@link available} alone.
   */
  share(card: Card, type: CardType): number;
  /** Why `type` has the instances it has, for a person: the rule, and the uuids that block it. */
  explain(card: Card, parent: string, type: CardType): Explanation;
  /**
   * The type's description item by item: the thread's names where it has them (num_heads, frl_config, framebuffer,
   * hres, vres), else the driver's own. Memory is in KiB. An item that does not parse stays as the kernel gave it.
   */
  attributes(type: CardType): readonly NamedValue[];
  /** Attribute files a new device has: name relative to the device, and content without newline. */
  deviceAttributes(uuid: string, type: CardType): readonly DeviceAttribute[];
  /**
   * The errno when a running VM opens or closes `device`, whose `holder` it is. Not asked while the VM starts or
   * stops, when all its devices are opened or closed together.
   */
  hotplugRefusal(card: Card, change: 'open' | 'close', device: CardDevice): string | undefined;
  /** The PCI device a guest sees, without addresses, from the parent's own; undefined where there is none. */
  guestPci(type: CardType, parent: PciCapability | undefined): PciCapability | undefined;
}

export interface DeviceAttribute extends NamedValue {
  /** Octal permissions: 0o444, 0o644, 0o200. */
  readonly mode: number;
}

export interface Explanation {
  readonly available: number;
  /** The most an empty card gives. */
  readonly maximum: number;
  /** `upper-bound` when the driver keeps a limit to itself (SR-IOV caps, mixed-size placement). */
  readonly confidence: 'exact' | 'upper-bound';
  /** One sentence: the rule that decides. */
  readonly rule: string;
  /** UUIDs of the devices in the way, sorted: with all of them gone there are more. Empty at the maximum. */
  readonly blockedBy: readonly string[];
}
