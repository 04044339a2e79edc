import { expect, it } from 'vitest';
import { UsageError } from '../../src/cli/failures.ts';
import { parseGuestAddress } from '../../src/cli/guest-address.ts';

it.each([
  ['0000:00:05.0', { kind: 'pci', domain: 0, bus: 0, slot: 5, function: 0 }],
  ['00:1f.7', { kind: 'pci', domain: 0, bus: 0, slot: 0x1f, function: 7 }],
  ['ABCD:ff:00.1', { kind: 'pci', domain: 0xabcd, bus: 0xff, slot: 0, function: 1 }],
  ['fe.0.0001', { kind: 'ccw', cssid: 0xfe, ssid: 0, devno: 1 }],
  ['0.3.ffff', { kind: 'ccw', cssid: 0, ssid: 3, devno: 0xffff }],
])('reads %s', (word, expected) => {
  expect(parseGuestAddress(word)).toEqual(expected);
});

it.each([
  '',
  '5',
  '00:05',
  '00:05.8',
  '0000:00:05.0 ',
  '00000:00:05.0',
  'fe.4.0001',
  'fe.0',
  '0x0:05.0',
])('refuses %j', (word) => {
  expect(() => parseGuestAddress(word)).toThrow(UsageError);
});
