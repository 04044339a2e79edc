const YEAR = String.raw`(?<year>-?(?:[1-9]\d{4,}|\d{4}))`;
const DATE = String.raw`${YEAR}-(?<month>0[1-9]|1[0-2])-(?<day>0[1-9]|[12]\d|3[01])`;
const TIME = String.raw`(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)`;
const ZONE = String.raw`(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?`;
const DATE_TIME = new RegExp(`^${DATE}T${TIME}${ZONE}$`, 'u');

/** Whether a text is a `dateTime` (XML Schema part 2, section 3.2.7). */
export function isDateTime(text: string): boolean {
  const { year = '', month, day } = DATE_TIME.exec(text)?.groups ?? {};
  // There is no year 0.
  if (!/[1-9]/u.test(year)) return false;
  const calendarYear = Number(year) + (year.startsWith('-') ? 1 : 0);
  return Number(day) <= daysInMonth(calendarYear, Number(month));
}

const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function daysInMonth(year: number, month: number): number {
  const isLeapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && isLeapYear ? 29 : (MONTH_LENGTHS[month - 1] ?? 0);
}
