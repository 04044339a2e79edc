import { array, assert, constantFrom, property } from 'fast-check';
import { expect, it } from 'vitest';
import { terminalCells } from '../src/terminal-text.ts';

const PARTS = [
  'a',
  ' ',
  '\t',
  'é',
  '\u0301',
  '\u200d',
  '👩',
  '👩‍👩‍👧',
  '🇩🇪',
  '한',
  'ก',
  '\u0e33',
  '中',
  '\u{fe0f}',
];

it('the cells of a text are its graphemes, whatever is plain in it', () => {
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  assert(
    property(array(constantFrom(...PARTS), { maxLength: 40 }), (parts) => {
      const text = parts.join('');
      expect(terminalCells(text)).toHaveLength(Array.from(segmenter.segment(text)).length);
    }),
  );
});

it('takes a long text of any kind as it takes a short one', () => {
  expect(terminalCells('a'.repeat(200_000) + '中'.repeat(400_000))).toHaveLength(600_000);
});
