import type { DomainDevice } from '../domain.ts';

/** Something libvirt would refuse, in its words. */
export interface PciProblem {
  /** Another device, or a part of the machine, has the address; a controller is wrong; or it cannot be there. */
  readonly kind: 'taken' | 'controller' | 'unusable';
  readonly device: DomainDevice;
  readonly message: string;
  /** Who has the address. */
  readonly holder?: DomainDevice | string | undefined;
}

/** Who has an address: a device of the domain, or what else is there, by name. */
export type Holder = DomainDevice | string;
