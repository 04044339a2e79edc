import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  answersTo,
  type DeviceFacts,
  GPU,
  GPU2,
  LETTERS,
  type Letter,
  type WorldFacts,
} from './world.ts';

const TYPES = ['nvidia-18', 'nvidia-18', 'nvidia-17', 'nvidia-22'] as const;
const DOMAINS = ['vm1', 'vm2'] as const;

const device: fc.Arbitrary<DeviceFacts> = fc.record({
  is: fc.constantFrom('made', 'foreign', 'defined', 'both', 'foreign-defined'),
  type: fc.constantFrom(...TYPES),
  parent: fc.constantFrom(GPU, GPU2),
  group: fc.constantFrom(undefined, 'g'),
});

const some = fc.subarray([...LETTERS]);
const users = fc.option(fc.record({ name: fc.constantFrom(...DOMAINS), letters: some }), {
  nil: undefined,
});

const worlds = fc.record({
  devices: fc.record({ a: device, b: device, c: device }, { requiredKeys: [] }),
  claim: fc.option(fc.constantFrom('a', 'b', 'g'), { nil: undefined }),
  claimant: fc.constantFrom(...DOMAINS),
  configured: users,
  running: users,
  open: users,
  hook: fc.boolean(),
  requiresGroup: fc.boolean(),
  unbound: fc.constantFrom<readonly Letter[]>([], [], [], ['a']),
});
type Numbers = ReturnType<typeof worlds.generate>['value'];

const isActive = (facts: DeviceFacts | undefined): boolean =>
  facts !== undefined && facts.is !== 'defined' && facts.is !== 'foreign-defined';

/** A world that can be: what cannot be open is not open, and vm1 does not run. */
function factsOf(numbers: Numbers): WorldFacts {
  const { devices, claim, claimant, configured, running, open, hook, requiresGroup } = numbers;
  // A card has room for one size only: the first device's.
  const sizes = new Map<string | undefined, string | undefined>();
  const fitting = Object.fromEntries(
    Object.entries(devices).map(([letter, facts]) => {
      const size = sizes.get(facts.parent) ?? facts.type;
      sizes.set(facts.parent, size);
      const count = Object.values(devices).filter(({ parent }) => parent === facts.parent).length;
      return [letter, { ...facts, type: size === 'nvidia-22' && count > 1 ? 'nvidia-18' : size }];
    }),
  ) as WorldFacts['devices'];
  const members = Object.values(fitting);
  const ours = (letter: Letter): boolean =>
    ['made', 'both', 'defined'].includes(fitting[letter]?.is ?? '') &&
    fitting[letter]?.group === undefined;
  const hasGroup = members.some(
    ({ is, group }) => group === 'g' && ['made', 'both', 'defined'].includes(is),
  );
  const canClaim = claim === 'g' ? hasGroup : claim !== undefined && ours(claim);
  const list = (
    use: Numbers['open'],
    may: (letter: Letter) => boolean,
  ): Readonly<Record<string, readonly Letter[]>> => {
    const letters = (use?.letters ?? []).filter(may);
    return use === undefined || letters.length === 0 ? {} : { [use.name]: letters };
  };
  return {
    devices: fitting,
    claims: canClaim && claim !== undefined ? { [claim]: claimant } : {},
    configured: list(configured, () => true),
    running: list(running && { ...running, name: 'vm2' }, () => true),
    open: list(open && { ...open, name: 'vm2' }, (letter) => isActive(fitting[letter])),
    hook,
    requiresGroup,
    unbound: numbers.unbound.filter((letter) => isActive(fitting[letter])),
  };
}

it('where validate says yes, sim start, the hook and apply succeed; where it says no, none does', {
  timeout: 600_000,
}, async () => {
  const seen = { ok: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(worlds, some, async (numbers, letters) => {
      const facts = factsOf(numbers);
      const { validate, start, apply, hook, hooked } = await answersTo(facts, 'vm1', letters);
      expect({ start, apply }).toEqual({ start: validate, apply: validate });
      expect(hook).toBe(hooked);
      seen[validate === 'ok' ? 'ok' : 'refused'] += 1;
    }),
    { numRuns: Number(process.env['RUNS'] ?? 25) },
  );
  expect(Math.min(seen.ok, seen.refused)).toBeGreaterThan(2);
});
