/** Texts that each type accepts and refuses; the limits are those of XML Schema part 2. */
export const typeCases: readonly (readonly [
  type: string,
  accepted: readonly string[],
  refused: readonly string[],
])[] = [
  ['string', ['', ' a\tb ', '\n'], []],
  ['token', ['', '  a  b '], []],
  [
    'integer',
    ['0', '-0', '+00012', '123456789012345678901234567890'],
    ['', '1.0', '1.', 'x', '0x1'],
  ],
  ['positiveInteger', ['1', '0001'], ['0', '-1', '+0']],
  [
    'long',
    ['9223372036854775807', '-9223372036854775808'],
    ['9223372036854775808', '-9223372036854775809'],
  ],
  ['int', ['2147483647', '-2147483648'], ['2147483648', '-2147483649']],
  ['short', ['32767', '-32768'], ['32768', '-32769']],
  ['unsignedLong', ['0', '18446744073709551615', '+1'], ['18446744073709551616', '-1']],
  ['unsignedInt', ['4294967295', '-0'], ['4294967296', '-1', '0x10', '1.0']],
  ['unsignedShort', ['65535'], ['65536']],
  ['unsignedByte', ['255', '000255'], ['256']],
  ['double', ['1.7976931348623157e308', '1.'], ['nan', 'e5', '.']],
  ['NCName', ['a', '_x-1.2', 'ä', ' a '], ['', '1a', 'a:b', '-a', 'a b']],
  ['anyURI', ['', 'http://a/b?c#d', '../x', 'a b', 'ü', '%41'], ['%', '%4', '%zz']],
  [
    'dateTime',
    [
      '2024-02-29T12:00:00',
      '2024-01-01T24:00:00Z',
      '-0044-03-15T00:00:00',
      '12024-01-01T00:00:00.125+14:00',
    ],
    [
      '2023-02-29T12:00:00',
      '2024-01-01',
      '2024-01-01T24:00:01',
      '0000-01-01T00:00:00',
      '2024-13-01T00:00:00',
      '2024-01-01T00:60:00',
      '2024-01-01T00:00:00+14:01',
      '24-01-01T00:00:00',
      '02024-01-01T00:00:00',
      '2024-01-01T25:00:00',
    ],
  ],
];

/** Texts that each facet accepts and refuses. */
export const facetCases: readonly (readonly [
  type: string,
  facets: Readonly<Record<string, string>>,
  accepted: readonly string[],
  refused: readonly string[],
])[] = [
  ['string', { maxLength: '2' }, ['', 'ab', '  ', '😀😀'], ['abc']],
  ['int', { minInclusive: '5', maxInclusive: '10' }, ['5', '10', '+09'], ['4', '11', '-7']],
  ['int', { maxInclusive: '-5' }, ['-5', '-10', '-0006'], ['-4', '0', '5']],
  [
    'unsignedLong',
    { maxInclusive: '18446744073709551614' },
    ['18446744073709551614'],
    ['18446744073709551615'],
  ],
  [
    'double',
    { minInclusive: '-1e2', maxInclusive: 'INF' },
    ['-100', '1e300', 'INF'],
    ['-101', '-INF', 'NaN'],
  ],
  ['token', { pattern: '[a-z]+( [a-z]+)?' }, ['ab', ' ab\ncd '], ['ab cd ef', '']],
  ['unsignedLong', { pattern: '[0-9]+' }, ['5', ' 5\n'], ['5 6']],
  ['string', { pattern: 'a|bc' }, ['a', 'bc'], ['ac', 'abc', ' a']],
];
