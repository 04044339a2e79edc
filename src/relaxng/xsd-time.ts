import { stripTrailingZeros } from './decimal.ts';
import type { ValueType } from './value-type.ts';

/** Seconds since year 0 in the text's own time zone, and that zone. */
interface Moment {
  readonly seconds: number;
  /** The fraction of a second, `0.25` as `25`, without trailing zeros: compared as text, so no digit is lost. */
  readonly fraction: string;
  /** Minutes east of UTC; undefined without a time zone. */
  readonly zone: number | undefined;
}

const zonePattern = String.raw`(?<zone>Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?`;
const year = String.raw`(?<year>-?(?:[1-9]\d{4,}|\d{4}))`;
const month = String.raw`(?<month>0[1-9]|1[0-2])`;
const day = String.raw`(?<day>0[1-9]|[12]\d|3[01])`;
const time = String.raw`(?<hour>[01]\d|2[0-4]):(?<minute>[0-5]\d):(?<second>[0-5]\d)(?:\.(?<fraction>\d+))?`;

/** The date and time types of XML Schema part 2, sections 3.2.7 to 3.2.14. */
export const dateTimeTypes: readonly (readonly [string, ValueType])[] = [
  ['dateTime', momentType(`${year}-${month}-${day}T${time}`)],
  ['date', momentType(`${year}-${month}-${day}`)],
  ['time', momentType(time)],
  ['gYearMonth', momentType(`${year}-${month}`)],
  ['gYear', momentType(year)],
  ['gMonthDay', momentType(`--${month}-${day}`)],
  ['gDay', momentType(`---${day}`)],
  ['gMonth', momentType(`--${month}`)],
];

function momentType(pattern: string): ValueType {
  const regex = new RegExp(`^${pattern}${zonePattern}$`, 'u');
  const read = (text: string): Moment | undefined => readMoment(regex.exec(text)?.groups);
  return {
    whiteSpace: 'collapse',
    accepts: (text) => read(text) !== undefined,
    key: (text) => {
      const moment = read(text);
      return moment === undefined
        ? text
        : `${universal(moment)}.${moment.fraction}${moment.zone === undefined ? '' : 'Z'}`;
    },
    compare: (one, other) => {
      const [a, b] = [read(one), read(other)];
      return a === undefined || b === undefined ? Number.NaN : compareMoments(a, b);
    },
  };
}

function readMoment(
  groups: Readonly<Record<string, string | undefined>> | undefined,
): Moment | undefined {
  if (groups === undefined) return undefined;
  const {
    year: years,
    month: months,
    day: days,
    hour,
    minute,
    second,
    fraction = '',
    zone,
  } = groups;
  // Year 0 does not exist (section 3.2.7); a leap year where only a month and a day are given.
  if (years !== undefined && /^-?0+$/u.test(years)) return undefined;
  const calendarYear = years === undefined ? 2000 : Number(years) + (years.startsWith('-') ? 1 : 0);
  const [monthNumber, dayNumber] = [Number(months ?? 1), Number(days ?? 1)];
  if (dayNumber > daysInMonth(calendarYear, monthNumber)) return undefined;
  const [minutes, seconds] = [Number(minute ?? 0), Number(second ?? 0)];
  const significant = stripTrailingZeros(fraction);
  if (hour === '24' && (minutes > 0 || seconds > 0 || significant !== '')) return undefined;
  const dayCount = daysBefore(calendarYear, monthNumber) + dayNumber - 1;
  return {
    // 24:00:00 is 00:00:00 of the next day, and of the same day where there is no date.
    seconds:
      (dayCount * 24 + (hour === '24' && days === undefined ? 0 : Number(hour ?? 0))) * 3600 +
      minutes * 60 +
      seconds,
    fraction: significant,
    zone: zone === undefined ? undefined : zoneMinutes(zone),
  };
}

function universal({ seconds, zone = 0 }: Moment): number {
  return seconds - zone * 60;
}

/** Section 3.2.7.4: with a zone on one side only, nearer than 14 hours means neither comes first. */
function compareMoments(a: Moment, b: Moment): number {
  const difference = universal(a) - universal(b);
  if ((a.zone === undefined) !== (b.zone === undefined)) {
    return Math.abs(difference) > 14 * 3600 ? difference : Number.NaN;
  }
  if (difference !== 0) return difference;
  if (a.fraction === b.fraction) return 0;
  return a.fraction < b.fraction ? -1 : 1;
}

function zoneMinutes(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone.startsWith('-') ? -minutes : minutes;
}

function isLeapYear(calendarYear: number): boolean {
  return (calendarYear % 4 === 0 && calendarYear % 100 !== 0) || calendarYear % 400 === 0;
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function daysInMonth(calendarYear: number, monthNumber: number): number {
  return monthNumber === 2 && isLeapYear(calendarYear) ? 29 : (monthLengths[monthNumber - 1] ?? 0);
}

/** Days from 1 January of year 0 to the first of a month. */
function daysBefore(calendarYear: number, monthNumber: number): number {
  const past = calendarYear - 1;
  let days =
    365 * calendarYear + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
  for (let index = 1; index < monthNumber; index += 1) days += daysInMonth(calendarYear, index);
  return days;
}

interface Duration {
  readonly months: number;
  readonly seconds: number;
}

/** Section 3.2.6. Months and seconds are kept apart: how long a month is depends on which one. */
export const durationType: ValueType = {
  whiteSpace: 'collapse',
  accepts: (text) => readDuration(text) !== undefined,
  key: (text) => {
    const { months = 0, seconds = 0 } = readDuration(text) ?? {};
    return `P${months}M${seconds}S`;
  },
  compare: (one, other) => {
    const [a, b] = [readDuration(one), readDuration(other)];
    return a === undefined || b === undefined ? Number.NaN : compareDurations(a, b);
  },
};

function readDuration(text: string): Duration | undefined {
  const groups =
    /^(?<sign>-)?P(?=\d|T\d)(?:(?<y>\d+)Y)?(?:(?<mo>\d+)M)?(?:(?<d>\d+)D)?(?:T(?=\d)(?:(?<h>\d+)H)?(?:(?<mi>\d+)M)?(?:(?<s>\d+(?:\.\d+)?)S)?)?$/u.exec(
      text,
    )?.groups;
  if (groups === undefined) return undefined;
  const part = (name: string): number => Number(groups[name] ?? 0);
  const sign = groups['sign'] === undefined ? 1 : -1;
  return {
    months: sign * (part('y') * 12 + part('mo')) + 0,
    seconds: sign * (((part('d') * 24 + part('h')) * 60 + part('mi')) * 60 + part('s')) + 0,
  };
}

/** The four dates section 3.2.6.2 adds both durations to: only where all agree does one come first. */
const references = [
  [1696, 9],
  [1697, 2],
  [1903, 3],
  [1903, 7],
] as const;

function compareDurations(a: Duration, b: Duration): number {
  const orders = references.map(([startYear, startMonth]) => {
    const after = ({ months, seconds }: Duration): number => {
      const count = startYear * 12 + startMonth - 1 + months;
      return daysBefore(Math.floor(count / 12), (((count % 12) + 12) % 12) + 1) * 86_400 + seconds;
    };
    return Math.sign(after(a) - after(b));
  });
  const [first = 0] = orders;
  return orders.every((order) => order === first) ? first : Number.NaN;
}
