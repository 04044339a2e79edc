import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bit,
  hexId,
  hexNumber,
  int,
  oneOf,
  unsignedInt,
  unsignedLong,
  wwn,
} from '../../src/nodedev/values.ts';

describe('unsignedInt', () => {
  it.each([
    ['0', 0],
    ['4294967295', 4294967295],
    ['007', 7],
    [' \n12\t', 12],
  ])('%j is %i', (written, value) => {
    expect(unsignedInt.parse(written)).toBe(value);
  });

  it.each(['', ' ', '-1', '4294967296', '1.5', '1e3', '0x10', '1 2', '١', 'NaN', '9'.repeat(400)])(
    '%j is none',
    (written) => {
      expect(unsignedInt.parse(written)).toBeUndefined();
    },
  );
});

it('int takes a sign, and -0 is 0', () => {
  expect(['-1', '-0', '2147483647', '-2147483649', '--1'].map((each) => int.parse(each))).toEqual([
    -1,
    0,
    2147483647,
    undefined,
    undefined,
  ]);
});

it('unsignedLong holds 64 bits exactly', () => {
  expect(unsignedLong.parse('18446744073709551615')).toBe(18446744073709551615n);
  expect(unsignedLong.parse('18446744073709551616')).toBeUndefined();
  expect(unsignedLong.parse('0'.repeat(21))).toBeUndefined();
  expect(unsignedLong.parse('-1')).toBeUndefined();
});

describe('hexNumber', () => {
  const address = hexNumber(2, 0x1f);

  it.each([
    ['0x1f', 31],
    ['0X1F', 31],
    ['31', 31],
    ['037', 31],
    ['0', 0],
    [' 0x0 ', 0],
  ])('%j is %i', (written, value) => {
    expect(address.parse(written)).toBe(value);
  });

  it.each(['0x20', '32', '08', '1f', '0x', '', '-1', '0x1g'])('%j is none', (written) => {
    expect(address.parse(written)).toBeUndefined();
  });

  it('prints at least its width', () => {
    expect([0, 5, 31].map((value) => address.format(value))).toEqual(['0x00', '0x05', '0x1f']);
  });

  it('reads digits without 0x as hexadecimal where libvirt does', () => {
    expect(hexNumber(4, 0xffff, 'hexadecimal').parse('0052')).toBe(0x52);
  });
});

it('hexId is normalised to what libvirt prints', () => {
  const id = hexId(4);
  expect(['0x8086', '8086', '0X10DE', '1', 'fffffffff', 'x'].map((each) => id.parse(each))).toEqual(
    ['0x8086', '0x8086', '0x10de', '0x0001', undefined, undefined],
  );
});

it('words and forms are taken as written or not at all', () => {
  expect(oneOf('up', 'down').parse('up')).toBe('up');
  expect(oneOf('up', 'down').parse('Up')).toBeUndefined();
  expect(wwn.parse('0x2001001B32a9da4e')).toBe('0x2001001B32a9da4e');
  expect(wwn.parse('2001001b32a9da4')).toBeUndefined();
  expect([bit.parse('1'), bit.parse('0'), bit.parse('true')]).toEqual([true, false, undefined]);
});

it('says what it expects in words', () => {
  expect(oneOf('a', 'b', 'c').expected).toBe('a, b or c');
  expect(unsignedInt.expected).toBe('a whole number from 0 to 4294967295');
});

it('reads what it prints', () => {
  fc.assert(
    fc.property(fc.nat(0x1f), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (small, large) => {
      expect(hexNumber(2, 0x1f).parse(hexNumber(2, 0x1f).format(small))).toBe(small);
      expect(unsignedLong.parse(unsignedLong.format(large))).toBe(large);
    }),
  );
});

it('takes no longer than its input on hostile white space', () => {
  const start = performance.now();
  expect(unsignedInt.parse(`${' '.repeat(1_000_000)}x`)).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(30_000);
});
