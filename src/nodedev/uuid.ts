import { trimWhiteSpace } from './white-space.ts';

const PAIR = /[- ]*([0-9a-f]{2})/y;
const PRINTED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DIGITS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

/** Whether a text is a uuid as the kernel names devices: lower case, with hyphens. */
export function isUuid(text: string): boolean {
  return PRINTED.test(text);
}

/**
 * Reads a uuid in every form that libvirt accepts: 32 hexadecimal digits of any case, with hyphens and spaces anywhere
 * between pairs of digits, and white space around them. The nil uuid and every version are accepted. Returns the form of
 * the kernel, lower case with hyphens, or undefined. Source: virUUIDParse in libvirt's src/util/viruuid.c.
 */
export function parseUuid(text: string): string | undefined {
  const trimmed = trimWhiteSpace(text).toLowerCase();
  if (isUuid(trimmed)) return trimmed;
  let digits = '';
  PAIR.lastIndex = 0;
  while (digits.length < 32) {
    const pair = PAIR.exec(trimmed)?.[1];
    if (pair === undefined) return undefined;
    digits += pair;
    if (digits.length === 32 && PAIR.lastIndex !== trimmed.length) return undefined;
  }
  return digits.replace(DIGITS, '$1-$2-$3-$4-$5');
}
