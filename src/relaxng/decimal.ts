/** Numbers of any length, compared without losing a digit (XML Schema part 2, section 3.2.3). */
interface Decimal {
  readonly negative: boolean;
  /** Without leading zeros; '' is 0. */
  readonly whole: string;
  /** Without trailing zeros. */
  readonly fraction: string;
}

/** Whether a text is a decimal: sign, digits, point. */
export function isDecimal(text: string): boolean {
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/u.test(text);
}

/** The same for equal numbers: `+01.50` and `1.5`. */
export function decimalKey(text: string): string {
  const { negative, whole, fraction } = parse(text);
  return `${negative ? '-' : ''}${whole}.${fraction}`;
}

/** Negative, 0 or positive. */
export function compareDecimal(one: string, other: string): number {
  const [a, b] = [parse(one), parse(other)];
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  const order = compareSize(a, b);
  return a.negative ? -order : order;
}

/** The digits that count: all of them, and those after the point. */
export function decimalDigits(text: string): { readonly total: number; readonly fraction: number } {
  const { whole, fraction } = parse(text);
  return { total: whole.length + fraction.length, fraction: fraction.length };
}

function compareSize(a: Decimal, b: Decimal): number {
  if (a.whole.length !== b.whole.length) return a.whole.length - b.whole.length;
  if (a.whole !== b.whole) return a.whole < b.whole ? -1 : 1;
  if (a.fraction === b.fraction) return 0;
  return a.fraction < b.fraction ? -1 : 1;
}

function parse(text: string): Decimal {
  const unsigned = text.replace(/^[+-]/u, '');
  const [digits = '', decimals = ''] = unsigned.split('.');
  const whole = digits.replace(/^0+/u, '');
  const fraction = stripTrailingZeros(decimals);
  return { negative: text.startsWith('-') && whole + fraction !== '', whole, fraction };
}

/** By hand: `/0+$/` tries every run of zeros and takes quadratic time. */
export function stripTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
