const AMOUNT = /^(\d{1,9})(?:\.(\d{1,3}))?\s*([KMGT])(?:iB)?$/i;
const UNITS = ['K', 'M', 'G', 'T'] as const;

/**
 * Reads an amount of memory into bytes: `512M`, `2G`, `1.5GiB`, in upper or lower case, with factors of 1024. Undefined
 * without a unit, and for `GB`, which may also mean a factor of 1000.
 */
export function memoryBytes(text: string): number | undefined {
  const [, whole, fraction = '0', unit] = AMOUNT.exec(text) ?? [];
  if (whole === undefined || unit === undefined) return undefined;
  const power = UNITS.findIndex((name) => name === unit.toUpperCase()) + 1;
  const bytes = Number(`${whole}.${fraction}`) * 1024 ** power;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** An amount in the largest unit that gives a whole number: `512M`, `2G`. */
export function memoryText(bytes: number): string {
  const power = UNITS.findLastIndex((_, index) => bytes % 1024 ** (index + 1) === 0);
  return power < 0 || bytes === 0
    ? `${bytes / 1024}K`
    : `${bytes / 1024 ** (power + 1)}${UNITS[power]}`;
}
