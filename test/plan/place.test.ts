import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerBound } from '../../src/plan/bounds.ts';
import { place } from '../../src/plan/place.ts';
import { sitesOf } from '../../src/plan/sites.ts';
import { solve } from '../../src/plan/solve.ts';
import { unitsOf } from '../../src/plan/units.ts';
import type { Misfit, Placement, PlacementRequest, Policy } from '../../src/plan/placement.ts';
import { predict } from '../../src/plan/predict.ts';
import { cardsOf, sampleHost, uuidOf } from './hosts.ts';
import { bestCost } from './exhaustive.ts';
import { problems } from './small-hosts.ts';

describe('the best of all placements', () => {
  it.each<Policy>(['pack', 'spread'])(
    'is found: %s',
    (policy) => {
      let placed = 0;
      fc.assert(
        fc.property(problems, ({ cards, requests }) => {
          const { assignment, units, cost: found, proven } = solve(cards, requests, policy);
          const cost = assignment.size === units.length ? found : undefined;
          expect(proven).toBe(true);
          placed += cost === undefined ? 0 : 1;
          expect(cost).toBe(bestCost(cards, requests, policy));
          const sites = sitesOf(cards);
          const wanted = unitsOf(requests, new Set(sites.map(({ kind }) => kind)));
          const bound = lowerBound(policy, sites, wanted);
          expect(bound.cost).toBeLessThanOrEqual(cost ?? Infinity);
          const empty = cards.filter(({ card }) => card.devices.length === 0).length;
          expect(bound.emptyCards).toBeLessThanOrEqual(cost === undefined ? Infinity : empty);
        }),
        { numRuns: 700 },
      );
      // The generator is of no use when hardly anything fits.
      expect(placed).toBeGreaterThan(150);
    },
    30_000,
  );

  it('keeps to what it says: count, affinity, bound, and room', () => {
    fc.assert(
      fc.property(problems, ({ cards, requests }) => {
        const found = place(cards, requests, 'pack');
        fc.pre(found.fits);
        const { devices, cost, bound } = found;
        expect(bound).toBe(cost);
        const creations = devices.map(({ type, parent }) => ({ type, parent }));
        expect(() => predict(cards, creations)).not.toThrow();
        expect(
          requests.map((_, at) => devices.filter(({ request }) => request === at).length),
        ).toEqual(requests.map(({ count = 1 }) => count));
      }),
      { numRuns: 100 },
    );
  });
});

describe('placement', () => {
  const m60 = cardsOf(sampleHost('nvidia-m60'));
  const a40 = cardsOf(sampleHost('nvidia-a40'));
  const parents = (found: Placement | Misfit): readonly string[] =>
    found.fits ? found.devices.map(({ parent }) => parent) : [];

  it('packs and spreads', () => {
    expect(new Set(parents(place(m60, [{ type: 'M60-2Q', count: 4 }], 'pack'))).size).toBe(1);
    expect(new Set(parents(place(m60, [{ type: 'M60-2Q', count: 4 }], 'spread'))).size).toBe(2);
  });

  it('says which devices of a group one VM does not take', () => {
    const group = 'g';
    const found = (...types: readonly string[]) =>
      place(
        a40,
        types.map((type) => ({ type, group })),
      );
    expect(found('A40-12Q', 'A40-12C')).toMatchObject({
      caveats: ['A40-12C and A40-12Q do not go into one VM: board and series differ.'],
    });
    expect(found('A40-2B', 'A40-2B')).toMatchObject({
      caveats: [expect.stringMatching(/^A40-2B and A40-2B may not go into one VM: /u)],
    });
    expect(found('A40-12Q', 'A40-12Q')).toMatchObject({ caveats: [] });
  });

  it('takes the smallest of several types', () => {
    const found = place(m60, [{ type: 'framebuffer>=2G,series=Q' }]);
    expect(found).toMatchObject({
      fits: true,
      devices: [{ type: 'nvidia-18' }],
      cost: 1,
      bound: 1,
    });
  });

  it('gives each vGPU of an SR-IOV GPU a function of its own', () => {
    const found = place(a40, [{ type: 'A40-2Q', count: 24, affinity: 'different-parents' }]);
    expect(new Set(parents(found)).size).toBe(24);
    expect(place(a40, [{ type: 'A40-2Q', count: 25 }])).toMatchObject({
      fits: false,
      proven: true,
    });
    expect(place(a40, [{ type: 'A40-2Q', count: 2, affinity: 'same-parent' }])).toMatchObject({
      fits: false,
      proven: true,
      changes: ['give up same-parent for A40-2Q', 'ask for one A40-2Q less'],
    });
  });

  it('says what would make it fit', () => {
    const host = sampleHost('nvidia-m60');
    for (const [index, parent] of host.parents().items.entries()) {
      host.create(parent, 'nvidia-18', uuidOf(index + 1));
    }
    expect(place(cardsOf(host), [{ type: 'M60-8Q' }, { type: 'M60-2A' }])).toEqual({
      fits: false,
      policy: 'pack',
      proven: true,
      reason: 'There is no place for one device of M60-8Q, even without the other requests.',
      changes: [
        'destroy mdev_00000000_0000_4000_8000_000000000001_0000_86_00_0 (nvidia-18)',
        'destroy mdev_00000000_0000_4000_8000_000000000002_0000_87_00_0 (nvidia-18)',
        'ask for one M60-8Q less',
      ],
    });
  });

  it('says how many cards miss', () => {
    expect(
      place(m60, [
        { type: 'M60-8Q', count: 2 },
        { type: 'M60-4Q', count: 3 },
      ]),
    ).toMatchObject({
      reason: '2 more empty cards are needed, whatever goes where.',
      changes: [
        'ask for one M60-8Q less and ask for one M60-8Q less',
        'ask for one M60-8Q less and ask for one M60-4Q less',
      ],
    });
  });

  it.each<[readonly PlacementRequest[], string]>([
    [[{ type: 'nvidia-99' }], 'type-unknown'],
    [[{ type: 'framebufer>=2G' }], 'criterion-invalid'],
    [[{ type: 'M60-2Q', count: -1 }], 'request-invalid'],
    [
      [
        { type: 'M60-2Q', group: 'g', affinity: 'same-parent' },
        { type: 'M60-2Q', group: 'g', affinity: 'different-parents' },
      ],
      'request-invalid',
    ],
  ])('refuses %j', (requests, code) => {
    expect(() => place(m60, requests)).toThrow(expect.objectContaining({ code }));
  });

  it('uses no card for nothing', () => {
    expect(place(m60, [])).toMatchObject({ fits: true, devices: [], cost: 0, bound: 0 });
  });
});
