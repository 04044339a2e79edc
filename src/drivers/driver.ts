import type { NamedValue, PciCapability } from '../nodedev/device.ts';
import type { XmlElement } from '../xml/element.ts';
import type { CardSetup } from './card-setup.ts';
import type { DeviceBus, DeviceModel } from './device-model.ts';
import type { HostFacts, Obstacle } from './host-facts.ts';
import type { RefusalCause } from './refusal-cause.ts';
import type { ResourceProblem, Taker } from './resources.ts';
import type { TypeFact, TypeName } from './type-fact.ts';
import type { VmRule } from './vm-rule.ts';

/** A setting of a card; a profile's `<setting name value>`. */
export interface DriverSetting {
  readonly name: string;
  readonly default: string;
  /** The allowed words; undefined, and no `text`: a decimal number from 1. */
  readonly words?: readonly string[] | undefined;
  /** For a text in a form of its own, which is not tried for a card whose settings cannot be read. */
  readonly text?:
    | { readonly isValid: (value: string) => boolean; readonly expected: string }
    | undefined;
}

/** A snapshot of one physical card with its devices, for a driver's rules. Rules never change it. */
export interface Card {
  /** sysfs names of the parents that share the card: one, or the SR-IOV virtual functions of one GPU. */
  readonly parents: readonly string[];
  /** The types each of its parents offers. */
  readonly types: readonly CardType[];
  readonly devices: readonly CardDevice[];
  /** Set where each parent is a function that is itself the device, so that it has one at most. */
  readonly isFunctions?: true | undefined;
  /** Values of the driver's settings (`Driver.settings`). A setting that is not here has its default. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Where a fact about a type is from: `kernel`, its description there; `table`, the vendor's documentation in this package;
 * `name`, worked out from its name; else the name of a file of the host ({@link TypeFile}).
 */
export type FactSource = string;

/** An item of a type's description that is not the kernel's. */
export interface SourcedItem extends NamedValue {
  readonly source: FactSource;
}

/** The PCI ids of a board, as sysfs has them: `0x26b9`. */
export interface BoardIds {
  readonly device: string;
  readonly subsystem?: string | undefined;
}

/** A type as a file of the host lists it. */
export interface ListedType {
  readonly id: string;
  readonly name: string;
  /** Items of a description. */
  readonly items: readonly NamedValue[];
}

/** A file of a host in which a driver's own program has the types of boards, as XML. */
export interface TypeFile {
  /** Below the root. */
  readonly path: string;
  /** As a {@link FactSource}. */
  readonly name: string;
  /** The types of a board; none when the file does not have it. What has an unknown form is left out. */
  typesOf(root: XmlElement, board: BoardIds): readonly ListedType[];
}

export interface CardType {
  /** Directory name: `nvidia-18`. */
  readonly id: string;
  readonly name?: string | undefined;
  readonly deviceApi: string;
  /** The kernel's text. */
  readonly description?: string | undefined;
  /** By the name of an item of its description, where that is from when it is not the kernel's. */
  readonly sources?: Readonly<Record<string, FactSource>> | undefined;
  /** With {@link sources}: the kernel's text alone; undefined: it has none. */
  readonly ownDescription?: string | undefined;
  /** The other files of its directory. */
  readonly files?: readonly NamedValue[] | undefined;
  /** In a profile, of a driver that {@link Driver.takesAnyType}: how many there can be on an empty card. */
  readonly instances?: number | undefined;
  /** Likewise: the attribute files of its devices, with their first values. */
  readonly attributes?: readonly NamedValue[] | undefined;
}

export interface CardDevice {
  readonly uuid: string;
  readonly parent: string;
  readonly type: string;
  /** The domain that holds it open, if one does. */
  readonly holder?: string | undefined;
}

/** A type as a function's files have it: a number and a name. */
export interface NumberedType {
  readonly number: number;
  readonly name?: string | undefined;
}

/**
 * The files by which a driver gives a type to an SR-IOV function, where it has no mediated devices. A function takes one
 * type. The kernel's driver knows neither uuid nor owner.
 */
export interface FunctionFiles {
  /** How a profile of a simulated host calls a card of this framework: `nvidia-vfio`. */
  readonly name: string;
  /** The errno of a type that the card has no room for. */
  readonly fullErrno: string;
  /** The meanings of errnos of writes to `current`. */
  readonly refusals: readonly RefusalCause[];
  /** The kernel driver the functions are bound to: a name below `/sys/bus/pci/drivers`. */
  readonly boundTo: string;
  /** Relative to the function: the number of its type, 0 for none. A number is written to give it one. */
  readonly current: string;
  /** Relative to the function: the types it could take now. */
  readonly offered: string;
  /** A function's attributes while it has a type. */
  readonly attributes: readonly string[];
  /** The type id of a number: `nvidia-1155`. */
  idOf(number: number): string;
  /** The number of a type id; undefined for another driver's id. */
  numberOf(id: string): number | undefined;
  /** Reads the text of `offered`. A line in no known form is left out. */
  parse(text: string): readonly NumberedType[];
  /** The text of `offered`, as the driver writes it. */
  format(types: readonly NumberedType[]): string;
  /** All types of a board as far as tables know them, by the PCI device id in sysfs's form (`0x26b9`). */
  boardTypes(device: string): readonly NumberedType[];
}

/** What a vendor says about adding a device to a running VM. */
export interface HotplugRule {
  /** The device in words: `an NVIDIA vGPU`. */
  readonly what: string;
  /** The vendor's page. */
  readonly source: string;
}

/**
 * What the kernel asks of a driver while a device lives, as far as management sees it: vfio-mediated-device.rst. An errno
 * refuses. `card` has the other devices, and `device` once it has been made.
 */
export interface DriverCallbacks {
  /** A device comes (`create` before Linux 5.14). Its attributes appear afterwards; refused, nothing of it is left. */
  probe(card: Card, device: CardDevice): string | undefined;
  /** A device is gone, its attributes first. It is not open. */
  remove(card: Card, device: CardDevice): void;
  /** `device.holder` opens it. */
  open?(card: Card, device: CardDevice): string | undefined;
  close?(card: Card, device: CardDevice): void;
  /** A VM that starts does so after it has opened all its devices. */
  reset?(card: Card, device: CardDevice): string | undefined;
  /** A write to {@link Driver.paramsAttribute}. The default ones of a type are what the file has at first. */
  params?(card: Card, device: CardDevice, text: string): string | undefined;
}

/** What the devices of a driver are for, by the series "mdev based hardware virtio offloading support" (2019). */
export type DeviceClass = 'vfio' | 'virtio';

/** The calls that only devices of VFIO have: that series parts the operations of a class's devices from those of their parent. */
export const VFIO_CALLS = ['open', 'close', 'reset', 'model'] as const;

/** A driver of one's own, for simulated hosts: the rules of a vendor's mediated devices, and what the kernel calls. */
export type OwnDriver = Omit<
  Driver,
  'functions' | 'setup' | 'takesAnyType' | 'typeFile' | 'module'
> &
  DriverCallbacks;

/**
 * A vendor's kernel driver: facts, sentences, and rules as pure functions. Each driver's docstring names its sources.
 * Optional properties are for vendors that need them.
 */
export interface Driver extends Partial<DriverCallbacks> {
  /** The prefix of its type ids, which the core makes from the module's name: `nvidia`, `vfio_ccw`. */
  readonly name: string;
  /** Of one that a profile brings, how the profile calls its file: `./my-driver.mjs`. */
  readonly module?: string | undefined;
  /** True of the driver that stands for unknown vendors: its types have any prefix, and say themselves how many there are. */
  readonly takesAnyType?: boolean | undefined;
  /** The mdev driver of its devices: a name below `/sys/bus/mdev/drivers`. */
  readonly mdevDriver: string;
  /** What its devices are for; absent: vfio. Only those of vfio have a `<hostdev>`, and the calls of a VM: open, close and reset. */
  readonly deviceClass?: DeviceClass | undefined;
  /** Set where the core counts its devices since Linux 6.1 (EUSERS), and so also those that are unbound. */
  readonly countedByCore?: boolean | undefined;
  /** The subsystem its parents are in, in sysfs: `pci`, `css`. */
  readonly subsystem: string;
  /** What to load for its devices, in words; undefined: nothing to propose. */
  readonly loads?: string | undefined;
  readonly settings: readonly DriverSetting[];
  /** For a driver that also has devices that are SR-IOV functions with a type, and no mediated devices. */
  readonly functions?: FunctionFiles | undefined;
  /** How its cards are set up before they have devices; absent: they need nothing, or nothing is known. */
  readonly setup?: CardSetup | undefined;
  /** The sysfs attribute for `<params>`, relative to the device; undefined: it has none. */
  readonly paramsAttribute?: string | undefined;
  /** Attributes that have to be written in this order, whatever the order they are given in. */
  readonly attributeOrder?: readonly string[] | undefined;
  /** True when the guest's screen is shown through DMA buffers, for which QEMU needs OpenGL. */
  readonly displaysByDmabuf?: boolean | undefined;
  /** Facts that only its types have, beside those in {@link TypeFacts}. */
  readonly facts?: readonly TypeFact[] | undefined;
  /** What the driver called a type's id and its name in the table of types of 2016; absent: nothing is known. */
  readonly typeTable?: readonly [id: string, name: string] | undefined;
  /** A file of the host that says more of types than the kernel. */
  readonly typeFile?: TypeFile | undefined;
  /**
   * The items that the kernel's description of a type lacks, from `listed` (the {@link typeFile}), tables and its name, with
   * where each is from. `all`: the types of its board.
   */
  lacking?(
    type: Pick<CardType, 'id' | 'name' | 'description'>,
    all: readonly Pick<CardType, 'name'>[],
    listed: ListedType | undefined,
  ): readonly SourcedItem[];
  /** The facts in a type's name; undefined for an unknown form of name. */
  readName?(name: string): TypeName | undefined;
  /** The rules for several of its devices in one VM. */
  readonly vmRules?: readonly VmRule[] | undefined;
  /** What takes room on a card without being a mediated device, and where to look, as a sentence. */
  readonly unseen?: string | undefined;
  /** Whether the kernel lists a type on this card at all; when absent, it lists all. */
  offers?(card: Card, type: CardType): boolean;
  /** The meanings of its errnos, special ones first. Others have the same meaning as for all drivers. */
  readonly refusals?: readonly RefusalCause[] | undefined;
  /** What is odd about the types that a parent offers, for the board it is; undefined: nothing is. */
  oddTypes?(parent: PciCapability, types: readonly CardType[]): Obstacle | undefined;
  /** Which framework each of its cards has on a host, and why, where that is not what every tool shows. */
  frameworks?(host: HostFacts): readonly Obstacle[];
  /** What is missing on a host with its hardware but without its devices, or to have them again after a boot. */
  obstacles?(host: HostFacts): readonly Obstacle[];
  /** Instances of `type` that could still be created on `parent`. */
  available(card: Card, parent: string, type: CardType): number;
  /**
   * How many more devices of `type` the whole card takes at most, whatever its settings are: it bounds what the kernel shows where
   * {@link available} does not explain it. Absent: nothing is known.
   */
  most?(card: Card, type: CardType): number;
  /** The errno a write to `create` fails with, or undefined when it succeeds. Uuid checks are the kernel core's. */
  refusal(card: Card, parent: string, type: CardType): string | undefined;
  /**
   * The part of an empty card that one device of `type` takes, above 0. The sum on one card is never more than 1. By this
   * it can be proven that a number of cards is too small. Only {@link available} decides whether a device fits.
   */
  share(card: Card, type: CardType): number;
  /** Why `type` has its available instances: the rule in words, and the uuids of devices that take the room. */
  explain(card: Card, parent: string, type: CardType): Explanation;
  /**
   * The type's description item by item: the thread's names where it has them (num_heads, frl_config, framebuffer,
   * hres, vres), else the driver's own. Memory is in KiB. An item in another form stays unchanged.
   */
  attributes(type: CardType): readonly NamedValue[];
  /** The attribute files of a new device: name relative to the device, and content without newline. */
  deviceAttributes(uuid: string, type: CardType): readonly DeviceAttribute[];
  /** How its devices answer writes to their attributes; absent: a file keeps what is written. */
  readonly attributeWrites?: AttributeWrites | undefined;
  /** The card's settings, where a real host shows them. */
  settingsOfHost?(host: HostFacts): Card['settings'];
  /**
   * What is wrong with the parts of the card that a device would take beside others of the same card, beyond the counts of
   * {@link available}; absent: there is nothing of the kind.
   */
  resourceProblems?(
    card: Card,
    device: Taker,
    others: readonly Taker[],
  ): readonly ResourceProblem[];
  /**
   * The errno when the running VM `holder` opens or closes `device`. It is not called when the VM starts or stops, and opens
   * or closes all its devices together.
   */
  hotplugRefusal(card: Card, change: 'open' | 'close', device: CardDevice): string | undefined;
  /** For messages about {@link hotplugRefusal}; there for every driver that refuses. */
  readonly hotplugRule?: HotplugRule | undefined;
  /** The PCI device that a guest sees, without addresses, made from that of the parent; undefined: it has none. */
  guestPci(type: CardType, parent: PciCapability | undefined): PciCapability | undefined;
  /** Makes a device of `type` that works, when a VM opens it; absent, or undefined: only what tools see of it is known. */
  model?(type: CardType): ((bus: DeviceBus) => DeviceModel) | undefined;
}

/** The texts of a device's attribute files, by their names. */
export type AttributeFiles = Readonly<Record<string, string>>;

/** How the devices of a driver answer writes to their attributes, where a file does not simply keep what is written. */
export interface AttributeWrites {
  /** The files that hold a device's state. One write changes one of them at most. */
  readonly state: readonly string[];
  /** The errno, or the state's file that changes. `others` are the states of the card's other devices. */
  answer(
    card: Card,
    write: { readonly name: string; readonly words: string },
    own: AttributeFiles,
    others: readonly AttributeFiles[],
  ): { readonly errno: string } | { readonly files: AttributeFiles };
  /** The files that follow from the state. */
  derived(card: Card, own: AttributeFiles): AttributeFiles;
}

export interface DeviceAttribute extends NamedValue {
  /** Octal permissions: 0o444, 0o644, 0o200. */
  readonly mode: number;
}

export interface Explanation {
  readonly available: number;
  /** How many devices an empty card takes. */
  readonly maximum: number;
  /** `upper-bound` when the driver does not show a limit (SR-IOV caps, mixed-size placement). */
  readonly confidence: 'exact' | 'upper-bound';
  /** The rule that decides, in one sentence. */
  readonly rule: string;
  /** UUIDs of the devices that take the room, sorted: without them there would be more instances. Empty at the maximum. */
  readonly blockedBy: readonly string[];
}
