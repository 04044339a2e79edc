import type { PciAddress } from '../nodedev/device.ts';
import { isEmptyPciAddress } from './address.ts';
import type { GuestCcwAddress } from './hostdev.ts';
import { hex } from './numbers.ts';

/**
 * What is out of range in a PCI address, in libvirt's words; undefined: nothing. The address by which libvirt is asked to
 * assign one is not checked, nor is the domain: hosts with several controllers number them from 0x10000.
 * (src/util/virpci.c: virPCIDeviceAddressIsValid; src/conf/device_conf.c)
 */
export function pciRangeProblem(address: PciAddress): string | undefined {
  if (isEmptyPciAddress(address)) return undefined;
  if (address.bus > 0xff) {
    return `Invalid PCI address bus='${hex(address.bus, 1)}', must be <= 0xFF`;
  }
  if (address.slot > 0x1f) {
    return `Invalid PCI address slot='${hex(address.slot, 1)}', must be <= 0x1F`;
  }
  if (address.function > 7) {
    return `Invalid PCI address function=${hex(address.function, 1)}, must be <= 7`;
  }
  return undefined;
}

/** What is out of range in a channel subsystem address. (src/conf/device_conf.c: virCCWDeviceAddressParseXML) */
export function ccwRangeProblem(address: Omit<GuestCcwAddress, 'kind'>): string | undefined {
  if (address.cssid <= 0xfe && address.ssid <= 3 && address.devno <= 0xffff) return undefined;
  const { cssid, ssid, devno } = address;
  return `Invalid specification for virtio ccw address: cssid='${hex(cssid, 1)}' ssid='${hex(ssid, 1)}' devno='${hex(devno, 4)}'`;
}
