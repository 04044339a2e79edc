import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EtcdClient } from '../../src/etcd/client.ts';
import { etcdContract } from '../etcd/contract.ts';
import { type Cluster, etcdProgram, startCluster, untilDone } from './etcd-cluster.ts';

// The client with the real etcd: the same tests as with the double, then what the double has not.

const program = etcdProgram();
let folder: string;
let cluster: Cluster | undefined;
beforeAll(async () => {
  folder = mkdtempSync('/dev/shm/virt-nodedev-etcd-');
  if (program !== undefined) cluster = await startCluster(program, folder, 1);
});
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const post = async (url: string, path: string, body: object): Promise<void> => {
  const response = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
};

const urlOf = (started: Cluster | undefined, scheme = 'http'): string =>
  `${scheme}://127.0.0.1:${started?.members[0]?.clientPort}`;

describe.skipIf(program === undefined)('with the real etcd', () => {
  etcdContract('the real one', async () => {
    const url = urlOf(cluster);
    const client = new EtcdClient({ endpoints: [url] });
    await untilDone(() => client.read('/a'));
    return {
      url,
      async compact() {
        const { revision } = await client.read('/a');
        await post(url, '/v3/kv/compaction', { revision: String(revision) });
        client.close();
      },
    };
  });

  it('TLS with certificates of both sides', async () => {
    const own = join(folder, 'tls');
    mkdirSync(own);
    const make = (...words: readonly string[]) =>
      execFileSync('openssl', words, { cwd: own, stdio: 'pipe' });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    make('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=ca');
    for (const name of ['server', 'client']) {
      const request = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', '/O=fleet'];
      make('req', ...key, ...request, '-addext', 'subjectAltName=IP:127.0.0.1');
      const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions'];
      make('x509', '-req', '-in', `${name}.csr`, ...signing, 'copy', '-out', `${name}.pem`);
    }
    const file = (name: string) => join(own, name);
    const text = (name: string) => readFileSync(file(name), 'utf8');
    const more = ['--client-cert-auth', '--trusted-ca-file', file('ca.pem')];
    more.push('--cert-file', file('server.pem'), '--key-file', file('server.key'));
    await using secure = await startCluster(program ?? '', own, 1, { scheme: 'https', more });
    const url = urlOf(secure, 'https');
    const tls = { ca: text('ca.pem'), cert: text('client.pem'), key: text('client.key') };
    const client = new EtcdClient({ endpoints: [url], tls });
    await untilDone(() => client.read('/a'));
    for (const bad of [undefined, { ca: tls.ca }, { cert: tls.cert, key: tls.key }]) {
      const other = new EtcdClient({ endpoints: [url], tls: bad });
      await expect(other.read('/a')).rejects.toMatchObject({ code: 'etcd-unavailable' });
      other.close();
    }
    client.close();
  });

  it('users with a role for the prefix', async () => {
    const own = join(folder, 'users');
    mkdirSync(own);
    await using guarded = await startCluster(program ?? '', own, 1);
    const url = urlOf(guarded);
    const open = new EtcdClient({ endpoints: [url] });
    await untilDone(() => open.read('/a'));
    const encoded = (key: string) => Buffer.from(key).toString('base64');
    const perm = { permType: 'READWRITE', key: encoded('/fleet/'), range_end: encoded('/fleet0') };
    await post(url, '/v3/auth/role/add', { name: 'fleet' });
    await post(url, '/v3/auth/role/grant', { name: 'fleet', perm });
    for (const name of ['root', 'fleet']) {
      await post(url, '/v3/auth/user/add', { name, password: 'secret' });
      await post(url, '/v3/auth/user/grant', { user: name, role: name });
    }
    await post(url, '/v3/auth/enable', {});
    await expect(open.read('/fleet/a')).rejects.toMatchObject({ code: 'etcd-refused' });
    const user = { name: 'fleet', password: 'secret' };
    const client = new EtcdClient({ endpoints: [url], user });
    const put = (key: string) => client.transact({ compare: [], put: [{ key, value: '1' }] });
    await put('/fleet/a');
    await expect(put('/other/a')).rejects.toMatchObject({
      code: 'etcd-refused',
      hint: expect.stringContaining('role'),
    });
    const told = client.watch('/fleet/', 1, new AbortController().signal);
    expect((await told.next()).value).toMatchObject({ events: [{ value: '1' }] });
    const wrong = new EtcdClient({ endpoints: [url], user: { ...user, password: 'x' } });
    await expect(wrong.read('/fleet/a')).rejects.toMatchObject({ code: 'etcd-refused' });
    for (const each of [open, client, wrong]) each.close();
  });
});
