import { parseUuid } from './uuid.ts';
import { trimWhiteSpace } from './white-space.ts';

/**
 * How one kind of value is written in XML. These are the only places where text is converted. There may be white space
 * around numbers. What libvirt prints in a fixed form is converted to this form when it is read.
 */
export interface ValueType<T> {
  readonly kind: 'value';
  /** The allowed values, in words for messages: `a whole number from 0 to 255`. */
  readonly expected: string;
  /** The value; undefined when the text is not allowed. */
  parse(text: string): T | undefined;
  format(value: T): string;
}

const UINT32_MAX = 0xffff_ffff;
const UINT64_MAX = 0xffff_ffff_ffff_ffffn;

/** Any text, unchanged. */
export const text: ValueType<string> = {
  kind: 'value',
  expected: 'text',
  parse: (written) => written,
  format: (value) => value,
};

/** A uuid as libvirt accepts it (`parseUuid`), lower case and hyphenated. */
export const uuid: ValueType<string> = {
  kind: 'value',
  expected: 'a uuid: 32 hexadecimal digits, with or without hyphens',
  parse: parseUuid,
  format: (value) => value,
};

/** A decimal number without sign. */
export const unsignedInt = decimal(0, UINT32_MAX);

/** A decimal number that may be negative. */
export const int = decimal(-0x8000_0000, 0x7fff_ffff);

/** A number of 64 bits, as bigint: a JavaScript number would round large sizes in bytes. */
export const unsignedLong: ValueType<bigint> = {
  kind: 'value',
  expected: `a whole number from 0 to ${UINT64_MAX}`,
  parse: (written) => {
    const digits = trimWhiteSpace(written);
    // The largest number has 20 digits. BigInt is slow for very long input.
    if (!/^[0-9]{1,20}$/.test(digits)) return undefined;
    const value = BigInt(digits);
    return value <= UINT64_MAX ? value : undefined;
  },
  format: (value) => value.toString(),
};

/** `1` or `0`. */
export const bit: ValueType<boolean> = {
  kind: 'value',
  expected: '0 or 1',
  parse: (written) => (written === '1' ? true : written === '0' ? false : undefined),
  format: (value) => (value ? '1' : '0'),
};

/** World wide name: 16 hexadecimal digits, kept as written. */
export const wwn = pattern('16 hexadecimal digits', /^(?:0x)?[0-9a-fA-F]{16}$/);

/** One of these words. */
export function oneOf<const Words extends readonly string[]>(
  ...words: Words
): ValueType<Words[number]> {
  return {
    kind: 'value',
    expected: words.join(', ').replace(/, ([^,]*)$/, ' or $1'),
    parse: (written) => words.find((word) => word === written),
    format: (value) => value,
  };
}

/** Text that matches a regular expression, kept as written. */
export function pattern(expected: string, form: RegExp): ValueType<string> {
  return {
    kind: 'value',
    expected,
    parse: (written) => (form.test(written) ? written : undefined),
    format: (value) => value,
  };
}

/**
 * An identifier that libvirt reads as hexadecimal, with or without `0x`, and prints with `0x` in lower case with at least
 * `width` digits. It is kept as text in the printed form.
 */
export function hexId(width: number, max = UINT32_MAX): ValueType<string> {
  return {
    kind: 'value',
    expected: `a hexadecimal number up to ${formatHex(max, width)}`,
    parse: (written) => {
      const value = parseHex(trimWhiteSpace(written));
      return value <= max ? formatHex(value, width) : undefined;
    },
    format: (value) => value,
  };
}

/**
 * A number that libvirt prints as `0x` with at least `width` digits. It is read as C's strtol with base 0 does (`0x1f`,
 * `31`, octal `037`), or always as hexadecimal, as libvirt reads a devno.
 */
export function hexNumber(
  width: number,
  max: number,
  base: 'prefix' | 'hexadecimal' = 'prefix',
): ValueType<number> {
  const read = base === 'prefix' ? parsePrefixed : parseHex;
  return {
    kind: 'value',
    expected: `a number from 0x0 to ${formatHex(max, 0)}`,
    parse: (written) => {
      const value = read(trimWhiteSpace(written));
      return value <= max ? value : undefined;
    },
    format: (value) => formatHex(value, width),
  };
}

/** A whole number in decimal digits. */
export function decimal(min: number, max: number): ValueType<number> {
  return {
    kind: 'value',
    expected: `a whole number from ${min} to ${max}`,
    parse: (written) => {
      const digits = trimWhiteSpace(written);
      if (!/^-?[0-9]+$/.test(digits)) return undefined;
      const value = Number(digits) + 0;
      return value >= min && value <= max ? value : undefined;
    },
    format: (value) => value.toString(),
  };
}

/** NaN when the text is no number: it is outside of all limits. */
function parseHex(digits: string): number {
  return /^(?:0[xX])?[0-9a-fA-F]+$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
}

function parsePrefixed(digits: string): number {
  if (/^0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  if (/^(?:0|[1-9][0-9]*)$/.test(digits)) return Number(digits);
  return /^0[xX]/.test(digits) ? parseHex(digits) : Number.NaN;
}

function formatHex(value: number, width: number): string {
  return `0x${value.toString(16).padStart(width, '0')}`;
}
