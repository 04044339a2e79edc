import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Capability } from '../../src/nodedev/device.ts';
import { formatNodeDevice } from '../../src/nodedev/format.ts';
import { parseNodeDevice } from '../../src/nodedev/parse.ts';
import { capabilityTypes } from '../../src/nodedev/table.ts';
import { device } from '../../src/nodedev/tables/device.ts';
import { nodeDevice } from './arbitrary.ts';
import { withoutLayout } from './support.ts';

it.each(['extended', 'thread', 'libvirt'] as const)(
  'what is printed in %s is read back as it was',
  (dialect) => {
    fc.assert(
      fc.property(nodeDevice(dialect), (made) => {
        const read = parseNodeDevice(formatNodeDevice(made, { dialect }));
        expect(withoutLayout(read)).toEqual(withoutLayout(made));
      }),
      { numRuns: 200 },
    );
  },
);

it('every capability is among what is generated', () => {
  const kinds = new Set<string>();
  const visit = (capability: Capability): void => {
    kinds.add(capability.kind);
    if ('capabilities' in capability) capability.capabilities.forEach(visit);
  };
  for (const { capabilities } of fc.sample(nodeDevice('extended'), { numRuns: 600, seed: 1 })) {
    capabilities.forEach(visit);
  }
  expect([...kinds].toSorted()).toEqual([...capabilityTypes(device), 'other'].toSorted());
});

it('what extended prints is the same in every dialect it has gone through', () => {
  fc.assert(
    fc.property(nodeDevice('libvirt'), (made) => {
      const libvirt = formatNodeDevice(made, { dialect: 'libvirt' });
      const extended = formatNodeDevice(parseNodeDevice(libvirt));
      expect(formatNodeDevice(parseNodeDevice(extended), { dialect: 'libvirt' })).toBe(libvirt);
    }),
    { numRuns: 50 },
  );
});
