import type { Location } from '../errors.ts';
import { NodedevError } from '../errors.ts';
import { HostError } from '../host/host.ts';
import type { Holder } from '../host/host.ts';

/** Who holds a device, in words: `domain 'vm1' (qemu-system-x86, pid 4711)`. */
export function holderLabel(holder: Holder): string {
  const process = [
    holder.command,
    holder.pid === undefined ? undefined : `pid ${holder.pid}`,
  ].filter((part) => part !== undefined);
  if (holder.domain === undefined) return process.join(', ') || 'an unknown process';
  return `domain '${holder.domain}'${process.length > 0 ? ` (${process.join(', ')})` : ''}`;
}

/**
 * The host's refusal as a sentence with the likely cause and the next step. Errors that are no refusal of the host
 * pass through unchanged.
 */
export function refusal(error: unknown, doing: string, location?: Location): unknown {
  if (!(error instanceof HostError)) return error;
  const cause = CAUSES[error.errno];
  return new NodedevError(cause?.code ?? 'host-refused', `${doing}: ${sentence(error)}`, {
    location,
    hint: cause?.hint,
    cause: error,
  });
}

function sentence(error: HostError): string {
  const written = error.written === undefined ? '' : ` writing '${error.written}' to`;
  const held =
    error.holders.length === 0 ? '' : `, held by ${error.holders.map(holderLabel).join(', ')}`;
  return `${error.errno}${written} ${error.path}${held}`;
}

/** Likely causes (kernel drivers/vfio/mdev/mdev_sysfs.c and mdev_core.c, seen on 6.1 and 6.12). */
const CAUSES: Readonly<
  Record<
    string,
    | {
        readonly code:
          | 'no-instances'
          | 'uuid-exists'
          | 'in-use'
          | 'permission-denied'
          | 'host-refused';
        readonly hint: string;
      }
    | undefined
  >
> = {
  ENOSPC: {
    code: 'no-instances',
    hint: 'the driver has no room left for this type on this parent',
  },
  EUSERS: {
    code: 'no-instances',
    hint: 'the parent already has as many devices as its driver allows',
  },
  EEXIST: {
    code: 'uuid-exists',
    hint: 'a device of this uuid exists on this host, perhaps under another parent',
  },
  EBUSY: { code: 'in-use', hint: 'stop what uses it first' },
  EACCES: { code: 'permission-denied', hint: 'changing devices needs root' },
  EPERM: { code: 'permission-denied', hint: 'changing devices needs root' },
  EINVAL: {
    code: 'host-refused',
    hint: 'the vendor driver did not accept the value; its reason is in the kernel log (dmesg)',
  },
  ENOENT: { code: 'host-refused', hint: 'the parent, type or device has gone meanwhile' },
  ENODEV: { code: 'host-refused', hint: 'the parent is going away (driver unbound or reset)' },
};
