import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { connect } from '../../src/remote/connect.ts';
import type { CardInfo } from '../../src/engine/card-info.ts';
import { unpackCard } from '../../src/plan/inventory.ts';
import { reserveAll } from '../../src/reservations/reserve-all.ts';
import { Planner } from '../../src/reservations/planner.ts';
import { release } from '../../src/reservations/reserve.ts';
import type { Reservation } from '../../src/reservations/records.ts';
import { roomLeft } from '../../src/reservations/room-left.ts';
import { fleet } from './fleet.ts';

const U = '11111111-2222-4333-8444-000000000001';
const vm = (name: string, type = 'nvidia-22', count = 1) => {
  return { domain: { name }, devices: [{ type, count }] };
};

describe('room', () => {
  it('is never reserved twice by planners that do not know of each other', async () => {
    const { client, serve } = await fleet();
    await serve('gpu1');
    await serve('gpu2');
    // Each M60 has two GPUs with room for one nvidia-22.
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) => new Planner(client).reserve(vm(`vm${n}`))),
    );
    const made = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    const places = made.map(({ host, devices }) => `${host} ${devices[0]?.parent}`);
    expect(places).toHaveLength(4);
    expect(new Set(places).size).toBe(4);
    const refused = results.flatMap((one) => (one.status === 'rejected' ? [one] : []));
    const none = {
      code: 'reservation-refused',
      issues: [{ message: expect.stringMatching(/^gpu1, gpu2: /u) }],
    };
    expect(refused).toMatchObject(Array.from({ length: 6 }, () => ({ reason: none })));
  });

  it('is given again when it was released', async () => {
    const { client, planner, serve } = await fleet();
    await serve('gpu1');
    await planner.reserve(vm('a'));
    await planner.reserve(vm('b'));
    await expect(planner.reserve(vm('c'))).rejects.toMatchObject({ code: 'reservation-refused' });
    await release(client, 'a');
    const again = new Planner(client);
    expect(await again.reserve(vm('c'))).toMatchObject({ host: 'gpu1' });
  });

  it('a planner that looked before the host changed looks again', async () => {
    const { client, planner, serve } = await fleet();
    const gpu1 = await serve('gpu1');
    await planner.reserve(vm('a', 'nvidia-18'));
    await gpu1.host.create(
      `<device><parent>pci_0000_87_00_0</parent><capability type='mdev'><type id='nvidia-22'/></capability></device>`,
    );
    await expect
      .poll(
        async () => {
          const other = new Planner(client);
          return other.reserve(vm('never')).then(
            () => release(client, 'never').then(() => 'room'),
            () => 'none',
          );
        },
        { timeout: 60_000 },
      )
      .toBe('none');
    await expect(planner.reserve(vm('b'))).rejects.toMatchObject({ code: 'reservation-refused' });
  });

  it('that others have released is found by a planner that had seen none', async () => {
    const { client, planner, serve } = await fleet();
    await serve('gpu1');
    const other = new Planner(client);
    await other.reserve(vm('a'));
    await planner.reserve(vm('b'));
    await expect(other.reserve(vm('c'))).rejects.toMatchObject({ code: 'reservation-refused' });
    await release(client, 'b');
    expect(await other.reserve(vm('c'))).toMatchObject({ host: 'gpu1' });
    await serve('gpu2');
    expect(await other.reserve(vm('d'))).toMatchObject({ host: 'gpu2' });
  });

  it('is refused by one look at what has changed, not at all hosts', async () => {
    const { client, planner, serve } = await fleet();
    await serve('gpu1');
    await planner.reserve(vm('a'));
    await planner.reserve(vm('b'));
    const read = vi.spyOn(client, 'read');
    // The agent may have told something meanwhile; then that is read.
    await expect(planner.reserve(vm('c'))).rejects.toMatchObject({ code: 'reservation-refused' });
    read.mockClear();
    await expect(planner.reserve(vm('c'))).rejects.toMatchObject({ code: 'reservation-refused' });
    const all = read.mock.calls.filter(([, options]) => options?.isPrefix === true);
    expect(all.map(([, options]) => options?.after)).not.toContain(undefined);
  });

  it('of a host whose agent does not live is unknown', async () => {
    const { planner, serve } = await fleet();
    await (await serve('gpu1')).stop();
    await expect(planner.reserve(vm('a'))).rejects.toMatchObject({
      issues: [{ message: 'gpu1: its agent does not live' }],
    });
  });
});

describe('a reservation', () => {
  it('is one for each domain', async () => {
    const { client, planner, serve } = await fleet();
    await serve('gpu1');
    await planner.reserve(vm('a'));
    await expect(new Planner(client).reserve(vm('a'))).rejects.toMatchObject({
      code: 'reservation-exists',
    });
  });

  it('is the same when the first answer is lost', async () => {
    const { etcd, planner, serve } = await fleet();
    await serve('gpu1');
    await planner.reserve(vm('a'));
    // The transaction is done, and its answer is not sent.
    etcd.onRequest = (path) => {
      if (path !== '/v3/kv/txn') return;
      etcd.onRequest = () => undefined;
      setImmediate(() => {
        etcd.cut();
      });
    };
    const made = await planner.reserve(vm('b'));
    expect(etcd.values.get('/virt-nodedev/v1/hosts/gpu1/desired/b')).toContain(
      made.devices[0]?.uuid,
    );
  });

  it.each([
    ['a/b', 1],
    ['a', 0],
    ['a', 126],
  ])('of %o with %i devices is refused', async (name, count) => {
    const { planner } = await fleet();
    await expect(planner.reserve(vm(name, 'nvidia-18', count))).rejects.toMatchObject({
      code: 'request-invalid',
    });
  });

  it('of types that do not go into one VM is refused before any of them is made', async () => {
    const { planner, serve } = await fleet();
    await serve('gpu1');
    const devices = [{ type: 'nvidia-18' }, { type: 'nvidia-11' }];
    await expect(planner.reserve({ domain: { name: 'a' }, devices })).rejects.toMatchObject({
      issues: [{ message: expect.stringContaining('do not go into one VM') }],
    });
  });

  it('of several domains is made for all or none, and says so', async () => {
    const { etcd, client, serve } = await fleet();
    await serve('gpu1');
    expect(await reserveAll(client, [vm('a')])).toHaveLength(1);
    const before = [...etcd.values.keys()].filter((key) => !key.endsWith('/removed'));
    await expect(reserveAll(client, [vm('b'), vm('c')])).rejects.toMatchObject({
      code: 'reservation-refused',
      issues: [{ message: expect.stringContaining('gpu1') }],
    });
    await expect(
      reserveAll(client, [vm('b', 'nvidia-18'), vm('a', 'nvidia-18')]),
    ).rejects.toMatchObject({
      code: 'reservation-exists',
      issues: [{ code: 'undone' }],
    });
    const after = [...etcd.values.keys()].filter((key) => !key.endsWith('/removed'));
    expect(after).toEqual(before);
  });
});

it('what is left is the same, whichever part of the reservations is carried out', async () => {
  const host = await connect('test:///nvidia-m60');
  const cards = async () => (await host.inventory()).cards.map(unpackCard);
  const empty = await cards();
  const counts = (left: readonly CardInfo[] | undefined) =>
    left?.map(({ parents }) =>
      parents.map(({ types }) =>
        types.map(({ id, availableInstances }) => [id, availableInstances]),
      ),
    );
  const parents = ['pci_0000_86_00_0', 'pci_0000_87_00_0'] as const;
  const types = ['nvidia-18', 'nvidia-19', 'nvidia-21', 'nvidia-22'] as const;
  const one = fc.record({ parent: fc.constantFrom(...parents), type: fc.constantFrom(...types) });
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 6 }), fc.nat(6), async (asked, done) => {
      const devices = asked.map((each, n) => ({ ...each, uuid: U.slice(0, -1) + String(n) }));
      const reservation: Reservation = {
        version: 1,
        state: 'wanted',
        domain: { name: 'a' },
        devices,
      };
      const all = roomLeft(empty, devices.length === 0 ? [] : [reservation]);
      fc.pre(all !== undefined);
      const made = devices.slice(0, done);
      for (const { uuid, parent, type } of made) {
        await host.create(
          `<device><parent>${parent}</parent><capability type='mdev'><type id='${type}'/><uuid>${uuid}</uuid></capability></device>`,
        );
      }
      expect(counts(roomLeft(await cards(), [reservation]))).toEqual(counts(all));
      if (made.length > 0) await host.destroy(made.map(({ uuid }) => uuid));
    }),
    { numRuns: 60 },
  );
});
