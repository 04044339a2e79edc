import type { PciAddress } from '../nodedev/device.ts';
import type { XmlElement } from '../xml/element.ts';

/** vfio device APIs libvirt has a hostdev model for. */
export type HostdevModel = 'vfio-pci' | 'vfio-ccw' | 'vfio-ap';

/** The numbers of a PCI function on s390: `<zpci uid='0x0019' fid='0x0000001f'/>`. */
export interface ZpciAddress {
  /** 1 to 0xffff. */
  readonly uid?: number | undefined;
  /** Any 32-bit number. */
  readonly fid?: number | undefined;
}

/** The address of a PCI device in the guest. */
export interface GuestPciAddress extends PciAddress {
  readonly kind: 'pci';
  /** Set on function 0 of a slot that has further functions. */
  readonly multifunction?: boolean | undefined;
  readonly zpci?: ZpciAddress | undefined;
}

/** The address of a device in the guest's channel subsystem (vfio-ccw). */
export interface GuestCcwAddress {
  readonly kind: 'ccw';
  /** At most 0xfe, which is the one virtual devices are in. */
  readonly cssid: number;
  /** At most 3. */
  readonly ssid: number;
  /** At most 0xffff. */
  readonly devno: number;
}

/** An address in the guest: a PCI address, or a channel subsystem address for vfio-ccw. */
export type GuestAddress = GuestPciAddress | GuestCcwAddress;

/** The settings that a host device of any type can have. */
export interface HostdevSettings {
  readonly managed?: boolean | undefined;
  readonly display?: boolean | undefined;
  readonly ramfb?: boolean | undefined;
  /** From 1. */
  readonly bootOrder?: number | undefined;
  /** What the firmware of s390x boots with: 1 to 8 of A-Z, 0-9, '.' and ' '. Only with `bootOrder`. */
  readonly loadparm?: string | undefined;
  readonly alias?: string | undefined;
  /** `<acpi index='…'>`: the number the guest's firmware gives the device; from 1. */
  readonly acpiIndex?: number | undefined;
  readonly address?: GuestAddress | undefined;
  /** VFIO through iommufd (`/dev/iommu`). libvirt (12.1) has it for PCI devices only. */
  readonly iommufd?: boolean | undefined;
}

/** A mediated device as a VM's configuration names it. */
export interface Hostdev extends HostdevSettings {
  /** Lower case, hyphenated. */
  readonly uuid: string;
  /** Of an SR-IOV function with a type: its address, which the VM's configuration names instead of the uuid. */
  readonly function?: PciAddress | undefined;
  /** Undefined only for a document in the thread's form, which has no model. */
  readonly model?: HostdevModel | undefined;
  /** Child elements that this library does not know, unchanged. */
  readonly extra?: readonly XmlElement[] | undefined;
}

/** A whole PCI device (or an SR-IOV virtual function) as a VM's configuration names it. */
export interface PciHostdev extends HostdevSettings {
  /** Address on the host. */
  readonly host: PciAddress;
}
