import { isUuid } from '../../nodedev/uuid.ts';

const UUID_LENGTH = 36;
const UNSIGNED_LONG_MAX = 2n ** 64n - 1n;

/**
 * The device's name in words written to `create`: a uuid of any case, after which one more byte may stand whatever
 * it is; undefined: EINVAL. Source: create_store in drivers/vfio/mdev/mdev_sysfs.c, measured.
 */
export function uuidToCreate(words: string): string | undefined {
  const length = Buffer.byteLength(words);
  if (length !== UUID_LENGTH && length !== UUID_LENGTH + 1) return undefined;
  const uuid = words.slice(0, UUID_LENGTH).toLowerCase();
  return isUuid(uuid) ? uuid : undefined;
}

/**
 * Whether words written to `remove` ask for the removal; undefined: EINVAL. A number as C writes it (decimal, octal,
 * hexadecimal, one plus sign before, one newline after) up to 2^64-1; 0 asks for nothing.
 * Source: remove_store in drivers/vfio/mdev/mdev_sysfs.c and kstrtoul in lib/kstrtox.c, measured.
 */
export function asksToRemove(words: string): boolean | undefined {
  const digits = /^\+?(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)\n?$/i.exec(words)?.[1];
  if (digits === undefined) return undefined;
  // BigInt reads the hexadecimal form; the octal one it writes 0o17.
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase());
  return value > UNSIGNED_LONG_MAX ? undefined : value !== 0n;
}
