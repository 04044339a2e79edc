import type { GuestAddress } from '../domain/hostdev.ts';
import { UsageError } from './failures.ts';
import * as messages from './messages.ts';

/**
 * Reads an address as the kernel writes it: PCI `0000:00:05.0` (the domain may be left out) or channel subsystem
 * `fe.0.0001`, numbers in hexadecimal.
 *
 * @throws UsageError
 */
export function parseGuestAddress(word: string): GuestAddress {
  const [, domain = '0', bus = '', slot = '', fn = ''] =
    /^(?:([\da-f]{1,4}):)?([\da-f]{1,2}):([\da-f]{1,2})\.([0-7])$/iu.exec(word) ?? [];
  if (bus !== '') {
    return { kind: 'pci', domain: hex(domain), bus: hex(bus), slot: hex(slot), function: hex(fn) };
  }
  const [, cssid = '', ssid = '', devno = ''] =
    /^([\da-f]{1,2})\.([0-3])\.([\da-f]{1,4})$/iu.exec(word) ?? [];
  if (cssid !== '') return { kind: 'ccw', cssid: hex(cssid), ssid: hex(ssid), devno: hex(devno) };
  throw new UsageError(
    messages.invalidChoice('address', word),
    messages.oneOf(['0000:00:05.0 for a PCI device', 'fe.0.0001 for a channel device']),
  );
}

function hex(digits: string): number {
  return Number.parseInt(digits, 16);
}
