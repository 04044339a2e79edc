import { afterEach, describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { type FleetPlanOptions, type FleetResult, onFleet } from '../../src/fleet/carry-out.ts';
import type { FleetHost } from '../../src/fleet/fleet.ts';
import { type Connection, NodedevError } from '../../src/index.ts';
import { driverForType } from '../../src/drivers/registry.ts';
import type { InventoryCard } from '../../src/plan/inventory.ts';
import { domainXml, type PlannedHost, plannedHost, wishXml } from '../plan/planned-host.ts';
import { uuidOf } from '../plan/hosts.ts';

/** How a host is to be reached; the next calls of it meet what stands here. */
interface Trouble {
  /** It cannot be connected to. */
  isAway?: boolean;
  /** Runs before each apply reaches it. */
  beforeApply?: (() => Promise<unknown>) | undefined;
  /** The answer of an apply is lost after it was done. */
  losesAnswer?: boolean;
  /** The connection is lost before an apply is done. */
  losesRequest?: boolean;
}

class Hosts {
  readonly hosts: readonly FleetHost[];
  readonly given = new Map<string, PlannedHost>();
  readonly trouble = new Map<string, Trouble>();

  constructor(profiles: Readonly<Record<string, string>>) {
    this.hosts = Object.entries(profiles).map(([name, profile]) => {
      this.given.set(name, plannedHost(profile));
      this.trouble.set(name, {});
      return { name, uri: `fake:${name}`, labels: [profile] };
    });
  }

  connection(name: string): Connection {
    const found = this.given.get(name)?.connection;
    if (found === undefined) throw new Error(name);
    return found;
  }

  apply(
    desired: readonly string[],
    options: FleetPlanOptions & { isDry?: boolean } = {},
  ): Promise<FleetResult> {
    const { isDry = false, ...rest } = options;
    const connect = async ({ name }: FleetHost): Promise<Connection> => {
      const trouble = this.trouble.get(name) ?? {};
      if (trouble.isAway === true) throw new NodedevError('host-not-found', `${name} is away`);
      const real = this.connection(name);
      return {
        ...real,
        close: () => Promise.resolve(),
        plan: async (...given) => {
          // Other planners have their turn.
          await new Promise(setImmediate);
          return real.plan(...given);
        },
        apply: async (...given) => {
          await new Promise(setImmediate);
          await trouble.beforeApply?.();
          if (trouble.losesRequest === true) throw new NodedevError('connection-closed', 'lost');
          const done = await real.apply(...given);
          if (trouble.losesAnswer === true) throw new NodedevError('connection-closed', 'lost');
          return done;
        },
      };
    };
    return onFleet(this.hosts, desired, { connect, deadline: 60 }, { ...rest, dryRun: isDry });
  }

  /** `gpu1: 1 2`, the last digits of the uuids of each host's active devices. */
  async there(): Promise<readonly string[]> {
    const all = await Promise.all(
      this.hosts.map(async ({ name }) => {
        const { items } = await this.connection(name).list({
          capabilities: ['mdev'],
          state: 'active',
        });
        const uuids = items.map(({ uuid = '' }) => uuid.replace(/^.*-0*/u, '')).toSorted();
        return uuids.length === 0 ? [] : [`${name}: ${uuids.join(' ')}`];
      }),
    );
    return all.flat();
  }

  /** What is wrong: cards with more than they take, devices on several hosts. */
  async mistakes(): Promise<readonly string[]> {
    const found: string[] = [];
    const seen = new Set<string>();
    for (const { name } of this.hosts) {
      const { cards, topology } = await this.connection(name).inventory();
      for (const card of cards) if (loadOf(card) > 1) found.push(`${name} is too full`);
      for (const { uuid } of topology.cards.flatMap(({ devices }) => devices)) {
        if (seen.has(uuid)) found.push(`${uuid} is on ${name}, too`);
        seen.add(uuid);
      }
    }
    return found;
  }
}

/** The sum of the parts that its devices take; `roomOf` tells 1 at most. */
function loadOf({ card }: InventoryCard): number {
  const driver = driverForType(card.types[0]?.id ?? '');
  return card.devices.reduce((sum, { type: id }) => {
    const type = card.types.find((each) => each.id === id);
    return type === undefined ? sum : sum + (driver?.share(card, type) ?? 0);
  }, 0);
}

let hosts: Hosts;
const M60 = 'nvidia-m60';
const A40 = 'nvidia-a40';
/** A quarter of a GPU of an M60, in a group. */
const vgpu = (n: number, group: string | undefined = `vm${n}`, more = ''): string =>
  wishXml({ uuid: uuidOf(n), type: 'nvidia-18', group }).replace(
    '<capability',
    `${more}<capability`,
  );
const on = (name: string): string => `<host name='${name}'/>`;
const labelled = (label: string): string => `<host><label>${label}</label></host>`;
const refusals = ({ refused }: FleetResult): readonly string[] =>
  refused.map(({ error }) => `${error.code}: ${error.message}`);
const states = (result: FleetResult): readonly string[] =>
  [...result.hosts, ...result.unknown].map(({ host, state }) => `${host.name} ${state}`);

afterEach(async () => {
  const mistakes = await hosts.mistakes();
  if (mistakes.length > 0) throw new Error(mistakes.join('\n'));
});

describe('a desired state on many hosts', () => {
  it('is packed, and a second time nothing is done', async () => {
    hosts = new Hosts({ gpu1: M60, gpu2: M60, gpu3: M60 });
    const desired = [1, 2, 3].map((n) => vgpu(n));
    const planned = await hosts.apply(desired, { isDry: true });
    expect(states(planned)).toEqual(['gpu1 answered']);
    expect(await hosts.there()).toEqual([]);
    expect(states(await hosts.apply(desired))).toEqual(['gpu1 answered']);
    expect(await hosts.there()).toEqual(['gpu1: 1 2 3']);
    const again = await hosts.apply(desired);
    expect(again.hosts).toMatchObject([{ value: { done: { actions: [] } } }]);
  });

  it('is spread', async () => {
    hosts = new Hosts({ gpu1: M60, gpu2: M60, gpu3: M60 });
    await hosts.apply(
      [1, 2, 3].map((n) => vgpu(n)),
      { policy: 'spread' },
    );
    expect(await hosts.there()).toEqual(['gpu1: 1', 'gpu2: 2', 'gpu3: 3']);
  });

  it('has the devices of a group and of a domain on one host, and names and labels are kept to', async () => {
    hosts = new Hosts({ gpu1: M60, gpu2: A40, gpu3: M60 });
    const desired = [
      `<devices>${vgpu(1, 'a')}${vgpu(2, 'b', on('gpu3'))}\n${vgpu(3, 'a', labelled(M60))}</devices>`,
      vgpu(4, 'c'),
      domainXml('vm', [uuidOf(2), uuidOf(4)]),
      wishXml({ uuid: uuidOf(5), type: 'nvidia-558', group: 'd' }),
    ];
    expect(refusals(await hosts.apply(desired))).toEqual([]);
    expect(await hosts.there()).toEqual(['gpu2: 5', 'gpu3: 1 2 3 4']);
  });

  it('a domain may name the host, in its metadata', async () => {
    hosts = new Hosts({ gpu1: M60, gpu2: M60 });
    const metadata =
      "<metadata><x:host xmlns:x='urn:virt-nodedev:fleet:1' name='gpu2'/></metadata>";
    const domain = domainXml('vm', [uuidOf(1)]).replace('<devices>', `${metadata}<devices>`);
    await hosts.apply([vgpu(1), domain]);
    expect(await hosts.there()).toEqual(['gpu2: 1']);
  });

  it('prunes on every host, but nothing while something is refused', async () => {
    hosts = new Hosts({ gpu1: M60, gpu2: M60 });
    await hosts.apply([vgpu(1, 'a', on('gpu1')), vgpu(2, 'b', on('gpu2'))]);
    await hosts.apply([vgpu(2, 'b'), vgpu(3, 'c', on('gpu9'))], { prune: true });
    expect(await hosts.there()).toEqual(['gpu1: 1', 'gpu2: 2']);
    await hosts.apply([vgpu(2, 'b')], { prune: true });
    expect(await hosts.there()).toEqual(['gpu2: 2']);
  });
});

describe('what is refused', () => {
  const cases: readonly (readonly [what: string, desired: readonly string[], message: RegExp])[] = [
    ['no such host', [vgpu(1, 'a', on('gpu9'))], /none is called 'gpu9'/u],
    ['no such label', [vgpu(1, 'a', labelled('x'))], /none is labelled 'x'/u],
    ['a device without uuid', [wishXml({ type: 'nvidia-18' })], /it has no <uuid>/u],
    [
      'a device with a parent',
      [wishXml({ uuid: uuidOf(1), type: 'nvidia-18', parent: 'pci_0000_86_00_0' })],
      /it has a <parent>/u,
    ],
    ['a domain whose device is nowhere', [domainXml('vm', [uuidOf(7)])], /uses what no host has/u],
    [
      'a type that none has',
      [wishXml({ uuid: uuidOf(1), type: 'nvidia-99' })],
      /no host has room for/u,
    ],
    [
      'more than one host takes',
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => vgpu(n, 'all')),
      /no host has room for 'all'/u,
    ],
  ];
  it.each(cases)('%s', async (_, desired, message) => {
    hosts = new Hosts({ gpu1: M60, gpu2: M60 });
    const result = await hosts.apply([...desired, vgpu(20, 'other')]);
    expect(refusals(result)).toEqual([expect.stringMatching(message)]);
    // What is refused is in nobody's way.
    expect(await hosts.there()).toEqual(['gpu1: 20']);
  });

  it('a unit on two hosts, in the text and in fact', async () => {
    hosts = new Hosts({ gpu1: M60, gpu2: M60 });
    await expect(
      hosts.apply([vgpu(1, 'a', on('gpu1')), vgpu(2, 'a', on('gpu2'))]),
    ).rejects.toMatchObject({
      code: 'request-invalid',
    });
    await hosts.apply([vgpu(1, 'a', on('gpu1')), vgpu(2, 'b', on('gpu2'))]);
    expect(refusals(await hosts.apply([vgpu(1, 'c'), vgpu(2, 'c')]))).toEqual([
      expect.stringMatching(/on several hosts/u),
    ]);
    expect(refusals(await hosts.apply([vgpu(1, 'a', on('gpu2'))]))).toEqual([
      expect.stringMatching(/where it is not to be/u),
    ]);
  });

  it('tells why host by host', async () => {
    hosts = new Hosts({ gpu1: M60, gpu2: A40 });
    const { refused } = await hosts.apply([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => vgpu(n, 'all')));
    expect(refused[0]?.error.hint).toMatch(/^gpu1: .*; gpu2: .*nvidia-18/u);
  });
});

describe('a host that is away', () => {
  const away = (name: string, trouble: Trouble): void => {
    hosts.trouble.set(name, trouble);
  };

  it('is unknown: what may be on it is placed nowhere, and what names others is done', async () => {
    hosts = new Hosts({ gpu1: M60, gpu2: M60, gpu3: M60 });
    away('gpu2', { isAway: true });
    const result = await hosts.apply([vgpu(1), vgpu(2, 'b', on('gpu3')), vgpu(3, 'c', on('gpu2'))]);
    expect(refusals(result)).toEqual([
      expect.stringMatching(/^host-unreached: 'vm1' may be on a host that was not reached: gpu2/u),
      expect.stringMatching(/^host-unreached: 'c' waits/u),
    ]);
    expect(states(result)).toEqual(['gpu3 answered', 'gpu2 unknown']);
    expect(await hosts.there()).toEqual(['gpu3: 2']);
  });

  it('a record of what was sent lets new devices be placed, and those that were sent to it wait', async () => {
    hosts = new Hosts({ gpu1: M60, gpu2: M60 });
    const known = new Map<string, string>();
    const record = {
      read: () => Promise.resolve(known),
      keep: async (sent: readonly (readonly [string, string])[]) => {
        for (const [uuid, host] of sent) known.set(uuid, host);
      },
    };
    away('gpu1', { losesAnswer: true });
    const lost = await hosts.apply([vgpu(1)], { record });
    expect(states(lost)).toEqual(['gpu1 unknown']);
    away('gpu1', { isAway: true });
    const next = await hosts.apply([vgpu(1), vgpu(2)], { record });
    expect(refusals(next)).toEqual([expect.stringMatching(/'vm1' waits: host 'gpu1'/u)]);
    expect(await hosts.there()).toEqual(['gpu1: 1', 'gpu2: 2']);
    away('gpu1', {});
    expect(refusals(await hosts.apply([vgpu(1), vgpu(2)], { record }))).toEqual([]);
    expect(await hosts.there()).toEqual(['gpu1: 1', 'gpu2: 2']);
  });

  it('that is lost in the middle is told so, its part goes to no other host, and the next apply goes on', async () => {
    hosts = new Hosts({ gpu1: M60, gpu2: M60 });
    away('gpu1', { losesRequest: true });
    const desired = [1, 2].map((n) => vgpu(n));
    expect(states(await hosts.apply(desired, { policy: 'spread' }))).toEqual([
      'gpu1 unknown',
      'gpu2 answered',
    ]);
    expect(await hosts.there()).toEqual(['gpu2: 2']);
    away('gpu1', {});
    await hosts.apply(desired, { policy: 'spread' });
    expect(await hosts.there()).toEqual(['gpu1: 1', 'gpu2: 2']);
  });
});

it('a host that has changed meanwhile is looked at anew, and the next candidate is taken when it is full', async () => {
  hosts = new Hosts({ gpu1: M60, gpu2: M60 });
  let isFirst = true;
  hosts.trouble.set('gpu1', {
    beforeApply: async () => {
      if (!isFirst) return;
      isFirst = false;
      const { given } = hosts;
      const parents = ['pci_0000_86_00_0', 'pci_0000_87_00_0'];
      for (const [index, parent] of parents.entries()) {
        await given
          .get('gpu1')
          ?.connection.create(wishXml({ uuid: uuidOf(80 + index), parent, type: 'nvidia-22' }));
      }
    },
  });
  expect(refusals(await hosts.apply([vgpu(1), vgpu(2)]))).toEqual([]);
  expect(await hosts.there()).toEqual([expect.stringMatching(/^gpu1/u), 'gpu2: 1 2']);
});

const action = fc.record({
  planner: fc.nat(1),
  units: fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 5 }),
  size: fc.integer({ min: 1, max: 3 }),
  policy: fc.constantFrom('pack' as const, 'spread' as const),
  away: fc.option(fc.nat(2)),
  loses: fc.constantFrom(undefined, 'losesAnswer' as const, 'losesRequest' as const),
});

it('two planners at a time never give a card more than it takes, nor a device to two hosts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(action, action), { minLength: 1, maxLength: 4 }),
      async (rounds) => {
        hosts = new Hosts({ gpu0: M60, gpu1: M60, gpu2: M60 });
        const desiredOf = (
          { planner, units, size }: (typeof rounds)[number][0],
          side: number,
        ): readonly string[] =>
          units.flatMap((unit) =>
            Array.from({ length: size }, (_, index) => {
              const n = 1 + side * 500 + planner * 200 + unit * 10 + index;
              return vgpu(n, `g${side}-${planner}-${unit}`);
            }),
          );
        for (const [one, other] of rounds) {
          for (const { name } of hosts.hosts) hosts.trouble.set(name, {});
          if (one.away !== null) hosts.trouble.set(`gpu${one.away}`, { isAway: true });
          if (other.loses !== undefined) hosts.trouble.set('gpu1', { [other.loses]: true });
          await Promise.all([
            hosts.apply(desiredOf(one, 0), { policy: one.policy }),
            hosts.apply(desiredOf(other, 1), { policy: other.policy }),
          ]);
          expect(await hosts.mistakes()).toEqual([]);
        }
      },
    ),
    { numRuns: 15 },
  );
});
