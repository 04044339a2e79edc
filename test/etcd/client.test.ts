import { createServer, type RequestListener } from 'node:http';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { EtcdClient } from '../../src/etcd/client.ts';
import { NodedevError } from '../../src/errors.ts';
import { EtcdDouble, urlOf } from '../support/etcd-double.ts';
import { etcdContract } from './contract.ts';

const shared = EtcdDouble.start();
afterAll(async () => (await shared)[Symbol.asyncDispose]());
etcdContract('the double', () => shared);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function double(): Promise<EtcdDouble> {
  const started = await EtcdDouble.start();
  closing.push(() => started[Symbol.asyncDispose]());
  return started;
}

function client(endpoints: readonly string[], more: object = {}): EtcdClient {
  const made = new EtcdClient({ endpoints, timeout: 200, ...more });
  closing.push(() => {
    made.close();
  });
  return made;
}

/** A server that is something else. */
async function other(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return urlOf(server);
}

describe('several members', () => {
  it('a member that is not there, and one that does not answer, are left for the next', async () => {
    const [frozen, living] = [await double(), await double()];
    frozen.isFrozen = true;
    const three = client(['http://127.0.0.1:1', frozen.url, living.url]);
    await three.transact({ compare: [], put: [{ key: '/a', value: '1' }] });
    const asked: string[] = [];
    frozen.onRequest = (path) => asked.push(path);
    expect((await three.read('/a')).items).toHaveLength(1);
    expect(asked).toEqual([]);
  });

  it('none answers: each is named with its reason', async () => {
    const frozen = await double();
    frozen.isFrozen = true;
    const error = await errorOf(client(['http://127.0.0.1:1', frozen.url]).read('/a'));
    expect(error).toMatchObject({ code: 'etcd-unavailable' });
    expect(error.message).toMatch(/127\.0\.0\.1:1\/: .*ECONNREFUSED.*; .*: no answer in 0\.2 s/u);
  });

  it('a watch goes on after its link was cut, and when another call leaves its member', async () => {
    const etcd = await double();
    const one = client([etcd.url, etcd.url]);
    const ending = new AbortController();
    const told = one.watch('/w/', 1, ending.signal);
    const put = (value: string) => one.transact({ compare: [], put: [{ key: '/w/a', value }] });
    const values: string[] = [];
    const reading = (async () => {
      for await (const news of told) {
        if ('events' in news) values.push(...news.events.map(({ value }) => value));
      }
    })();
    await put('1');
    await expect.poll(() => values).toEqual(['1']);
    etcd.cut();
    await put('2');
    await expect.poll(() => values, { timeout: 60_000 }).toEqual(['1', '2']);
    etcd.isFrozen = true;
    const waiting = Promise.allSettled([one.read('/w/a'), put('3')]);
    await sleep(250);
    etcd.isFrozen = false;
    await waiting;
    await put('4');
    await expect.poll(() => values.at(-1), { timeout: 60_000 }).toBe('4');
    ending.abort();
    await reading;
  });
});

describe('what is not etcd', () => {
  const SHAPES: readonly (readonly [string, string])[] = [
    ['no JSON', '<html>'],
    ['another JSON', '[]'],
    ['no header', '{"kvs":[]}'],
    ['a revision that is no number', '{"header":{"revision":"-1"}}'],
    ['a revision as a number', '{"header":{"revision":5}}'],
    ['a key that is no text', '{"header":{},"kvs":[{"key":5}]}'],
  ];
  it.each(SHAPES)('%s', async (_, text) => {
    const url = await other((__, response) => response.end(text));
    const error = await errorOf(client([url]).read('/a'));
    expect(error).toMatchObject({ code: 'etcd-invalid', hint: expect.stringContaining('2379') });
  });

  it('an answer that does not end is not kept', async () => {
    const piece = 'x'.repeat(2 ** 20);
    const url = await other((_, response) => {
      const more = (): void => {
        while (response.write(piece));
        response.once('drain', more);
      };
      more();
    });
    const reading = client([url], { timeout: 60_000 }).read('/a');
    await expect(reading).rejects.toMatchObject({ code: 'etcd-invalid' });
  });

  it.each(['', 'etcd:2379', 'ftp://a', 'http://u:p@a:2379', 'http://a/path', 'http://a?x', '-x'])(
    'URL %o',
    (url) => {
      expect(() => new EtcdClient({ endpoints: [url] })).toThrow(
        expect.objectContaining({ code: 'request-invalid' }),
      );
    },
  );
});

it('keys that are no UTF-8 are passed by their bytes, so that the next page begins after them', async () => {
  const bytes = Buffer.from([0x2f, 0x61, 0xff]);
  const asked: string[] = [];
  const url = await other((request, response) => {
    void (async () => {
      let text = '';
      for await (const piece of request.setEncoding('utf8')) text += String(piece);
      const { key }: { key: string } = JSON.parse(text);
      asked.push(key);
      const kv = { key: bytes.toString('base64'), mod_revision: '1', version: '1' };
      const page = asked.length === 1 ? { kvs: [kv], more: true } : {};
      response.end(JSON.stringify({ header: { revision: '5' }, ...page }));
    })();
  });
  const { items } = await client([url]).read('/', { isPrefix: true });
  expect(items).toHaveLength(1);
  const next = Buffer.concat([bytes, Buffer.of(0)]).toString('base64');
  expect(asked).toEqual([Buffer.from('/').toString('base64'), next]);
});

describe('users', () => {
  it('a token is asked for once, sent, and asked for again when it has ended', async () => {
    let valid = 'one';
    const asked: string[] = [];
    const url = await other((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/v3/auth/authenticate') {
        response.end(JSON.stringify({ header: {}, token: valid }));
      } else if (request.headers.authorization === valid) {
        response.end('{"header":{"revision":"5"}}');
      } else {
        const message = 'etcdserver: invalid auth token';
        response.writeHead(401).end(JSON.stringify({ error: message, message, code: 16 }));
      }
    });
    const one = client([url], { user: { name: 'fleet', password: 'secret' } });
    await one.read('/a');
    await one.read('/a');
    valid = 'two';
    expect((await one.read('/a')).revision).toBe(5);
    const [auth, range] = ['/v3/auth/authenticate', '/v3/kv/range'];
    expect(asked).toEqual([auth, range, range, range, auth, range]);
  });

  it('a wrong password is a refusal that does not repeat it', async () => {
    const message = 'etcdserver: authentication failed, invalid user ID or password';
    const url = await other((_, response) => {
      response.writeHead(400).end(JSON.stringify({ error: message, message, code: 3 }));
    });
    const user = { name: 'fleet', password: 'secret' };
    const error = await errorOf(client([url], { user }).read('/a'));
    expect(error).toMatchObject({ code: 'etcd-refused' });
    expect(`${error.message} ${String(error.hint)}`).not.toContain('secret');
  });
});

async function errorOf(call: Promise<unknown>): Promise<NodedevError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof NodedevError) return error;
  throw new Error('it is not refused');
}
