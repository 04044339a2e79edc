import { describe, expect, it } from 'vitest';
import { hostKeys } from '../../src/reservations/keys.ts';
import { parseInventory, parseReservation } from '../../src/reservations/records.ts';

const U = '11111111-2222-4333-8444-000000000001';
const GOOD = {
  version: 1,
  state: 'wanted',
  domain: { name: 'vm1', uuid: U },
  devices: [{ uuid: U, parent: 'pci_0000_86_00_0', type: 'nvidia-18' }],
};
const [DEVICE] = GOOD.devices;

const read = (value: unknown) =>
  parseReservation({ key: '/k', value: typeof value === 'string' ? value : JSON.stringify(value) });

it('a reservation is read', () => {
  expect(read(GOOD)).toEqual(GOOD);
});

describe('what orders anything else than devices, or names what is no name, is refused', () => {
  const BAD: readonly (readonly [string, unknown])[] = [
    ['no JSON', '{'],
    ['a newer version', { ...GOOD, version: 2 }],
    ['another state', { ...GOOD, state: 'run' }],
    ['a script', { ...GOOD, script: '/tmp/x' }],
    ['a command of a device', { ...GOOD, devices: [{ ...DEVICE, command: 'x' }] }],
    ['attributes of a device', { ...GOOD, devices: [{ ...DEVICE, attributes: [] }] }],
    ['a parent that is a path', { ...GOOD, devices: [{ ...DEVICE, parent: '../../etc' }] }],
    ['a parent that is a place', { ...GOOD, devices: [{ ...DEVICE, parent: '..' }] }],
    ['a type that is a path', { ...GOOD, devices: [{ ...DEVICE, type: 'a/b' }] }],
    ['no uuid', { ...GOOD, devices: [{ ...DEVICE, uuid: 'x' }] }],
    ['a uuid in capitals', { ...GOOD, devices: [{ ...DEVICE, uuid: U.replace('4', 'A') }] }],
    ['no devices', { ...GOOD, devices: [] }],
    ['a domain that is a path', { ...GOOD, domain: { name: '../x' } }],
    ['a domain that is an option', { ...GOOD, domain: { name: '-x' } }],
    ['a domain of two lines', { ...GOOD, domain: { name: 'a\nb' } }],
    ['a domain with a colour', { ...GOOD, domain: { name: '\u001b[31m' } }],
    ['a domain without end', { ...GOOD, domain: { name: 'x'.repeat(121) } }],
  ];
  it.each(BAD)('%s', (_, value) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ code: 'record-invalid' }));
  });
});

it.each(['', '.', '..', 'a/b', '-a', 'a b', 'a\n', 'é', 'x'.repeat(254)])(
  'host name %o',
  (name) => {
    expect(() => hostKeys(name)).toThrow(expect.objectContaining({ code: 'request-invalid' }));
  },
);

it.each(['{}', '[]', '{"version":1,"cards":[{}]}', '{"version":2,"cards":[]}'])(
  'inventory %s',
  (value) => {
    expect(() => parseInventory({ key: '/k', value })).toThrow(
      expect.objectContaining({ code: 'record-invalid' }),
    );
  },
);
