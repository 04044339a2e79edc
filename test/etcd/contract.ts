import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { EtcdClient, type WatchNews } from '../../src/etcd/client.ts';

/** A member of etcd under test. */
export interface EtcdUnderTest {
  readonly url: string;
  /** Forgets the history. */
  compact(): Promise<void> | void;
}

/** What the client does with a member, the double or a real one. */
export function etcdContract(name: string, start: () => Promise<EtcdUnderTest>): void {
  describe(`etcd: ${name}`, () => {
    const closing: (() => void)[] = [];
    afterEach(() => {
      for (const close of closing.splice(0)) close();
    });
    /** A client, and a prefix that no other test has. */
    const open = async () => {
      const etcd = await start();
      const client = new EtcdClient({ endpoints: [etcd.url] });
      const ending = new AbortController();
      closing.push(() => {
        ending.abort();
        client.close();
      });
      const put = (key: string, value: string, lease?: string) =>
        client.transact({
          compare: [],
          put: [lease === undefined ? { key, value } : { key, value, lease }],
        });
      return { etcd, client, put, prefix: `/${crypto.randomUUID()}/`, signal: ending.signal };
    };

    it('reads one key, a prefix, and nothing', async () => {
      const { client, put, prefix } = await open();
      await put(`${prefix}a`, 'é\n€');
      await put(`${prefix}b`, '');
      const { items, revision } = await client.read(prefix, { isPrefix: true });
      expect(items.map(({ key, value }) => [key, value])).toEqual([
        [`${prefix}a`, 'é\n€'],
        [`${prefix}b`, ''],
      ]);
      expect(items.at(-1)?.modRevision).toBe(revision);
      expect((await client.read(`${prefix}a`)).items).toHaveLength(1);
      expect((await client.read(`${prefix}none`)).items).toEqual([]);
    });

    it('reads which keys were written after a revision', async () => {
      const { client, put, prefix } = await open();
      await put(`${prefix}a`, '1');
      const after = (await put(`${prefix}b`, '1')) ?? 0;
      const since = async () => {
        const { items } = await client.read(prefix, { isPrefix: true, after });
        return items.map(({ key, value }) => [key, value]);
      };
      expect(await since()).toEqual([]);
      await put(`${prefix}a`, '2');
      await put(`${prefix}c`, '1');
      expect(await since()).toEqual([
        [`${prefix}a`, ''],
        [`${prefix}c`, ''],
      ]);
    });

    it('reads more keys than one answer has', async () => {
      const { client, prefix } = await open();
      const keys = Array.from({ length: 600 }, (_, n) => `${prefix}${String(n).padStart(4, '0')}`);
      for (let at = 0; at < keys.length; at += 100) {
        const put = keys.slice(at, at + 100).map((key) => ({ key, value: key }));
        expect(await client.transact({ compare: [], put })).toBeDefined();
      }
      const { items } = await client.read(prefix, { isPrefix: true });
      expect(items.map(({ key }) => key)).toEqual(keys);
    });

    it('a transaction does all of it or nothing, by its conditions', async () => {
      const { client, put, prefix } = await open();
      const key = `${prefix}a`;
      const all = { key: prefix, isPrefix: true } as const;
      const none = { key, target: 'version', is: 'EQUAL', than: 0 } as const;
      const write = [{ key, value: '1' }];
      expect(await client.transact({ compare: [none], put: write })).toBeDefined();
      expect(await client.transact({ compare: [none], put: write })).toBeUndefined();
      const { revision } = await client.read(key);
      const unchanged = { ...all, target: 'modRevision', is: 'LESS', than: revision + 1 } as const;
      expect(await client.transact({ compare: [unchanged], put: write })).toBeDefined();
      expect(await client.transact({ compare: [unchanged], put: write })).toBeUndefined();
      const isOne = { key, target: 'value', is: 'EQUAL', than: '1' } as const;
      expect(await client.transact({ compare: [isOne], delete: [key] })).toBeDefined();
      expect(await client.transact({ compare: [isOne], delete: [key] })).toBeUndefined();
      const later = (await client.read(prefix)).revision;
      await put(`${prefix}b`, '');
      const stale = { ...all, target: 'modRevision', is: 'LESS', than: later + 1 } as const;
      expect(await client.transact({ compare: [stale], put: write })).toBeUndefined();
    });

    it('a transaction of more than 128 operations is not sent', async () => {
      const { client, prefix } = await open();
      const put = Array.from({ length: 129 }, (_, n) => ({ key: `${prefix}${n}`, value: '' }));
      await expect(client.transact({ compare: [], put })).rejects.toMatchObject({
        code: 'request-invalid',
      });
      expect(await client.transact({ compare: [], put: put.slice(1) })).toBeDefined();
    });

    it('what hangs on a lease goes with it', async () => {
      const { client, put, prefix } = await open();
      const lease = await client.grant(30);
      await put(`${prefix}a`, '', lease);
      expect(await client.keepAlive(lease)).toBe(true);
      await client.revoke(lease);
      expect((await client.read(`${prefix}a`)).items).toEqual([]);
      expect(await client.keepAlive(lease)).toBe(false);
      await expect(client.revoke(lease)).rejects.toMatchObject({ code: 'etcd-refused' });
      const short = await client.grant(1);
      await put(`${prefix}b`, '', short);
      await expect
        .poll(async () => (await client.read(`${prefix}b`)).items, { timeout: 60_000 })
        .toEqual([]);
    });

    it('a watch tells what was and what comes, in order', async () => {
      const { client, put, prefix, signal } = await open();
      const { revision } = await client.read(prefix);
      await put(`${prefix}a`, '1');
      const told = client.watch(prefix, revision + 1, signal);
      const before = await next(told);
      await put(`${prefix}a`, '2');
      await put('/elsewhere', '');
      await client.transact({ compare: [], delete: [`${prefix}a`] });
      const news = [before, await next(told), await next(told)].flatMap((one) =>
        one !== undefined && 'events' in one
          ? one.events.map(({ value, isDeleted }) => [value, isDeleted])
          : [],
      );
      expect(news).toEqual([
        ['1', false],
        ['2', false],
        ['', true],
      ]);
    });

    it('a watch from a revision that is gone says so', async () => {
      const { etcd, client, put, prefix, signal } = await open();
      const { revision } = await client.read(prefix);
      await put(`${prefix}a`, '1');
      await put(`${prefix}a`, '2');
      await etcd.compact();
      expect(await next(client.watch(prefix, revision, signal))).toMatchObject({
        compacted: expect.any(Number),
      });
    });

    it('a watch ends with its signal, and with its client', async () => {
      const { client, prefix } = await open();
      const ending = new AbortController();
      const one = next(client.watch(prefix, 1_000_000, ending.signal));
      const other = next(client.watch(prefix, 1_000_000, new AbortController().signal));
      await sleep(50);
      ending.abort();
      expect(await one).toBeUndefined();
      client.close();
      expect(await other).toBeUndefined();
      await expect(client.read(prefix)).rejects.toMatchObject({ code: 'aborted' });
    });
  });
}

/** What it tells next; undefined: it has ended. */
async function next(watch: AsyncGenerator<WatchNews, void>): Promise<WatchNews | undefined> {
  const { value } = await watch.next();
  return value ?? undefined;
}
