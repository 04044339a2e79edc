import { isUuid } from '../../nodedev/uuid.ts';

const UUID_LENGTH = 36;
const UNSIGNED_LONG_MAX = 2n ** 64n - 1n;

/**
 * The uuid in a text written to `create`: a uuid in any case, after which one more byte of any value is allowed;
 * undefined: EINVAL. Source: create_store in drivers/vfio/mdev/mdev_sysfs.c, measured.
 */
export function uuidToCreate(words: string): string | undefined {
  const length = Buffer.byteLength(words);
  if (length !== UUID_LENGTH && length !== UUID_LENGTH + 1) return undefined;
  const uuid = words.slice(0, UUID_LENGTH).toLowerCase();
  return isUuid(uuid) ? uuid : undefined;
}

/**
 * Whether a text written to `remove` removes the device; undefined: EINVAL. It is a number in C's notation (decimal, octal,
 * hexadecimal, one plus sign before it, one newline after it) up to 2^64-1. 0 does nothing.
 * Source: remove_store in drivers/vfio/mdev/mdev_sysfs.c and kstrtoul in lib/kstrtox.c, measured.
 */
export function asksToRemove(words: string): boolean | undefined {
  const digits = /^\+?(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)\n?$/i.exec(words)?.[1];
  if (digits === undefined) return undefined;
  // BigInt accepts C's hexadecimal form. Its octal form is 0o17.
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase());
  return value > UNSIGNED_LONG_MAX ? undefined : value !== 0n;
}
