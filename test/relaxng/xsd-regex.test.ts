import { describe, expect, test } from 'vitest';
import { compileXsdRegex } from '../../src/relaxng/xsd-regex.ts';

const cases: readonly (readonly [
  pattern: string,
  matching: readonly string[],
  other: readonly string[],
])[] = [
  ['', [''], ['a']],
  ['a|b', ['a', 'b'], ['ab', 'xa', 'bx', '']],
  ['a||b', ['a', '', 'b'], ['ab']],
  ['^a$', ['^a$'], ['a']],
  ['a{2}b{1,}c{0,2}', ['aab', 'aabbcc'], ['ab', 'aabccc', 'aaab']],
  ['(a)(b)', ['ab'], ['aba']],
  ['.', ['a', '\t', '😀'], ['\n', '\r', '']],
  [String.raw`\.\\\?\*\+\{\}\(\)\[\]\|\^\-`, [String.raw`.\?*+{}()[]|^-`], ['']],
  [String.raw`\n\r\t`, ['\n\r\t'], ['nrt']],
  ['[abc]', ['a', 'c'], ['d', 'ab', '']],
  ['[^abc]', ['d', '^', '\n'], ['a', '']],
  ['[a^]', ['a', '^'], ['b']],
  ['[-a]', ['-', 'a'], ['b']],
  ['[a-]', ['-', 'a'], ['b']],
  ['[a-c-]', ['b', '-'], ['d']],
  [String.raw`[a\-z]`, ['a', '-', 'z'], ['b', '\\']],
  [String.raw`[\[\]\\]`, ['[', ']', '\\'], ['a']],
  [String.raw`[a-zA-Z0-9_\.\+\-&:/]+`, ['a.b', '&&', ':/', '+-_'], ['a b', '!']],
  ['[&]{2}[!]{2}[~`@#%,;<=>]+', ['&&!!~`@#%,;<=>'], ['&!']],
  ['[a-z-[aeiou]]', ['b', 'z'], ['a', 'u', '-', 'A']],
  ['[^a-c-[x]]', ['d', '-'], ['a', 'x']],
  [String.raw`[\w-[\d_]]+`, ['ab', 'ä'], ['a1', '_']],
  ['[a-z-[a-m-[c]]]', ['c', 'n', 'z'], ['a', 'm']],
  ['[+--]', ['+', ',', '-'], ['.']],
  [String.raw`\d+`, ['12', '٣'], ['a', '']],
  [String.raw`\D`, ['a', ' '], ['1']],
  [String.raw`\s\S`, [' a', '\tb'], ['  ', '\u00A0a']],
  [String.raw`\w+`, ['aZ1', 'ä', '+'], ['_', '-', 'a b']],
  [String.raw`\W`, ['_', ' ', '.'], ['a']],
  [String.raw`\i\c*`, ['a', ':', '_b-1.·'], ['1', '-a', '']],
  [String.raw`[\i-[:]][\c-[:]]*`, ['a1'], ['a:b', ':']],
  [String.raw`\I\C`, ['1 ', '- '], ['a ', '1a']],
  [String.raw`\p{Lu}\P{Lu}`, ['Ab', 'Ä1'], ['ab', 'AB']],
  [String.raw`\p{L}\p{Nd}\p{Zs}`, ['a1 '], ['11 ']],
  [String.raw`\p{IsBasicLatin}+`, ['abc\t'], ['ä', '']],
  [String.raw`\P{IsBasicLatin}`, ['ä'], ['a']],
  [String.raw`[\p{IsGreek}\p{IsCyrillic}]`, ['λ', 'ж'], ['l']],
  ['😀[😀-😂]', ['😀😁'], ['😀😃', '😀']],
  ['/#"\'', ['/#"\''], ['']],
];

describe.each(cases)('%s', (pattern, matching, other) => {
  const regex = compileXsdRegex(pattern);
  test.each(matching.map((text) => [text]))('matches %j', (text) => {
    expect(regex.test(text)).toBe(true);
  });
  test.each(other.map((text) => [text]))('does not match %j', (text) => {
    expect(regex.test(text)).toBe(false);
  });
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
  [String.raw`\p{Xx}`, String.raw`unknown category or block 'Xx' (character 7 of '\p{Xx}')`],
  [String.raw`\p{Is.*}`, String.raw`unknown category or block 'Is.*' (character 9 of '\p{Is.*}')`],
  [
    String.raw`\pL`,
    String.raw`'\p' must be followed by '{', a name and '}' (character 3 of '\pL')`,
  ],
  ['\\', String.raw`it ends too early (character 2 of '\')`],
])('%s is refused', (pattern, message) => {
  expect(() => compileXsdRegex(pattern)).toThrow(new SyntaxError(message));
});
