import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileXsdRegex } from '../../src/relaxng/xsd-regex.ts';

/** Patterns that mean the same to JavaScript. */
const { pattern } = fc.letrec<{ pattern: string; atom: string; piece: string }>((tie) => ({
  atom: fc.oneof(
    { withCrossShrink: true },
    fc.constantFrom('a', 'b', '[ab]', '[^a]', '.'),
    tie('pattern').map((inner) => `(${inner})`),
  ),
  piece: fc
    .tuple(tie('atom'), fc.constantFrom('', '', '?', '*', '+', '{2}', '{0,2}', '{1,}'))
    .map(([atom, quantifier]) => atom + quantifier),
  pattern: fc.oneof(
    { maxDepth: 3 },
    fc.array(tie('piece'), { maxLength: 3 }).map((pieces) => pieces.join('')),
    fc.tuple(tie('piece'), tie('piece')).map((members) => members.join('|')),
  ),
}));

test('it matches what JavaScript matches', () => {
  fc.assert(
    fc.property(
      pattern,
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 })),
      (source, texts) => {
        const ours = compileXsdRegex(source);
        const theirs = new RegExp(`^(?:${source})$`, 'v');
        expect(texts.map((text) => ours.test(text))).toEqual(
          texts.map((text) => theirs.test(text)),
        );
      },
    ),
    { numRuns: 500 },
  );
});

describe('time grows with the text only', () => {
  const long = 'a'.repeat(300_000);
  test.each([
    ['[a-z_]+[a-z0-9_]*', `${long}!`, false],
    ['(a+)+', `${long}b`, false],
    ['(a|a)*(a|aa)*', long, true],
    ['(a|b)*', long, true],
    ['.{0,255}', long, false],
  ])('%s', (source, text, expected) => {
    const started = performance.now();
    expect(compileXsdRegex(source).test(text)).toBe(expected);
    expect(performance.now() - started).toBeLessThan(50_000);
  });
});

test('it forgets states it has too many of, and still matches', () => {
  // The a must stand 14 characters before the end: 2^14 states.
  const regex = compileXsdRegex('[ab]*a[ab]{13}');
  const words = Array.from({ length: 2000 }, (_, index) =>
    (index * 2_654_435_761).toString(2).replaceAll('0', 'a').replaceAll('1', 'b'),
  );
  expect(words.map((word) => regex.test(word))).toEqual(words.map((word) => word.at(-14) === 'a'));
});
