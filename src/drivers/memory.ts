const AMOUNT = /^(\d{1,9})(?:\.(\d{1,3}))?\s*([KMGT])(?:iB)?$/i;
const UNITS = ['K', 'M', 'G', 'T'] as const;

/**
 * Memory as people write it, in bytes: `512M`, `2G`, `1.5GiB`; letters of either case, all of 1024. Undefined without a
 * unit, and for `GB`, which is 1000 to some.
 */
export function memoryBytes(text: string): number | undefined {
  const [, whole, fraction = '0', unit] = AMOUNT.exec(text) ?? [];
  if (whole === undefined || unit === undefined) return undefined;
  const power = UNITS.findIndex((name) => name === unit.toUpperCase()) + 1;
  const bytes = Number(`${whole}.${fraction}`) * 1024 ** power;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Bytes in the largest unit that needs no fraction: `512M`, `2G`. */
export function memoryText(bytes: number): string {
  const power = UNITS.findLastIndex((_, index) => bytes % 1024 ** (index + 1) === 0);
  return power < 0 || bytes === 0
    ? `${bytes / 1024}K`
    : `${bytes / 1024 ** (power + 1)}${UNITS[power]}`;
}
