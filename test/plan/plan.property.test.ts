import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodedevError } from '../../src/errors.ts';
import type { Plan, PlanOptions } from '../../src/plan/plan.ts';
import { stateOf } from '../engine/journal/operations.ts';
import { observed, openings, uuidOf } from './hosts.ts';
import {
  domainXml,
  open,
  type PlannedHost,
  plannedHost,
  type Wish,
  wishXml,
} from './planned-host.ts';

const DOMAINS = ['vm1', 'vm2'] as const;
const GROUPS = ['g', 'h', undefined] as const;

/** What happened to a host before: each is done when it is possible. */
const past = fc.array(
  fc.record({
    event: fc.constantFrom('create', 'create', 'define', 'start', 'foreign', 'open', 'claim'),
    choice: fc.nat(1000),
    uuid: fc.nat(5),
    group: fc.constantFrom(...GROUPS),
    domain: fc.constantFrom(...DOMAINS),
  }),
  { maxLength: 6 },
);
type Event = ReturnType<typeof past.generate>['value'][number];

async function live({ connection, host }: PlannedHost, events: readonly Event[]): Promise<void> {
  for (const { event, choice, uuid: number, group, domain } of events) {
    const uuid = uuidOf(number);
    const places = openings(host);
    const place = places[choice % Math.max(1, places.length)];
    if (place === undefined) continue;
    const [parent, type] = place;
    const xml = wishXml({ uuid, parent: parent.address, type, group });
    const happen = {
      create: async () => connection.create(xml),
      define: async () => connection.define(xml),
      start: async () => connection.start(uuid),
      foreign: async () => host.create(parent, type, uuid),
      open: async () => open(host, domain, uuid),
      claim: async () => connection.claim(group ?? uuid, { name: domain }),
    };
    // What cannot be is no part of the past.
    await happen[event]().catch(() => undefined);
  }
}

/** Wishes, some of which are of what there is: by numbers, which the host turns into names. */
const wishes = fc.uniqueArray(
  fc.record({
    uuid: fc.option(fc.nat(6), { nil: undefined, freq: 3 }),
    parent: fc.option(fc.nat(100), { nil: undefined, freq: 3 }),
    type: fc.nat(100),
    group: fc.constantFrom(...GROUPS, undefined),
    params: fc.constantFrom(undefined, undefined, undefined, 'x=1', 'x=2'),
    name: fc.constantFrom(undefined, undefined, 'a', 'b'),
  }),
  { maxLength: 4, comparator: (one, other) => one.uuid !== undefined && one.uuid === other.uuid },
);
type Numbers = ReturnType<typeof wishes.generate>['value'][number];

const options: fc.Arbitrary<PlanOptions> = fc.record({
  prune: fc.boolean(),
  define: fc.boolean(),
  autostart: fc.constantFrom(undefined, true),
  policy: fc.constantFrom('pack', 'spread'),
});

function wishOf({ host }: PlannedHost, { uuid, parent, type, params, ...rest }: Numbers): Wish {
  const existing = uuid === undefined ? undefined : host.find(uuidOf(uuid));
  const parents = host.parents().items;
  const place =
    existing === undefined
      ? parents[(parent ?? 0) % parents.length]
      : host.parent(existing.ref.parent);
  const types = place === undefined ? [] : host.types(place).items;
  return {
    ...rest,
    // Only NVIDIA's driver takes params.
    params: types[0]?.id.startsWith('nvidia') === true ? params : undefined,
    uuid: uuid === undefined ? undefined : uuidOf(uuid),
    parent: parent === undefined ? undefined : place?.address,
    type:
      existing !== undefined && type % 4 !== 0
        ? existing.type
        : (types[type % Math.max(1, types.length)]?.id ?? ''),
  };
}

const predicted = (plan: Plan, when: 'before' | 'available'): readonly string[] =>
  plan.predictions.flatMap(({ parents, types }) =>
    parents.flatMap((parent) => types.map((type) => `${parent} ${type.type} ${type[when]}`)),
  );

/** Devices no plan may end: in use, or made by others. */
async function untouchable({ connection, host }: PlannedHost): Promise<readonly string[]> {
  const { items } = await connection.list({ capabilities: ['mdev'] }).catch(() => ({ items: [] }));
  const infos = await Promise.all(items.map(({ name }) => connection.info(name)));
  return infos
    .filter(({ uuid = '', foreign }) => {
      const device = host.find(uuid);
      return foreign === true || (device !== undefined && host.holders(device).length > 0);
    })
    .map(({ name }) => name);
}

describe.each([
  ['nvidia-m60', 40],
  ['intel-gvtg', 30],
  ['kernel-samples', 30],
  ['mixed', 30],
  ['nvidia-a40', 4],
])('%s', (profile, numRuns) => {
  it('a plan does what it says, all of it or nothing, and once', async () => {
    await fc.assert(
      fc.asyncProperty(
        past,
        wishes,
        fc.array(fc.tuple(fc.constantFrom(...DOMAINS), fc.nat(7)), { maxLength: 2 }),
        options,
        async (events, numbers, uses, asked) => {
          const given = plannedHost(profile);
          const { connection, host } = given;
          await live(given, events);
          const desired = [
            ...numbers.map((each) => wishXml(wishOf(given, each))),
            ...uses.map(([domain, uuid]) => domainXml(domain, [uuidOf(uuid)])),
          ];
          const before = await stateOf(connection);
          const safe = await untouchable(given);
          const plan = await connection.plan(desired, asked);
          expect(await stateOf(connection)).toEqual(before);
          expect(observed(host)).toEqual(expect.arrayContaining([...predicted(plan, 'before')]));
          const copy: Plan = JSON.parse(JSON.stringify(plan));
          const error: unknown = await connection.apply(copy).then(
            () => undefined,
            (reason: unknown) => (reason instanceof NodedevError ? reason.code : reason),
          );
          const again = await connection.plan(desired, asked);
          const after = await stateOf(connection);
          // All of it, and a second time nothing; or nothing.
          expect([error, plan.applicable ? again.actions : after]).toEqual(
            plan.applicable ? [undefined, []] : ['plan-refused', before],
          );
          expect(again.refusals).toEqual(plan.refusals);
          const counts = plan.applicable ? predicted(plan, 'available') : [];
          expect(observed(host)).toEqual(expect.arrayContaining([...counts]));
          expect(await untouchable(given)).toEqual(expect.arrayContaining([...safe]));
        },
      ),
      { numRuns },
    );
  });
});
