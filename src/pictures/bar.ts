import { takenBy, type TypeCounts } from './labels.ts';

/** What a bar consists of, from left to right. */
export type BarPart = 'used' | 'free' | 'taken';

/** A part of a bar, and how long it is. */
export type BarSegment = readonly [part: BarPart, length: number];

/**
 * A type's bar: the whole length is its maximum. Each part that is not 0 has a length of at least 1, as long as the bar is
 * long enough.
 *
 * @param length in whole units: columns of a terminal, pixels
 */
export function typeBar(counts: TypeCounts, length: number): readonly BarSegment[] {
  return segments(
    [
      ['used', counts.used],
      ['free', counts.free],
      ['taken', takenBy(counts)],
    ],
    length,
  );
}

/** A card's bar. */
export function loadBar(load: number, length: number): readonly BarSegment[] {
  return segments(
    [
      ['used', load],
      ['free', 1 - load],
    ],
    length,
  );
}

function segments(amounts: readonly BarSegment[], length: number): readonly BarSegment[] {
  const present = amounts.filter(([, amount]) => amount > 0);
  const total = present.reduce((sum, [, amount]) => sum + amount, 0);
  let left = length;
  let amountLeft = total;
  return present.map(([part, amount], index) => {
    const others = present.length - index - 1;
    const fair = Math.round((left * amount) / amountLeft);
    const own = Math.min(Math.max(1, fair), Math.max(0, left - others));
    left -= own;
    amountLeft -= amount;
    return [part, own];
  });
}
