import type { CardType, Driver } from '../../drivers/driver.ts';
import type { NodeDevice } from '../../nodedev/device.ts';

/** What a simulated host has; samples/hosts/README.md describes the file it is read from. */
export interface HostProfile extends SimulatedHardware {
  /** Devices that have no mediated devices: `computer`, bridges, physical functions. */
  readonly devices: readonly NodeDevice[];
  readonly cards: readonly ProfileCard[];
}

export interface ProfileCard extends SimulatedCard {
  readonly parents: readonly ProfileParent[];
}

export interface ProfileParent extends SimulatedParent {
  readonly device: NodeDevice;
}

/** The part of a profile that is needed once its host is laid out: what the simulated kernel goes by. */
export interface SimulatedHardware {
  /** The profile's. */
  readonly name: string;
  readonly cards: readonly SimulatedCard[];
}

/** A physical card: its parents offer the same types and share what the card has. */
export interface SimulatedCard {
  readonly driver: Driver;
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
