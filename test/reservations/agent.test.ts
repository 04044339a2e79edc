import { describe, expect, it } from 'vitest';
import { connect } from '../../src/remote/connect.ts';
import { carryOut, release } from '../../src/reservations/reserve.ts';
import { readHost } from '../../src/reservations/view.ts';
import { type Fleet, fleet, type Served } from './fleet.ts';

const WAIT = { timeout: 60_000 };
const U = '11111111-2222-4333-8444-000000000001';
const HOST = '/virt-nodedev/v1/hosts/gpu1';

async function devicesOf({ host }: Served): Promise<readonly unknown[]> {
  const { items } = await host.list({ capabilities: ['mdev'] });
  return items.map(({ uuid, group, owner }) => ({ uuid, group, owner: owner?.name }));
}

const problemsOf = async ({ client }: Fleet): Promise<readonly (string | undefined)[]> =>
  (await readHost(client, 'gpu1')).report?.problems.map(({ code }) => code) ?? [];

const write = ({ client }: Fleet, key: string, value: unknown) =>
  client.transact({ compare: [], put: [{ key, value: JSON.stringify(value) }] });

/** A reservation that no planner has made. */
const order = (uuid: string, more: object = {}) => ({
  version: 1,
  state: 'wanted',
  domain: { name: 'vm1' },
  devices: [{ uuid, parent: 'pci_0000_86_00_0', type: 'nvidia-18' }],
  ...more,
});

describe.each([
  ['test:///nvidia-m60', 'nvidia-18'],
  ['test:///nvidia-l40s', 'L40S-12Q'],
  ['test:///kernel-samples', 'mbochs-small'],
])('the life of a reservation on %s', (uri, type) => {
  it('is reserved, made, released, and gone', async () => {
    const all = await fleet();
    const { etcd, client, planner, serve } = all;
    const gpu1 = await serve('gpu1', uri);
    const devices = [{ type, count: 2 }];
    const reserved = await planner.reserve({ domain: { name: 'vm1' }, devices });
    expect(reserved).toMatchObject({ host: 'gpu1', state: 'reserved', domain: { name: 'vm1' } });
    expect(await devicesOf(gpu1)).toEqual([]);
    await carryOut(client, 'vm1');
    const wanted = reserved.devices.map(({ uuid }) => {
      return { uuid, group: 'fleet:vm1', owner: 'vm1' };
    });
    await expect.poll(() => devicesOf(gpu1), WAIT).toHaveLength(2);
    expect(await devicesOf(gpu1)).toEqual(expect.arrayContaining(wanted));
    await release(client, 'vm1');
    const left = ['alive', 'inventory', 'labels', 'removed', 'report', 'session'];
    await expect
      .poll(() => [...etcd.values.keys()].toSorted(), WAIT)
      .toEqual(left.map((name) => `${HOST}/${name}`));
    expect(await devicesOf(gpu1)).toEqual([]);
    expect(gpu1.told).toEqual([]);
  });
});

it('what happened while the agent was away is done when it is back, and its end frees nothing', async () => {
  const { client, planner, serve } = await fleet();
  const first = await serve('gpu1');
  for (const name of ['vm1', 'vm2']) {
    await planner.reserve({ domain: { name }, devices: [{ type: 'nvidia-18' }] });
  }
  await carryOut(client, 'vm1');
  await expect.poll(() => devicesOf(first), WAIT).toHaveLength(1);
  await first.stop();
  expect(await readHost(client, 'gpu1')).toMatchObject({
    isAlive: false,
    reservations: [{ state: 'wanted' }, { state: 'reserved' }],
  });
  expect(await devicesOf(first)).toHaveLength(1);
  await carryOut(client, 'vm2');
  await release(client, 'vm1');
  await serve('gpu1', first.host);
  await expect
    .poll(() => devicesOf(first), WAIT)
    .toEqual([expect.objectContaining({ group: 'fleet:vm2', owner: 'vm2' })]);
});

it("a group that somebody gave to another domain stays that domain's", async () => {
  const all = await fleet();
  const { client, planner, serve } = all;
  const first = await serve('gpu1');
  await planner.reserve({ domain: { name: 'vm1' }, devices: [{ type: 'nvidia-18' }] });
  await carryOut(client, 'vm1');
  await expect.poll(() => devicesOf(first), WAIT).toHaveLength(1);
  await first.stop();
  await first.host.release('fleet:vm1');
  await first.host.claim('fleet:vm1', { name: 'by-hand' });
  await release(client, 'vm1');
  await serve('gpu1', first.host);
  await expect.poll(() => problemsOf(all), WAIT).toEqual(['group-owned']);
  expect(await devicesOf(first)).toEqual([
    expect.objectContaining({ group: 'fleet:vm1', owner: 'by-hand' }),
  ]);
});

it('after a compaction and a reboot of the host it goes on', async () => {
  const { etcd, client, planner, serve } = await fleet();
  const gpu1 = await serve('gpu1');
  await planner.reserve({ domain: { name: 'vm1' }, devices: [{ type: 'nvidia-18' }] });
  etcd.compact();
  etcd.cut();
  await carryOut(client, 'vm1');
  await expect.poll(() => devicesOf(gpu1), WAIT).toHaveLength(1);
  await gpu1.host.resetHost();
  await expect.poll(() => devicesOf(gpu1), WAIT).toHaveLength(1);
});

it('of two agents with one name the later one goes on, the other does nothing more', async () => {
  const all = await fleet();
  const { client, planner, serve } = all;
  const first = await serve('gpu1');
  const second = await serve('gpu1', await connect('test:///nvidia-m60'));
  await expect(first.ended).rejects.toMatchObject({ code: 'agent-replaced' });
  await planner.reserve({ domain: { name: 'vm1' }, devices: [{ type: 'nvidia-18' }] });
  await carryOut(client, 'vm1');
  await expect.poll(() => devicesOf(second), WAIT).toHaveLength(1);
  expect(await devicesOf(first)).toEqual([]);
  expect((await readHost(client, 'gpu1')).isAlive).toBe(true);
});

describe('an agent that another one has replaced', () => {
  const other = { [`${HOST}/session`]: 'another agent' };

  it('looks whether it is, before it makes or destroys a device', async () => {
    const all = await fleet();
    const gpu1 = await all.serve('gpu1');
    await write(all, `${HOST}/desired/vm1`, order(U));
    // It has told of the device, so that it has nothing to write until something happens.
    await expect.poll(() => all.etcd.values.get(`${HOST}/inventory`), WAIT).toContain(U);
    const before = await devicesOf(gpu1);
    const [released, wanted] = [
      order(U, { state: 'released' }),
      order(U.replace('1', '2'), { domain: { name: 'vm2' } }),
    ];
    all.etcd.put({
      ...other,
      [`${HOST}/desired/vm1`]: JSON.stringify(released),
      [`${HOST}/desired/vm2`]: JSON.stringify(wanted),
    });
    await expect(gpu1.ended).rejects.toMatchObject({ code: 'agent-replaced' });
    expect(await devicesOf(gpu1)).toEqual(before);
  });

  // It is replaced after it has looked, when its next transaction is on its way.
  const cases: readonly (readonly [
    what: string,
    key: string,
    begin: (all: Fleet, host: Served) => unknown,
  ])[] = [
    [
      'an inventory',
      `${HOST}/inventory`,
      (_, { host }) =>
        host.create(
          "<device><parent>pci_0000_87_00_0</parent><capability type='mdev'><type id='nvidia-18'/></capability></device>",
        ),
    ],
    [
      'the end of a reservation',
      `${HOST}/desired/vm1`,
      ({ etcd }) => {
        etcd.put({ [`${HOST}/desired/vm1`]: JSON.stringify(order(U, { state: 'released' })) });
      },
    ],
    [
      'that it lives',
      `${HOST}/alive`,
      ({ etcd }) => {
        etcd.endLeases();
      },
    ],
  ];
  it.each(cases)('writes nothing more: %s', async (_, key, begin) => {
    const all = await fleet();
    const { etcd } = all;
    const gpu1 = await all.serve('gpu1');
    let before: string | undefined;
    etcd.onRequest = (path) => {
      if (path !== '/v3/kv/txn') return;
      etcd.onRequest = () => undefined;
      before = etcd.values.get(key);
      etcd.put(other);
    };
    await begin(all, gpu1);
    await expect(gpu1.ended).rejects.toMatchObject({ code: 'agent-replaced' });
    expect(etcd.values.get(`${HOST}/session`)).toBe('another agent');
    expect(etcd.values.get(key)).toBe(before);
  });
});

it('a device in use is destroyed when it is no more', async () => {
  const all = await fleet();
  const { client, planner, serve } = all;
  const gpu1 = await serve('gpu1');
  const { devices } = await planner.reserve({
    domain: { name: 'vm1' },
    devices: [{ type: 'nvidia-18' }],
  });
  await carryOut(client, 'vm1');
  await expect.poll(() => devicesOf(gpu1), WAIT).toHaveLength(1);
  await gpu1.host.startDomain(
    `<domain type='kvm'><name>vm1</name><devices><hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${devices[0]?.uuid}'/></source></hostdev></devices></domain>`,
  );
  await release(client, 'vm1');
  await expect.poll(() => problemsOf(all), WAIT).toEqual(['group-open']);
  expect(await devicesOf(gpu1)).toHaveLength(1);
  await gpu1.host.stopDomain('vm1');
  await gpu1.host.create(
    "<device><parent>pci_0000_87_00_0</parent><capability type='mdev'><type id='nvidia-18'/></capability></device>",
  );
  await expect.poll(async () => (await readHost(client, 'gpu1')).reservations, WAIT).toEqual([]);
  expect(await devicesOf(gpu1)).toHaveLength(1);
});

describe('what was not made by an agent stays, whatever etcd says', () => {
  const device = (type: string) =>
    `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='${type}'/><uuid>${U}</uuid></capability></device>`;

  it.each([
    ['wanted', 1, ['reservation-refused']],
    ['released', 0, []],
  ])('a device that was made by hand, and is %s', async (state, left, problems) => {
    const all = await fleet();
    const gpu1 = await all.serve('gpu1');
    await gpu1.host.create(device('nvidia-18'));
    const before = await devicesOf(gpu1);
    await write(all, `${HOST}/desired/vm1`, order(U, { state }));
    await expect
      .poll(async () => (await readHost(all.client, 'gpu1')).reservations, WAIT)
      .toHaveLength(left);
    await expect.poll(() => problemsOf(all), WAIT).toEqual(problems);
    expect(await devicesOf(gpu1)).toEqual(before);
  });

  it('a definition that was made by hand', async () => {
    const all = await fleet();
    const gpu1 = await all.serve('gpu1');
    await gpu1.host.define(device('nvidia-18'));
    await write(all, `${HOST}/desired/vm1`, order(U));
    await expect.poll(() => problemsOf(all), WAIT).toEqual(['reservation-refused']);
    expect(await devicesOf(gpu1)).toEqual([]);
  });

  it('what an agent made, when etcd has lost everything', async () => {
    const all = await fleet();
    const gpu1 = await all.serve('gpu1');
    await write(all, `${HOST}/desired/vm1`, order(U));
    await expect.poll(() => devicesOf(gpu1), WAIT).toHaveLength(1);
    await all.client.transact({ compare: [], delete: [`${HOST}/desired/vm1`] });
    await expect.poll(() => problemsOf(all), WAIT).toEqual(['reservation-unknown']);
    expect(await devicesOf(gpu1)).toHaveLength(1);
  });

  it('claims and reservations of other hosts', async () => {
    const all = await fleet();
    await all.serve('gpu1');
    const claim = { version: 1, host: 'gpu2', owner: 'fleet', domain: { name: 'other' } };
    await write(all, `/virt-nodedev/v1/claims/${U}`, claim);
    await write(all, '/virt-nodedev/v1/reservations/vm1', { version: 1, host: 'gpu2' });
    await write(all, `${HOST}/desired/vm1`, order(U, { state: 'released' }));
    await expect
      .poll(async () => (await readHost(all.client, 'gpu1')).reservations, WAIT)
      .toEqual([]);
    expect(all.etcd.values.has(`/virt-nodedev/v1/claims/${U}`)).toBe(true);
    expect(all.etcd.values.has('/virt-nodedev/v1/reservations/vm1')).toBe(true);
  });
});

it('what cannot be read or done is reported, and stands in the way of nothing else', async () => {
  const all = await fleet();
  const gpu1 = await all.serve('gpu1');
  await write(all, `${HOST}/desired/a`, { ...order(U), command: 'reboot' });
  await write(all, `${HOST}/desired/b`, order(U));
  await write(all, `${HOST}/desired/c`, {
    ...order(U.replace('1', '2')),
    domain: { name: 'c' },
    devices: [{ uuid: U, parent: 'pci_0000_86_00_0', type: 'nvidia-999' }],
  });
  await write(all, `${HOST}/desired/vm1`, order(U.replace('1', '3')));
  await expect
    .poll(() => problemsOf(all), WAIT)
    .toEqual(['record-invalid', 'record-invalid', 'type-unknown']);
  await expect.poll(() => devicesOf(gpu1), WAIT).toHaveLength(1);
});

it('while etcd does not answer nothing is done, and it is told once', async () => {
  const all = await fleet();
  const gpu1 = await all.serve('gpu1');
  all.etcd.isFrozen = true;
  await expect.poll(() => gpu1.told.at(-1)?.code, WAIT).toBe('etcd-unavailable');
  all.etcd.isFrozen = false;
  await expect.poll(() => gpu1.told.at(-1), WAIT).toBeUndefined();
  await write(all, `${HOST}/desired/vm1`, order(U));
  await expect.poll(() => devicesOf(gpu1), WAIT).toHaveLength(1);
});
