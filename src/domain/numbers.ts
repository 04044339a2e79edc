const UNSIGNED = /^\s*\+?(?:0[xX](?<hex>[0-9a-fA-F]+)|0(?<octal>[0-7]*)|(?<decimal>[1-9][0-9]*))$/;

/**
 * Reads an unsigned 32-bit number as libvirt reads the numbers of an address: hexadecimal after `0x`, octal after
 * `0`, else decimal. Undefined when the text is no such number. (libvirt src/util/virxml.c: virXMLPropUInt, base 0)
 */
export function readUnsigned(text: string): number | undefined {
  const groups = UNSIGNED.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const value =
    groups['hex'] !== undefined
      ? Number.parseInt(groups['hex'], 16)
      : groups['octal'] !== undefined
        ? Number.parseInt(`0${groups['octal']}`, 8)
        : Number.parseInt(groups['decimal'] ?? '', 10);
  return value <= 0xffffffff ? value : undefined;
}

/** Reads an unsigned 32-bit decimal number, as libvirt reads a boot order. */
export function readDecimal(text: string): number | undefined {
  if (!/^\s*\+?[0-9]+$/.test(text)) return undefined;
  const value = Number.parseInt(text.trim(), 10);
  return value <= 0xffffffff ? value : undefined;
}

/** `001f`: lower-case hexadecimal with at least `digits` digits. */
export function hexDigits(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** `0x001f`, as libvirt writes most numbers. */
export function hex(value: number, digits: number): string {
  return `0x${hexDigits(value, digits)}`;
}
