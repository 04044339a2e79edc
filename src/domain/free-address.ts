import { ccwAddressText } from './address.ts';
import type { Domain } from './domain.ts';
import type { GuestAddress, HostdevModel } from './hostdev.ts';
import { freePciAddress } from './pci/topology.ts';

/**
 * An address of the guest that no device of the domain has, for one more mediated device; undefined for a model without
 * address, and where none is known to be free.
 */
export function freeGuestAddress(
  domain: Domain,
  model: HostdevModel | undefined,
): GuestAddress | undefined {
  switch (model) {
    case 'vfio-ap':
      return undefined;
    case 'vfio-ccw':
      return freeCcwAddress(domain);
    case 'vfio-pci':
    case undefined:
      return freePciAddress(domain);
  }
}

/** Among the devices of the channel subsystem in which libvirt numbers them, too. */
function freeCcwAddress(domain: Domain): GuestAddress | undefined {
  const taken = new Set(
    domain.devices.flatMap(({ address }) =>
      address?.kind === 'ccw' ? [ccwAddressText(address)] : [],
    ),
  );
  for (let devno = 0; devno <= 0xffff; devno++) {
    const address = { kind: 'ccw', cssid: 0xfe, ssid: 0, devno } as const;
    if (!taken.has(ccwAddressText(address))) return address;
  }
  return undefined;
}
