import { describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryHost } from '../../src/host/simulated/memory.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';
import { place } from '../../src/plan/place.ts';
import type { PlacementRequest } from '../../src/plan/placement.ts';
import { initSimulatedHost } from '../../src/plan/connect.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cardsOf } from './hosts.ts';

/** `4f` is on node 0, `50` on node 1, and no node of `51` is known; each takes 2 halves. */
const cards = cardsOf(createMemoryHost(readSampleProfile('generic')));

/** The parents of the devices that were placed, as `4f`. */
const placed = (...requests: readonly PlacementRequest[]): readonly string[] => {
  const found = place(cards, requests);
  return found.fits
    ? found.devices.map(({ request, parent }) => `${request} ${parent.slice(9, 11)}`)
    : [found.reason, ...found.changes];
};
const caveats = (...requests: readonly PlacementRequest[]): readonly string[] => {
  const found = place(cards, requests);
  return found.fits ? found.caveats.filter((caveat) => caveat.includes('NUMA')) : ['no place'];
};
const half = { type: 'acme-half' };

describe('a node that is required', () => {
  it.each([
    [0, ['0 4f', '0 4f']],
    [1, ['0 50', '0 50']],
    [
      [1, 7],
      ['0 50', '0 50'],
    ],
  ])('%j', (node, expected) => {
    expect(placed({ ...half, count: 2, node })).toEqual(expected);
    expect(caveats({ ...half, count: 2, node })).toEqual([]);
  });

  it('has no room for more, whatever the others have', () => {
    expect(placed({ ...half, count: 3, node: 1 })).toEqual([
      'Every request has a place when it is alone, but not all together.',
      'take any NUMA node for acme-half, not only 1',
      'ask for one acme-half less',
    ]);
  });

  it('is not one whose cards are unknown', () => {
    expect(placed({ ...half, node: 2 })).toEqual([
      'There is no place for one device of acme-half (on NUMA node 2), even without the other requests.',
      'take any NUMA node for acme-half, not only 2',
      'ask for one acme-half less',
    ]);
  });

  it('does not hide that no parent has a type', () => {
    expect(() => placed({ type: 'nothing', node: 1 })).toThrow("type 'nothing'");
  });
});

describe('nodes that are preferred', () => {
  it.each([
    [{ count: 2, near: [1] }, { '50': 2 }],
    [{ count: 2, near: [0] }, { '4f': 2 }],
    [
      { count: 4, near: [1, 0] },
      { '4f': 2, '50': 2 },
    ],
    [{ count: 3, near: [1] }, { '50': 2 }, 'One device of acme-half has no room on NUMA node 1'],
    [{ count: 7, near: [1] }, { '50': 2 }, '5 devices of acme-half have no room on NUMA node 1'],
    [{ count: 2, near: [9] }, {}, '2 devices of acme-half have no room on NUMA node 9'],
    [{ count: 2, near: [1], node: 0 }, { '4f': 2 }],
    [{ count: 2, near: [] }, {}],
    [{ count: 0, near: [1] }, {}],
  ])('%j', (request, expected, far = '') => {
    const parents = placed({ ...half, ...request });
    expect(parents).toHaveLength(request.count);
    for (const [parent, count] of Object.entries(expected)) {
      expect(parents.filter((each) => each === `0 ${parent}`)).toHaveLength(count);
    }
    expect(caveats({ ...half, ...request })).toEqual(
      far === '' ? [] : [`${far}, which was preferred.`],
    );
  });

  it('are first those of the first request', () => {
    const eighths = { type: 'acme-eighth', count: 8, near: [1] };
    expect(placed({ ...half, count: 2, near: [1] }, eighths).slice(0, 2)).toEqual(['0 50', '0 50']);
  });

  it('are given up before an affinity', () => {
    const found = placed({ ...half, count: 2, near: [1], affinity: 'different-parents' });
    expect(new Set(found).size).toBe(2);
    expect(found).toContain('0 50');
  });

  it('find no place where there is none at all', () => {
    expect(placed({ ...half, count: 50, near: [1] })[0]).toMatch(
      /^\d+ more empty|There is no place|No place/,
    );
  });
});

describe('a plan', () => {
  const uuid = '5b5b2e4c-7f0b-4c54-9a8e-0c2f6c1d8a01';
  const domain = (cpuset: string): string =>
    `<domain type='kvm'><name>a</name><cputune><vcpupin vcpu='0' cpuset='${cpuset}'/></cputune><devices>
<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${uuid}'/></source></hostdev></devices></domain>`;
  const device = `<device><capability type='mdev'><type id='acme-half'/><uuid>${uuid}</uuid></capability></device>`;

  it.each([
    ['near the vCPUs of its domain', '8', {}, '0000:50:00.0', []],
    ['near those on the other node', '16', {}, '0000:4f:00.0', []],
    ['where it must be', '8', { node: 0 }, '0000:4f:00.0', []],
  ])('puts a device %s', async (_, cpuset, options, parent, warnings) => {
    const host = await initSimulatedHost(temporaryFolder({ inMemory: true }), 'generic');
    onTestFinished(() => host.close());
    expect(await host.domainNodes(domain(cpuset))).toEqual([cpuset === '8' ? 1 : 0]);
    const plan = await host.plan([device, domain(cpuset)], options);
    const create = plan.actions.find(({ action }) => action === 'create');
    expect(create).toMatchObject({ device: { uuid, parent } });
    expect(plan.warnings.map(({ message }) => message)).toEqual(warnings);
  });

  it('says when a device cannot be near its domain, and refuses when it must be elsewhere', async () => {
    const host = await initSimulatedHost(temporaryFolder({ inMemory: true }), 'generic');
    onTestFinished(() => host.close());
    const full = `<device><parent>pci_0000_50_00_0</parent><capability type='mdev'><type id='acme-half'/></capability></device>`;
    await host.create([full, full]);
    const plan = await host.plan([device, domain('8')]);
    expect(plan.applicable).toBe(true);
    expect(plan.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^a device of acme-half goes to pci_0000_\w+, since there is no room on NUMA node 1, where its domain runs$/,
      ),
    ]);
    const bound = await host.plan([device, domain('8')], { node: 1 });
    expect(bound.refusals.map(({ message }) => message)).toEqual([
      'There is no place for one device of acme-half (on NUMA node 1), even without the other requests.',
    ]);
  });
});
