import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzzCases } from './inputs.ts';
import { type Input, type Kind, problemWith, readers } from './targets.ts';

// npm run fuzz looks for minutes; here it only has to stay in working order.

// Without XPath: libxml2 writes a line of its own about every bad expression.
const kinds = Object.keys(readers)
  .filter(isKind)
  .filter((kind) => kind !== 'xpath');

function isKind(name: string): name is Kind {
  return name in readers;
}

it('what a number makes is always the same, and ends as it should', () => {
  const [one, other] = [fuzzCases(), fuzzCases()];
  const numbers = Array.from({ length: 150 }, (_, number) => number);
  const cases = numbers.map(one);
  expect(numbers.map(other)).toEqual(cases);
  const problems = cases.map(({ kind, input }) =>
    kind === 'xpath' ? undefined : problemWith(kind, input),
  );
  expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
});

const inputs: fc.Arbitrary<Input> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  // Also halves of surrogate pairs.
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 50 })
    .map((codes) => String.fromCharCode(...codes)),
  fc.uint8Array({ maxLength: 200 }),
  fc.json(),
);

describe('whatever is read ends in a result or a typed error', () => {
  it.each(kinds)('%s', (kind) => {
    fc.assert(
      fc.property(inputs, (input) => {
        expect(problemWith(kind, input)).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });
});

it('a fuzzer that finds nothing would find a TypeError', () => {
  const broken: Input = Object.create(null);
  expect(problemWith('uri', broken)).toContain('TypeError');
});
