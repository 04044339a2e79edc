import type { CardType, Driver } from '../../drivers/driver.ts';
import type { NodeDevice } from '../../nodedev/device.ts';

/** What a simulated host has; samples/hosts/README.md describes the file it is read from. */
export interface HostProfile {
  readonly name: string;
  /** Devices that have no mediated devices: `computer`, bridges, physical functions. */
  readonly devices: readonly NodeDevice[];
  readonly cards: readonly ProfileCard[];
}

/** A physical card: its parents offer the same types and share what the card has. */
export interface ProfileCard {
  readonly driver: Driver;
  readonly settings: Readonly<Record<string, string>>;
  readonly types: readonly CardType[];
  readonly parents: readonly ProfileParent[];
}

export interface ProfileParent {
  /** sysfs name: the last component of the path. */
  readonly address: string;
  /** Below the root. */
  readonly path: string;
  readonly device: NodeDevice;
}
