import { trimWhiteSpace } from './white-space.ts';

const PAIR = /[- ]*([0-9a-f]{2})/iy;
const PRINTED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DIGITS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

/**
 * A uuid in any form libvirt accepts, as the kernel wants it: lower case with hyphens; undefined when it is none.
 * 32 hexadecimal digits of any case; hyphens and spaces anywhere between pairs of digits; outer white space. The
 * nil uuid and every version are accepted. Source: virUUIDParse in libvirt's src/util/viruuid.c.
 */
export function parseUuid(text: string): string | undefined {
  const trimmed = trimWhiteSpace(text);
  if (PRINTED.test(trimmed)) return trimmed.toLowerCase();
  let digits = '';
  PAIR.lastIndex = 0;
  while (digits.length < 32) {
    const pair = PAIR.exec(trimmed)?.[1];
    if (pair === undefined) return undefined;
    digits += pair;
    if (digits.length === 32 && PAIR.lastIndex !== trimmed.length) return undefined;
  }
  return digits.toLowerCase().replace(DIGITS, '$1-$2-$3-$4-$5');
}
