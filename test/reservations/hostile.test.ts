import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodedevError } from '../../src/errors.ts';
import { connect } from '../../src/remote/connect.ts';
import { type HostInventory } from '../../src/plan/inventory.ts';
import { SeenHosts } from '../../src/reservations/seen-hosts.ts';
import { viewOf } from '../../src/reservations/view.ts';
import { fleet } from './fleet.ts';

const WAIT = { timeout: 60_000 };
const HOST = '/virt-nodedev/v1/hosts/gpu1';
const BY_HAND = '11111111-2222-4333-8444-000000000001';

const NASTY: readonly unknown[] = [
  '',
  '/etc/passwd',
  '../../etc/passwd',
  '..',
  'a/b',
  '-rf',
  '$(reboot)',
  '\u0000',
  '\ud800',
  '\ufffd',
  '\ufffe',
  '\'"<&]]>',
  '__proto__',
  'x'.repeat(100_000),
  'nvidia-18',
  'pci_0000_86_00_0',
  BY_HAND,
  0,
  -1,
  1e308,
  0.5,
  2 ** 53,
  true,
  null,
  [],
  {},
  [[]],
];
const nasty = fc.constantFrom(...NASTY);

/** A value of JSON in which some places have something else, or one member more. */
function spoilt(value: unknown): fc.Arbitrary<unknown> {
  const places = placesIn(value);
  const change = fc.record({
    place: fc.constantFrom(...places),
    to: nasty,
    more: fc.option(fc.constantFrom('script', 'command', 'file', '__proto__', 'version')),
    isGone: fc.boolean(),
  });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    let text = JSON.stringify(value);
    for (const { place, to, more, isGone } of changes) {
      const copy: unknown = JSON.parse(text);
      const parent: unknown = place
        .slice(0, -1)
        .reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), copy);
      const last = place.at(-1);
      if (!isObject(parent) || last === undefined) continue;
      if (more !== null) Object.defineProperty(parent, more, { value: to, enumerable: true });
      else if (isGone && !Array.isArray(parent)) Reflect.deleteProperty(parent, last);
      else parent[last] = to;
      text = JSON.stringify(copy);
    }
    const changed: unknown = JSON.parse(text);
    return changed;
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

function placesIn(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  const below = isObject(value)
    ? Object.entries(value).flatMap(([key, each]) => placesIn(each, [...at, key]))
    : [];
  return at.length === 0 ? below : [at, ...below];
}

const reservation = {
  version: 1,
  state: 'wanted',
  domain: { name: 'vm1' },
  devices: [
    {
      uuid: '22222222-2222-4333-8444-000000000001',
      parent: 'pci_0000_86_00_0',
      type: 'nvidia-18',
    },
  ],
};
const devicesMade = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    uuid: `33333333-2222-4333-8444-${String(n).padStart(12, '0')}`,
    parent: 'pci_0000_86_00_0',
    type: 'nvidia-18',
  }));

it('an agent makes and destroys nothing but what is a reservation, and goes on, whatever stands in etcd', async () => {
  const { etcd, serve } = await fleet({ ttl: 3600 });
  const gpu1 = await serve('gpu1');
  await gpu1.host.create(
    `<device><parent>pci_0000_87_00_0</parent><capability type='mdev'><type id='nvidia-18'/><uuid>${BY_HAND}</uuid><group>by-hand</group></capability></device>`,
  );
  const key = fc.oneof(
    fc.constantFrom('vm1', 'vm1', '', 'a/b', '..', '\ufffd', 'x'.repeat(5000), "'<&>"),
    fc.string({ maxLength: 5 }),
  );
  const value = fc.oneof(
    spoilt(reservation).map((each) => JSON.stringify(each)),
    spoilt({ ...reservation, state: 'released' }).map((each) => JSON.stringify(each)),
    fc.constantFrom(
      '',
      '{',
      '['.repeat(200_000),
      JSON.stringify({ ...reservation, devices: devicesMade(500) }),
      JSON.stringify({ ...reservation, state: 'released', devices: devicesMade(126) }),
      JSON.stringify({ ...reservation, devices: devicesMade(125) }),
    ),
  );
  const other = fc.constantFrom(
    'inventory',
    'labels',
    'report',
    'removed',
    'desired',
    'desired/vm1/x',
    'other/../gpu1',
  );
  const entry = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(
        key.map((each) => `desired/${each}`),
        value,
      ),
    },
    fc.tuple(other, value),
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 4 }), async (entries) => {
      run += 1;
      const good = `44444444-2222-4333-8444-${String(run).padStart(12, '0')}`;
      const canary = {
        ...reservation,
        domain: { name: 'canary' },
        devices: [{ ...reservation.devices[0], parent: 'pci_0000_87_00_0', uuid: good }],
      };
      etcd.put({
        ...Object.fromEntries(entries.map(([name, text]) => [`${HOST}/${name}`, text])),
        [`${HOST}/desired/canary`]: JSON.stringify(canary),
      });
      const uuids = async () => {
        const { items } = await gpu1.host.list({ capabilities: ['mdev'] });
        return items.map(({ uuid, group }) => `${uuid} ${group}`);
      };
      await expect.poll(uuids, WAIT).toContain(`${good} fleet:canary`);
      const asked = entries.map(([, text]) => text).join(' ');
      for (const device of await uuids()) {
        const [uuid = '', group = ''] = device.split(' ');
        const isAsked = asked.includes(uuid) || uuid === good;
        expect([device, uuid === BY_HAND ? group === 'by-hand' : isAsked]).toEqual([device, true]);
      }
      // All of it ends: what is not a reservation is taken away by hand.
      etcd.remove(`${HOST}/desired/`);
      // When the agent tells of this one it has seen that, and makes nothing of before any more.
      etcd.put({ [`${HOST}/desired/seen${run}`]: '' });
      await expect
        .poll(() => etcd.values.get(`${HOST}/report`), WAIT)
        .toContain(`/desired/seen${run} in etcd`);
      etcd.remove(`${HOST}/desired/`);
      const mine = (await uuids()).filter((each) => !each.startsWith(BY_HAND));
      for (const group of new Set(mine.map((each) => each.split(' ')[1] ?? ''))) {
        await gpu1.host.release(group);
      }
      await gpu1.host.destroy(mine.map((each) => each.split(' ')[0] ?? ''));
      expect(await uuids()).toEqual([`${BY_HAND} by-hand`]);
    }),
    { numRuns: 40 },
  );
}, 300_000);

describe('a planner', () => {
  it.each([
    ['"parents":["0000:86:00.0"]', '"parents":["0000:99:00.0"]'],
    ['"parents":["0000:86:00.0"]', '"parents":["0000:86:00.0","0000:86:00.0"]'],
  ])('does not read an inventory whose cards have other parents: %s, %s', async (from, to) => {
    const text = JSON.stringify(await (await connect('test:///nvidia-m60')).inventory());
    expect(text).toContain(from);
    const key = '/virt-nodedev/v1/hosts/a/inventory';
    const read = (value: string) =>
      viewOf('a', { revision: 1, items: [{ key, value, modRevision: 1 }] });
    expect(read(text)).toMatchObject({ problems: [], cards: [{}, {}] });
    expect(read(text.replace(from, to))).toMatchObject({
      problems: [{ code: 'record-invalid' }],
      cards: undefined,
    });
  });

  it('is not stopped by the inventory of another host, whatever it says', async () => {
    const inventories = await Promise.all(
      ['nvidia-m60', 'nvidia-l40s', 'kernel-samples'].map(async (profile) => {
        const host = await connect(`test:///${profile}`);
        const { items } = await host.types();
        const [type] = items;
        await host.create(
          `<device><parent>${type?.parent}</parent><capability type='mdev'><type id='${type?.id}'/></capability></device>`,
        );
        const { topology: _, ...inventory } = await host.inventory();
        return inventory;
      }),
    );
    const empty = await (await connect('test:///nvidia-m60')).inventory();
    const view = (name: string, text: string) =>
      viewOf(name, {
        revision: 1,
        items: [
          { key: `/virt-nodedev/v1/hosts/${name}/alive`, value: '', modRevision: 1 },
          { key: `/virt-nodedev/v1/hosts/${name}/inventory`, value: text, modRevision: 1 },
        ],
      });
    const good = view('good', JSON.stringify(empty));
    const any = fc
      .constantFrom<Omit<HostInventory, 'topology'>>(...inventories)
      .chain((inventory) => spoilt(inventory));
    const types = fc.constantFrom('nvidia-18', 'M60-2Q', 'framebuffer>=1G', 'mtty-2', 'x');
    fc.assert(
      fc.property(any, types, fc.integer({ min: 1, max: 4 }), (spoiltOne, type, count) => {
        const views = [view('bad', JSON.stringify(spoiltOne)), good];
        const seen = new SeenHosts(new Map(views.map((each) => [each.name, each])));
        const place = (hosts?: readonly string[]) => {
          const request = { domain: { name: 'vm1' }, devices: [{ type, count }] };
          return seen.place(request, { hosts });
        };
        for (const hosts of [['bad'], undefined]) {
          expect(codeOf(() => place(hosts))).toMatch(/^(?:placed|reservation-refused)$/u);
        }
        expect(
          seen.place(
            { domain: { name: 'a' }, devices: [{ type: 'nvidia-18' }] },
            { hosts: ['good'] },
          ).host,
        ).toBe('good');
      }),
      { numRuns: 150 },
    );
  }, 300_000);
});

/** `placed`, or the code of what was thrown. What is no error of ours is thrown on. */
function codeOf(act: () => unknown): string {
  try {
    act();
    return 'placed';
  } catch (error) {
    if (error instanceof NodedevError) return error.code;
    throw error;
  }
}
