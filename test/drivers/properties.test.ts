import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Card, Driver } from '../../src/drivers/driver.ts';
import { at, history, runs, steps } from './histories.ts';
import { sampleCards } from './sample-cards.ts';

/** Every (parent, type) pair of a few parents: first, last, and one between. */
const places = (card: Card) =>
  [...new Set([0, 7, card.parents.length - 1])]
    .flatMap((index) => card.parents[index] ?? [])
    .flatMap((parent) => card.types.map((type) => ({ parent, type })));

const numbers = (driver: Driver, card: Card): readonly number[] =>
  places(card).map(({ parent, type }) => driver.available(card, parent, type));

describe.each(sampleCards)('$name', ({ driver, card: empty }) => {
  it('has devices whose shares are at most the whole card', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const totals = history(driver, empty, sequence).map((card) =>
          card.devices.reduce((total, device) => {
            const type = card.types.find(({ id }) => id === device.type);
            return total + (type === undefined ? 0 : driver.share(card, type));
          }, 0),
        );
        expect(Math.max(...totals)).toBeLessThanOrEqual(1 + 1e-9);
      }),
      runs,
    );
  });

  it('offers between nothing and the maximum, and refuses exactly when it offers nothing', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const cards = history(driver, empty, sequence);
        const card = at(cards, cards.length - 1);
        for (const { parent, type } of places(card)) {
          const available = driver.available(card, parent, type);
          const { maximum, ...explained } = driver.explain(card, parent, type);
          expect(explained.available).toBe(available);
          expect(Number.isInteger(available) && available >= 0 && available <= maximum).toBe(true);
          const refusal = driver.refusal(card, parent, type);
          expect(refusal ?? 'none').toMatch(available === 0 ? /^E[A-Z]+$/ : /^none$/);
        }
      }),
      runs,
    );
  });

  it('offers never more after a creation, never less after a removal', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const cards = history(driver, empty, sequence);
        for (const [index, card] of cards.slice(1).entries()) {
          const previous = at(cards, index);
          const grew = card.devices.length > previous.devices.length;
          const [more, less] = grew ? [previous, card] : [card, previous];
          const after = numbers(driver, less);
          expect(numbers(driver, more).every((count, place) => count >= (after[place] ?? 0))).toBe(
            true,
          );
        }
      }),
      runs,
    );
  });

  it('names as blocking what, once gone, gives more', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const cards = history(driver, empty, sequence);
        const card = at(cards, cards.length - 1);
        for (const { parent, type } of places(card)) {
          const { available, maximum, blockedBy } = driver.explain(card, parent, type);
          const without = {
            ...card,
            devices: card.devices.filter((device) => !blockedBy.includes(device.uuid)),
          };
          expect(blockedBy.length > 0).toBe(available < maximum);
          expect(driver.available(without, parent, type) > available).toBe(available < maximum);
        }
      }),
      runs,
    );
  });
});
