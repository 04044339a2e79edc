import { describe, expect, test } from 'vitest';
import { compileXsdRegex } from '../../src/relaxng/xsd-regex.ts';
import { regexCases } from './regex-cases.ts';

describe.each(regexCases)('%s', (pattern, matching, other) => {
  const regex = compileXsdRegex(pattern);
  test.each(matching.map((text) => [text]))('matches %j', (text) => {
    expect(regex.test(text)).toBe(true);
  });
  test.each(other.map((text) => [text]))('does not match %j', (text) => {
    expect(regex.test(text)).toBe(false);
  });
});

test('a hyphen may end a range, as libxml2 has it though the grammar does not', () => {
  const regex = compileXsdRegex('[+--]');
  expect(['+', ',', '-', '.'].map((text) => regex.test(text))).toEqual([true, true, true, false]);
});

test.each([
  ['(', "'(' without ')' (character 2 of '(')"],
  [')', "unmatched ')' (character 1 of ')')"],
  ['*a', String.raw`'*' must be written '\*' (character 2 of '*a')`],
  ['a**', String.raw`'*' must be written '\*' (character 4 of 'a**')`],
  ['[a', "it ends too early (character 3 of '[a')"],
  ['[]', "nothing between '[' and ']' (character 3 of '[]')"],
  ['[b-a]', "the range 'b-a' runs backwards (character 5 of '[b-a]')"],
  [String.raw`[a-\d]`, String.raw`a range must end in one character (character 6 of '[a-\d]')`],
  ['[a[b]]', String.raw`'[' must be written '\[' (character 4 of '[a[b]]')`],
  [
    '[a-[b]c]',
    "a subtracted class must be the last thing between '[' and ']' (character 7 of '[a-[b]c]')",
  ],
  ['a+?', String.raw`'?' must be written '\?' (character 4 of 'a+?')`],
  ['a{', "'{' must be followed by a number or two and '}' (character 2 of 'a{')"],
  ['a{2,1}', "'{2,1}' counts backwards (character 2 of 'a{2,1}')"],
  [String.raw`\1`, String.raw`unknown escape '\1' (character 3 of '\1')`],
  [String.raw`(a)\b`, String.raw`unknown escape '\b' (character 6 of '(a)\b')`],
  [String.raw`\p{L}`, String.raw`unknown escape '\p' (character 3 of '\p{L}')`],
  ['\\', String.raw`it ends too early (character 2 of '\')`],
])('%s is refused', (pattern, message) => {
  expect(() => compileXsdRegex(pattern)).toThrow(new SyntaxError(message));
});
