import type { PciAddress } from '../nodedev/device.ts';

/** vfio device APIs libvirt has a hostdev model for. */
export type HostdevModel = 'vfio-pci' | 'vfio-ccw' | 'vfio-ap';

/** Where the guest finds the device: a PCI address, or a channel subsystem address for vfio-ccw. */
export type GuestAddress =
  | ({ readonly kind: 'pci' } & PciAddress)
  | {
      readonly kind: 'ccw';
      readonly cssid: number;
      readonly ssid: number;
      readonly devno: number;
    };

/** A mediated device as a VM's configuration names it. */
export interface Hostdev {
  /** Lower case, hyphenated. */
  readonly uuid: string;
  /** Undefined only in the thread's form of input, which has no model. */
  readonly model?: HostdevModel | undefined;
  readonly managed?: boolean | undefined;
  readonly display?: boolean | undefined;
  readonly ramfb?: boolean | undefined;
  /** From 1. */
  readonly bootOrder?: number | undefined;
  readonly alias?: string | undefined;
  readonly address?: GuestAddress | undefined;
}
