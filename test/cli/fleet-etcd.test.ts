import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EtcdClient } from '../../src/etcd/client.ts';
import { connect } from '../../src/index.ts';
import { EtcdDouble } from '../support/etcd-double.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { run, type RunOptions, type RunResult } from './run.ts';

const WAIT = { timeout: 60_000 };
const HOST = '/virt-nodedev/v1/hosts/gpu1';

let etcd: EtcdDouble;
let agent: Promise<RunResult> | undefined;
let ending: AbortController;

beforeEach(async () => {
  etcd = await EtcdDouble.start();
  ending = new AbortController();
  agent = undefined;
});
afterEach(async () => {
  ending.abort();
  await agent;
  await etcd[Symbol.asyncDispose]();
});

const command = (line: string, options: RunOptions = {}): Promise<RunResult> =>
  run([...line.split(' '), '--etcd', etcd.url], {
    connect,
    env: { VIRT_NODEDEV_URI: 'test:///nvidia-m60' },
    ...options,
  });

/** Starts an agent, and waits until its host can be seen. */
async function serve(): Promise<void> {
  agent = command('agent --name gpu1 --label m60 --label rack-a', { interruption: ending.signal });
  await expect.poll(() => etcd.values.has(`${HOST}/inventory`), WAIT).toBe(true);
}

async function put(key: string, value: string): Promise<void> {
  const client = new EtcdClient({ endpoints: [etcd.url] });
  await client.transact({ compare: [], put: [{ key, value }] });
  client.close();
}

async function answer(line: string): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await command(`${line} --json`);
  const value: Record<string, unknown> = JSON.parse(stdout === '' ? stderr : stdout);
  return value;
}

it('an agent, and the life of a reservation', async () => {
  await serve();
  expect(await answer('fleet status')).toMatchObject({
    hosts: [{ name: 'gpu1', alive: true, devices: 0, reservations: [], problems: [] }],
  });
  expect(await answer('fleet reserve vm1=nvidia-18*2 vm1=nvidia-18 vm2=nvidia-18')).toMatchObject({
    changed: true,
    reservations: [
      { host: 'gpu1', state: 'reserved', domain: { name: 'vm1' }, devices: { length: 3 } },
      { domain: { name: 'vm2' } },
    ],
  });
  expect(await answer('fleet apply vm1')).toMatchObject({ reservations: [{ state: 'wanted' }] });
  await expect
    .poll(async () => (await answer('fleet status'))['hosts'], WAIT)
    .toMatchObject([{ devices: 3 }]);
  const { stdout } = await command('fleet status');
  expect(stdout).toMatch(/gpu1 +alive +3 +2 +m60, rack-a\n/u);
  expect(stdout).toMatch(/vm1 +gpu1 +wanted +\S+ +pci_0000_8[67]_00_0 +nvidia-18\n/u);
  expect(await answer('fleet release vm1 vm2')).toMatchObject({
    reservations: [{ state: 'released' }, { state: 'released' }],
  });
  await expect
    .poll(async () => (await answer('fleet status'))['hosts'], WAIT)
    .toMatchObject([{ devices: 0, reservations: [] }]);
  ending.abort();
  const { code, stderr } = (await agent) ?? {};
  expect({ code, stderr }).toEqual({ code: 0, stderr: "Serving host 'gpu1' until interrupted\n" });
  const [host] = [(await answer('fleet status'))['hosts']].flat();
  expect(host).toMatchObject({ alive: false });
});

it('a dry run says what would be written and where, and etcd does not change', async () => {
  await serve();
  const stop = async (): Promise<void> => {
    ending.abort();
    await agent;
  };
  const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gu;
  const told = (value: object): unknown => {
    const { dryRun: _, ...rest } = { dryRun: undefined, ...value };
    return JSON.parse(JSON.stringify(rest).replace(uuid, 'UUID'));
  };
  /** With --dry-run first, then in earnest: both say the same. */
  const both = async (line: string, changed: boolean): Promise<void> => {
    const before = etcd.revision;
    const text = await command(`${line} --dry-run`);
    const would = await answer(`${line} --dry-run`);
    expect(etcd.revision).toBe(before);
    expect(would).toMatchObject({ dryRun: true });
    const done = await answer(line);
    expect(done).toMatchObject({ changed });
    expect(etcd.revision > before).toBe(changed);
    expect(told(would)).toEqual(told(done));
    expect(text.stdout).toMatch(/^dry run: nothing is written; this would be:\n/u);
    expect(text.stdout).toContain('gpu1');
  };
  await both('fleet reserve vm1=nvidia-18*2 vm2=nvidia-22', true);
  await both('fleet release vm2', true);
  // Nothing but these commands writes from here on, so that revisions can be compared.
  await stop();
  await both('fleet apply vm1', true);
  await both('fleet apply vm1', false);
  await both('fleet release vm1', true);
  await both('fleet release vm1', false);
  await both('fleet release vm1 --forget', true);
});

it('a dry run fails as in earnest', async () => {
  await serve();
  await command('fleet reserve vm1=nvidia-22');
  for (const line of [
    'fleet reserve vm1=nvidia-22',
    'fleet reserve vm2=nvidia-22 vm3=nvidia-22',
    'fleet reserve vm2=nvidia-22 --host rack-b',
    'fleet apply vm2',
    'fleet release vm2',
    'fleet release vm1 --forget',
  ]) {
    const before = etcd.revision;
    const would = await command(`${line} --dry-run`);
    expect(etcd.revision).toBe(before);
    expect(would.code).toBe(1);
    const done = await command(line);
    const errors = ({ stderr }: RunResult) => stderr.replaceAll(/^.*released again\n/gmu, '');
    expect(errors(would)).toBe(errors(done));
  }
});

it('a host is chosen by its name or a label', async () => {
  await serve();
  const { stderr } = await command('fleet reserve vm1=nvidia-18 --host rack-b');
  expect(stderr).toContain('rack-b: no host has this name or label');
  for (const [index, word] of ['rack-a', 'gpu1'].entries()) {
    expect(await answer(`fleet reserve vm${index}=nvidia-18 --host ${word}`)).toMatchObject({
      reservations: [{ host: 'gpu1' }],
    });
  }
  expect((await command('agent --name gpu2 --label a/b')).stderr).toContain(
    "'a/b' cannot be the name of a label",
  );
});

describe('refusals', () => {
  it.each([
    ['fleet apply vm1', 1, "error: the domain 'vm1' has no reservation"],
    ['fleet release vm1', 1, "error: the domain 'vm1' has no reservation"],
    ['fleet reserve vm1=nvidia-18', 1, 'error: no host has room'],
    ['fleet reserve vm1=nvidia-18 vm1=nvidia-11', 1, 'error: no host has room'],
    ['-r fleet reserve vm1=nvidia-18', 1, 'error: operation forbidden: read only access'],
    ['-r fleet apply vm1', 1, 'error: operation forbidden: read only access'],
    ['-r fleet release vm1', 1, 'error: operation forbidden: read only access'],
    ['fleet reserve vm1', 2, "error: 'vm1' is not DOMAIN=TYPE"],
    ['fleet reserve =x', 2, "error: '=x' is not DOMAIN=TYPE"],
    ['fleet reserve a/b=nvidia-18', 1, "error: 'a/b' cannot be the name of a domain"],
    ['agent --name ../x', 1, "error: '../x' cannot be the name of a host"],
    ['fleet status --etcd-user x', 2, 'error: the password of --etcd-user is not in VIRT'],
    ['fleet status --etcd-ca nowhere.pem', 1, 'error: '],
  ])('%s', async (line, code, message) => {
    const result = await command(line);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(message);
  });

  it('a password is sent, and never shown', async () => {
    const { code, stderr } = await command('fleet status --etcd-user x', {
      env: { VIRT_NODEDEV_ETCD_PASSWORD: 'secret' },
    });
    expect(code).toBe(1);
    expect(stderr).not.toContain('secret');
  });

  it('certificates are read', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'bad.pem'), 'no certificate');
    const bad = join(folder, 'bad.pem');
    const { code } = await command(`fleet status --etcd-cert ${bad} --etcd-key ${bad}`);
    // Over http they are not needed.
    expect(code).toBe(0);
  });
});

it('what etcd says reaches no terminal', async () => {
  await serve();
  const hostile = '\u001b]0;a\u0007\nerror: forged\u009b1m\u202e\u2028';
  const problem = { domain: hostile, code: hostile, message: hostile, hint: hostile };
  ending.abort();
  await agent;
  await put(`${HOST}/report`, JSON.stringify({ version: 1, session: '', problems: [problem] }));
  await put(`${HOST}/desired/${hostile}`, hostile);
  await put(`/virt-nodedev/v1/hosts/${hostile}/inventory`, hostile);
  await put('/virt-nodedev/v1/reservations/vm1', JSON.stringify({ version: 1, host: hostile }));
  for (const line of [
    'fleet status',
    'fleet status --json',
    'fleet apply vm1',
    'fleet reserve vm1=x',
  ]) {
    const { stdout, stderr } = await command(line);
    const lines = `${stdout}${stderr}`.split('\n');
    expect(
      lines.filter((each) => /[\p{Cc}\p{Bidi_Control}\p{Zl}]|^error: forged/u.test(each)),
    ).toEqual([]);
  }
  const { stdout } = await command('fleet status');
  expect(stdout).toContain('forged');
});
