import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excerpt } from '../../../src/cli/report/excerpt.ts';
import { printable } from '../../../src/terminal-text.ts';

/** Line and caret below each other, the place marked by ▸. */
function shown(marked: string): string {
  const column = marked.indexOf('▸') + 1;
  const { line, caret } = excerpt(marked.replace('▸', ''), column);
  return `${line}\n${caret}`;
}

describe('excerpt', () => {
  it.each<readonly [what: string, marked: string, line: string, spaces: number]>([
    ['plain text', "<a ▸b='c'/>", "<a b='c'/>", 3],
    ['the start', '▸<a/>', '<a/>', 0],
    ['the end', '<a▸', '<a', 2],
    ['an empty line', '▸', '', 0],
    ['tabs', '\t<a>\t▸<b/>', '        <a>     <b/>', 16],
    ['wide characters', "<名前 ▸x='1'/>", "<名前 x='1'/>", 6],
    ['fullwidth and halfwidth forms', 'Ａｱ▸x', 'Ａｱx', 3],
    ['combining characters', 'e\u0301e\u0301▸x', 'e\u0301e\u0301x', 2],
    ['emoji of several code points', '👩‍👩‍👧▸x', '👩‍👩‍👧x', 2],
    ['characters outside the first plane', '𝒳▸x', '𝒳x', 1],
    ['escape sequences', '\u001b[31m▸x', '\u{fffd}[31mx', 5],
    ['a change of the direction of text', '\u202e▸x', '\u{fffd}x', 1],
    ['an invisible character', '\u200b▸x', '\u{fffd}x', 1],
  ])('%s', (_, marked, line, spaces) => {
    expect(shown(marked)).toBe(`${line}\n${' '.repeat(spaces)}^`);
  });

  it('cuts a long line around the caret', () => {
    const long = `${'a'.repeat(500)}▸b${'c'.repeat(500)}`;
    expect(shown(long)).toBe(`…${'a'.repeat(60)}b${'c'.repeat(37)}…\n${' '.repeat(61)}^`);
    expect(shown(`▸${'a'.repeat(500)}`)).toBe(`${'a'.repeat(98)}…\n^`);
    expect(shown(`${'a'.repeat(500)}▸b`)).toBe(`…${'a'.repeat(60)}b\n${' '.repeat(61)}^`);
    expect(shown(`${'a'.repeat(99)}▸b`)).toBe(`${'a'.repeat(99)}b\n${' '.repeat(99)}^`);
  });

  it('does not look at more of a line than it shows', () => {
    const huge = `${'<a/>'.repeat(4_000_000)}<b/>`;
    const start = performance.now();
    for (let count = 0; count < 20_000; count += 1) excerpt(huge, 8_000_000);
    expect(performance.now() - start).toBeLessThan(30_000);
  });

  it('stays within the width and prints no control character, whatever the line', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 3 }),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom('\t', '\u001b', '\ud800', '\u202e', '名', 'a'.repeat(90)),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 30 }), fc.nat(400), (units, column) => {
        const { line, caret } = excerpt(units.join('').replaceAll('\n', ''), column + 1);
        expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        expect(caret).toMatch(/^ *\^$/);
        expect(caret.length).toBeLessThanOrEqual(101);
      }),
    );
  });
});

describe('printable', () => {
  it('writes out what a terminal would obey', () => {
    expect(printable('a\u001b[31mb\nc\u202ed\u009be')).toBe(
      String.raw`a\u{1b}[31mb\nc\u{202e}d\u{9b}e`,
    );
    expect(printable('äß 名前 👍')).toBe('äß 名前 👍');
  });
});
