import type { CardType, Driver, FunctionFiles } from '../../drivers/driver.ts';
import type { NumaNode } from '../host.ts';
import type { NodeDevice } from '../../nodedev/device.ts';

/** The hardware and devices of a simulated host. samples/hosts/README.md describes the file. */
export interface HostProfile extends SimulatedHardware {
  /** Devices that have no mediated devices: `computer`, bridges, physical functions. */
  readonly devices: readonly NodeDevice[];
  readonly cards: readonly ProfileCard[];
  /** The host's NUMA nodes; empty: it shows none. */
  readonly nodes: readonly NumaNode[];
}

export interface ProfileCard extends SimulatedCard {
  readonly parents: readonly ProfileParent[];
}

export interface ProfileParent extends SimulatedParent {
  readonly device: NodeDevice;
}

/** The layout of mediated devices that is not the kernel's of today. */
export type Layout = 'v7';

/** The part of a profile that the simulated kernel needs when the host's files exist. */
export interface SimulatedHardware {
  /** The profile's name. */
  readonly name: string;
  /** The kernel's release: `6.12`. Undefined: as 6.1 (kernel.ts). */
  readonly kernel?: string | undefined;
  /** `v7`: the files of types and devices are those of the series of 2016 (sysfs/flat-layout.ts), whatever the kernel is. */
  readonly layout?: Layout | undefined;
  readonly cards: readonly SimulatedCard[];
}

/** A physical card. Its parents offer the same types and share its resources. */
export interface SimulatedCard {
  readonly driver: Driver;
  /** Of a card whose parents are functions with a type: their files. */
  readonly functions?: FunctionFiles | undefined;
  /** Set where its functions are off when the host has booted. */
  readonly bootsOff?: true | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly types: readonly CardType[];
  readonly parents: readonly SimulatedParent[];
}

export interface SimulatedParent {
  /** sysfs name: the last component of the path. */
  readonly address: string;
  /** Below the root. */
  readonly path: string;
}
