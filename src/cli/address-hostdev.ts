import { pciAddressText } from '../domain/address.ts';
import type { Hostdev, PciHostdev } from '../domain/hostdev.ts';

/** A function without types has no uuid. Where one is asked for, its address stands. */
export const ofAddress = ({ host, ...settings }: PciHostdev): Hostdev => ({
  uuid: pciAddressText(host),
  function: host,
  model: 'vfio-pci',
  ...settings,
});

/** Whether a hostdev is one of {@link ofAddress}. */
export const isOfAddress = ({ uuid, function: host }: Hostdev): boolean =>
  host !== undefined && pciAddressText(host) === uuid;
